import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { parseManifest } from '../../src/catalog/manifest.ts'
import { type PostgresManifest, postgresManifest } from '../../src/sources/postgres/content.ts'
import { type BackupFolder, runBackup } from './backup-program.ts'
import type { PostgresServer } from './postgres-server.ts'
import { filesOf } from './volume.ts'

/** The archives under a final name below a volume: their full paths, sorted. */
export function archivesIn(volume: string): readonly string[] {
  return filesOf(volume)
    .filter(path => path.endsWith('.sql.gz'))
    .map(path => join(volume, path))
}

export function manifestBeside(archive: string): PostgresManifest {
  const manifest = parseManifest(readFileSync(`${archive}.json`, 'utf8'))
  const whole = typeof manifest === 'string' ? null : postgresManifest(manifest)
  if (whole === null) throw new Error(`${manifest}`)
  return whole
}

/** The text of a small archive, or of one part of it; bytes as Latin-1 characters. */
export function archiveText(archive: string, part?: 'roles' | 'dump' | 'database'): string {
  const bytes = readFileSync(archive)
  const place = part === undefined ? undefined : manifestBeside(archive).parts.find(each => each.part === part)
  const piece = place === undefined ? bytes : bytes.subarray(place.offset, place.offset + place.bytes)
  return gunzipSync(piece).toString('latin1')
}

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/**
 * What the README promises, word for word: `gunzip -c FILE | psql -X -v ON_ERROR_STOP=1`, in the environment given.
 * Resolves with what psql printed to stderr; rejects when either of the two fails.
 */
export async function restoreWithPsql(archive: string, psql: string, env: Record<string, string>): Promise<string> {
  const script = 'set -o pipefail; gunzip -c "$1" | "$2" -X -v ON_ERROR_STOP=1 >/dev/null'
  const { stderr } = await promisify(execFile)(
    'bash',
    ['--noprofile', '--norc', '-c', script, 'restore', archive, psql],
    {
      env,
      maxBuffer: 1e8,
    },
  )
  return stderr
}

/** Runs `backup -1` for one database with the real program; throws unless it succeeds. Returns the archive's full path. */
export async function takeBackup(
  server: PostgresServer,
  folder: BackupFolder,
  given: { readonly database: string; readonly user?: { readonly name: string; readonly password: string } },
): Promise<string> {
  folder.writeConf(`127.0.0.1:${server.port}/${encodeURIComponent(given.database)}`)
  const env = backupEnvironment(server, folder, given.user)
  const result = await runBackup(['-1', '--json'], { conf: folder.conf, env })
  if (result.code !== 0)
    throw new Error(`backup -1: exit code ${result.code}; expected 0\n${result.stdout}${result.stderr}`)
  const { databases } = JSON.parse(result.stdout) as { readonly databases: readonly { readonly archive: string }[] }
  return join(folder.volume, databases[0]?.archive ?? '')
}

/** The environment of a program that backs up databases of this server, as the superuser unless a user is given. */
export function backupEnvironment(
  server: PostgresServer,
  folder: BackupFolder,
  user: { readonly name: string; readonly password: string } = { name: server.superuser, password: server.password },
): Record<string, string> {
  return {
    DATABASE_USER: user.name,
    DATABASE_PASSWORD: user.password,
    BACKUP_DIR: folder.volume,
    TZ: 'America/Vancouver',
  }
}

/**
 * Throws unless an archive is whole: gunzip reads it to its end, all three parts and the dump's trailer are in it, and its
 * manifest, where it has one, says its size and hash. Small archives only.
 */
export function assertWholeArchive(archive: string): void {
  const text = archiveText(archive)
  for (const line of [
    '-- End of the roles part',
    '-- PostgreSQL database dump complete',
    '-- End of the database part',
  ]) {
    if (!text.includes(`\n${line}\n`)) throw new Error(`${archive}: no line "${line}"; expected a whole archive`)
  }
  if (!existsSync(`${archive}.json`)) return
  const { storedBytes, sha256 } = manifestBeside(archive)
  if (statSync(archive).size === storedBytes && sha256Of(archive) === sha256) return
  throw new Error(`${archive}: another size or hash than its manifest says; expected the same`)
}
