import { findProgram } from '../system/program-path.ts'
import { type FileRange, openRange } from './file-range.ts'
import { inflate } from './inflate.ts'
import { inflateByChild } from './inflate-by-child.ts'

/** Something that reads gzip: a program where one is installed, else Node's own zlib. */
export interface Decompressor {
  readonly name: 'igzip' | 'pigz' | 'zlib'
  /**
   * The text of a range of gzip members, in bounded memory, to be read once; `what` names the range in messages. Throws an
   * OperatorError: `incomplete` when the range is empty, damaged, cut or followed by anything that is no gzip member,
   * `volume` when it can't be read; after an abort the signal's reason. Leaving it early releases everything.
   */
  text(range: FileRange, what: string, signal: AbortSignal): AsyncGenerator<Buffer>
}

const PROGRAMS = ['igzip', 'pigz'] as const

/** The fastest decompressor on the PATH of `env`. */
export async function findDecompressor(env: Readonly<Record<string, string | undefined>>): Promise<Decompressor> {
  for (const name of PROGRAMS) {
    const command = await findProgram(name, env.PATH ?? '')
    if (command === null) continue
    const tool = { command, args: ['-d', '-c'], env: {} }
    return {
      name,
      async *text(range, what, signal) {
        signal.throwIfAborted()
        await using open = await openRange(range)
        yield* inflateByChild(tool, { ...open, what }, signal)
      },
    }
  }
  return { name: 'zlib', text: textByZlib }
}

/** `Decompressor.text` without a child process, for short parts. */
export async function* textByZlib(range: FileRange, what: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  signal.throwIfAborted()
  await using open = await openRange(range)
  yield* inflate(open, { path: range.path, what }, signal)
}
