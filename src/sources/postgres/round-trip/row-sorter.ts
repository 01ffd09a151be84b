import { createHash } from 'node:crypto'
import { OperatorError } from '../../../errors.ts'
import { type RunningTool, startTool } from '../../../system/process.ts'
import { findProgram } from '../../../system/program-path.ts'
import { CappedLines } from './capped-lines.ts'

/** What `sort` may hold in memory; the rest goes to temporary files. */
const MEMORY = '64M'

export interface SortOptions {
  /** Its PATH is where `sort` (coreutils) is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** For sort's temporary files, at most as many bytes as the rows have. */
  readonly folder: string
}

/** Takes the rows of one table, in any order and any pieces, and digests them as a multiset, in bounded memory. */
export interface RowSorter extends AsyncDisposable {
  /** Rows as COPY writes them, each with its newline. The bytes may be used again when it has resolved. */
  write(rows: Buffer): Promise<void>
  /** The SHA-256 (hexadecimal) of the rows in the order of their bytes. */
  end(): Promise<string>
}

/**
 * Starts a sorter. Everything of it throws an OperatorError: `tools` when there is no `sort`, `space` when it fails, which
 * is nearly always its folder; or the signal's reason. Disposing of it stops the program, which removes its files.
 */
export async function startRowSorter(options: SortOptions, signal: AbortSignal): Promise<RowSorter> {
  signal.throwIfAborted()
  const command = await findProgram('sort', options.env.PATH ?? '')
  if (command === null) {
    throw new OperatorError('tools', 'sort: not found in the PATH; expected the one of coreutils')
  }
  const args = [`--buffer-size=${MEMORY}`, `--temporary-directory=${options.folder}`]
  const tool = startTool({ command, args, env: { LC_ALL: 'C' } }, { stdin: 'pipe', stdout: 'pipe' }, signal)
  return sorterOf(tool, options.folder, signal)
}

function sorterOf(tool: RunningTool, folder: string, signal: AbortSignal): RowSorter {
  const lines = new CappedLines()
  const digest = digestOf(tool)
  // Both are awaited in `end`; a failure until then must not count as unhandled.
  digest.catch(() => {})
  tool.stdin?.on('error', () => {})
  const fail = async (): Promise<never> => {
    const exit = await tool.exit
    signal.throwIfAborted()
    throw new OperatorError('space', `sort: it ended with ${exit.signal ?? exit.code} in ${folder}; expected 0`, {
      hint: 'is there space for the rows of the largest table?',
      logOnly: exit.stderr,
    })
  }
  return {
    async write(rows) {
      for (const piece of lines.write(rows)) if (!(await written(tool, piece))) await fail()
    },
    async end() {
      tool.stdin?.end()
      const sha256 = await digest.catch(() => fail())
      const { code } = await tool.exit
      return code === 0 ? sha256 : await fail()
    },
    async [Symbol.asyncDispose]() {
      tool.stop()
      await Promise.allSettled([tool.exit, digest])
    },
  }
}

async function digestOf(tool: RunningTool): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of (tool.stdout ?? []) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}

/** False when the program takes no more. */
async function written({ stdin }: RunningTool, bytes: Buffer): Promise<boolean> {
  if (stdin === null || stdin.destroyed) return false
  return await new Promise(resolve => {
    const closed = (): void => resolve(false)
    stdin.once('close', closed)
    stdin.write(bytes, error => {
      stdin.off('close', closed)
      resolve(error === null || error === undefined)
    })
  })
}
