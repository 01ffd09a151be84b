import path from 'node:path'
import { OperatorError } from '../../../errors.ts'
import { childEnvironment, runTool } from '../../../system/process.ts'
import { findProgram } from '../../../system/program-path.ts'
import { toolFolders } from '../client-tools/client-tools.ts'

/** One installed PostgreSQL server. Paths are absolute; `version` is such as `15.18` or `18beta1`. */
export interface ServerBinaries {
  readonly version: string
  readonly major: number
  readonly initdb: string
  readonly postgres: string
}

/** All servers of this machine: the versioned folders of the packages, then PATH. */
export async function findServerBinaries(
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly ServerBinaries[]> {
  const found = await Promise.all(toolFolders(env).map(folder => binariesIn(folder, env, signal)))
  return found.filter(binaries => binaries !== null)
}

/**
 * The server for an archive: of the major that it was dumped from, else the oldest newer one. An older one can't load
 * what a newer one wrote. Throws OperatorError('tools') that names the package.
 */
export function chooseServerBinaries(binaries: readonly ServerBinaries[], sourceMajor: number): ServerBinaries {
  const usable = binaries.filter(candidate => candidate.major >= sourceMajor)
  const best = usable.toSorted((a, b) => a.major - b.major || minorOf(b) - minorOf(a))[0]
  if (best !== undefined) return best
  const installed = binaries.length === 0 ? 'none' : binaries.map(candidate => candidate.version).join(', ')
  const message = `PostgreSQL server: ${installed} installed; expected version ${sourceMajor} or newer to load the archive into`
  throw new OperatorError('tools', message, { hint: `install postgresql-${sourceMajor}` })
}

function minorOf(binaries: ServerBinaries): number {
  return Number(binaries.version.split('.')[1] ?? 0)
}

async function binariesIn(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ServerBinaries | null> {
  const initdb = await findProgram('initdb', folder)
  const postgres = await findProgram('postgres', folder)
  if (initdb === null || postgres === null) return null
  const tool = { command: postgres, args: ['--version'], env: { ...childEnvironment(env), LC_ALL: 'C' } }
  const result = await runTool(tool, { timeoutMs: 10_000 }, signal)
  const version = /^postgres \(PostgreSQL\) ((\d+)\S*)/.exec(result.stdout)
  if (result.code !== 0 || version?.[1] === undefined) return null
  return {
    version: version[1],
    major: Number(version[2]),
    initdb: path.resolve(initdb),
    postgres: path.resolve(postgres),
  }
}
