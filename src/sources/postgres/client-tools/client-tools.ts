import { readdirSync } from 'node:fs'
import { access, constants, realpath } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../../../errors.ts'
import { childEnvironment, runTool } from '../../../system/process.ts'

/** One installed set of PostgreSQL client tools. Paths are absolute; `version` is such as `15.18` or `18beta1`. */
export interface ClientTools {
  readonly version: string
  readonly major: number
  readonly pgDump: string
  readonly pgDumpall: string
}

/** Packages of Debian and of the PGDG for Red Hat keep each major in a folder of its own. */
const ROOTS = [
  { folder: '/usr/lib/postgresql', pattern: /^\d+$/ },
  { folder: '/usr', pattern: /^pgsql-\d+$/ },
]

const asked = new Map<string, Promise<ClientTools | null>>()

/** All client tools of this machine: the versioned folders of the packages, then PATH. Each path is asked once for its version. */
export async function findClientTools(
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly ClientTools[]> {
  const found = await Promise.all(toolFolders(env).map(folder => toolsIn(folder, env, signal)))
  return found.filter(tools => tools !== null)
}

/** Every folder in which programs of PostgreSQL may lie: the versioned ones of the packages, then PATH. */
export function toolFolders(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const fromPath = (env.PATH ?? '').split(':').filter(folder => path.isAbsolute(folder))
  return [...new Set([...ROOTS.flatMap(packageFolders), ...fromPath])]
}

/**
 * The tools for a server: those of its own major, else of the oldest newer one (`newer`: settings that the server does
 * not know may stand in the dump). pg_dump refuses a server newer than itself. Throws OperatorError('tools').
 */
export function chooseClientTools(
  tools: readonly ClientTools[],
  serverMajor: number,
): { readonly tools: ClientTools; readonly newer: boolean } {
  const usable = tools.filter(candidate => candidate.major >= serverMajor)
  const best = usable.toSorted((a, b) => a.major - b.major || compareMinor(b, a))[0]
  if (best !== undefined) return { tools: best, newer: best.major > serverMajor }
  const installed = tools.length === 0 ? 'none' : tools.map(candidate => candidate.version).join(', ')
  throw new OperatorError('tools', `pg_dump: ${installed} installed; expected version ${serverMajor} or newer`, {
    hint: `install postgresql-client-${serverMajor}`,
  })
}

function compareMinor(a: ClientTools, b: ClientTools): number {
  return Number(a.version.split('.')[1] ?? 0) - Number(b.version.split('.')[1] ?? 0)
}

function packageFolders(root: (typeof ROOTS)[number]): string[] {
  try {
    const names = readdirSync(root.folder).filter(name => root.pattern.test(name))
    return names.map(name => path.join(root.folder, name, 'bin'))
  } catch {
    return []
  }
}

async function toolsIn(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ClientTools | null> {
  const known = asked.get(folder)
  if (known !== undefined) return await known
  const answer = askVersion(folder, env, signal)
  asked.set(folder, answer)
  // A folder that could not be asked may be asked again: a package can be installed meanwhile.
  answer.then(
    tools => tools ?? asked.delete(folder),
    () => asked.delete(folder),
  )
  return await answer
}

async function askVersion(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ClientTools | null> {
  const pgDump = path.join(folder, 'pg_dump')
  const pgDumpall = path.join(folder, 'pg_dumpall')
  if (!(await isExecutable(pgDump)) || !(await isExecutable(pgDumpall))) return null
  // Debian's wrapper in /usr/bin only starts one of the packaged tools, and takes longer for it than they do.
  if (path.basename(await realpath(pgDump)) === 'pg_wrapper') return null
  const tool = { command: pgDump, args: ['--version'], env: { ...childEnvironment(env), LC_ALL: 'C.UTF-8' } }
  const result = await runTool(tool, { timeoutMs: 10_000 }, signal)
  const version = /^pg_dump \(PostgreSQL\) ((\d+)\S*)/.exec(result.stdout)
  if (result.code !== 0 || version?.[1] === undefined) return null
  return { version: version[1], major: Number(version[2]), pgDump, pgDumpall }
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
