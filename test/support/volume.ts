import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { PostgresManifest } from '../../src/sources/postgres/content.ts'

/** A backup folder of its own for one test, removed after it. */
export function temporaryVolume(): string {
  const path = mkdtempSync(join(tmpdir(), 'volume-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export interface ArchiveSpec {
  readonly manifest?: false | Partial<PostgresManifest> | string
  /** Of the database's server, 5432 by default. */
  readonly port?: number
  readonly bytes?: number
  /** It counts no tables, so that a later backup lacks nothing of it: what it lacks is an alarm, which keeps it. */
  readonly empty?: true
  readonly modified?: Date
}

/** Puts an archive at a path below the volume, with a manifest that fits it unless told otherwise. Returns its full path. */
export function putArchive(volume: string, path: string, spec: ArchiveSpec = {}): string {
  const full = join(volume, path)
  const bytes = spec.bytes ?? 100
  putFile(volume, path, 'x'.repeat(bytes))
  if (spec.modified !== undefined) utimesSync(full, spec.modified, spec.modified)
  if (typeof spec.manifest === 'string') putFile(volume, `${path}.json`, spec.manifest)
  else if (spec.manifest !== false) {
    const fitting = manifestOf(path.split('/').at(-1) ?? '', bytes)
    const database = { ...fitting.database, port: spec.port ?? fitting.database.port }
    const held = spec.empty ? { fingerprint: { ...fitting.fingerprint, tables: [] } } : {}
    const manifest = { ...fitting, database, ...held, ...spec.manifest }
    putFile(volume, `${path}.json`, JSON.stringify(manifest))
  }
  return full
}

export function putFile(volume: string, path: string, text = ''): void {
  mkdirSync(join(volume, path, '..'), { recursive: true })
  writeFileSync(join(volume, path), text)
}

/** Every file below the volume that is not in `.backup`, sorted. */
export function filesOf(volume: string): string[] {
  return readdirSync(volume, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(volume.length + 1))
    .filter(path => !path.startsWith('.backup/'))
    .sort()
}

/** A whole manifest of an archive whose name is local to UTC-7, of the database behind the last `-` of its stem. */
export function manifestOf(archive: string, storedBytes = 100): PostgresManifest {
  const [, date = '2026-11-20', time = '01-00-00'] = /_(\d{4}-\d\d-\d\d)_(\d\d-\d\d-\d\d)\.sql\.gz$/.exec(archive) ?? []
  const [, host = 'wallet-db', name = 'tob'] = /^(.+)-([^-]+?)_\d{4}-\d\d-\d\d_/.exec(archive) ?? []
  const startedAt = `${date}T${time.replaceAll('-', ':')}-07:00`
  return {
    schemaVersion: 1,
    archive,
    tier: 'daily',
    startedAt,
    finishedAt: startedAt,
    database: {
      host,
      port: 5432,
      name,
      owner: 'tob_app',
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      ctype: 'C.UTF-8',
      settings: [{ role: null, name: 'work_mem', value: '7MB' }],
      acl: [],
      comment: null,
      connectionLimit: -1,
      tablespaces: [],
      extensions: [{ name: 'citext', version: '1.6' }],
      sizeBytes: 975_000_000,
    },
    server: { version: '15.18' },
    tools: { backupContainer: '0.1.0', pgDump: '15.18', compressor: 'igzip' },
    rawBytes: 1000,
    storedBytes,
    sha256: 'ab',
    parts: partsOf(storedBytes),
    omitted: [],
    notes: [],
    fingerprint: {
      version: 1,
      session: { timeZone: 'UTC', clientEncoding: 'UTF8' },
      statements: { count: 412, sha256: 'ab' },
      sequences: { count: 9, sha256: 'ab' },
      largeObjects: { count: 0, sha256: 'ab' },
      tables: [{ name: 'shop.customer', columns: ['id', 'name'], rows: 20_000, sha256: 'ab' }],
    },
    copies: [],
    verifications: [],
  }
}

/** The three parts of an archive of that size: roles and database take ten bytes each, where there are so many. */
function partsOf(storedBytes: number): PostgresManifest['parts'] {
  const short = Math.min(10, Math.floor(storedBytes / 3))
  return [
    { part: 'roles', offset: 0, bytes: short, status: 'complete' },
    { part: 'dump', offset: short, bytes: storedBytes - 2 * short, status: 'complete' },
    { part: 'database', offset: storedBytes - short, bytes: short, status: 'complete' },
  ]
}
