import type { DatabaseSpec } from './database-spec.ts'
import { targetName } from './database-target.ts'

export const SOURCE_KINDS = ['postgres'] as const

/** What can be backed up. A line of `backup.conf` decides it, or a manifest; never the name of a file. */
export type SourceKind = (typeof SOURCE_KINDS)[number]

/** What all stages know a source by. */
export interface SourceId {
  readonly kind: SourceKind
  /** `host[:port]/database`, for people. */
  readonly name: string
  /** The fixed part of its archives' names. */
  readonly stem: string
  /** The host: so many of one lane are taken side by side as BACKUP_CONCURRENCY_PER_HOST says. */
  readonly lane: string
}

/** A database as a line, the environment or a SPEC names it, and its id. */
export interface NamedDatabase extends DatabaseSpec {
  readonly id: SourceId
}

/** Of a database, wherever it is named: all ids of PostgreSQL are from here. */
export function databaseId(spec: DatabaseSpec): SourceId {
  return { kind: 'postgres', name: targetName(spec), stem: stemOf(spec), lane: spec.host }
}

/** A database as a manifest records it. */
interface RecordedDatabase {
  readonly host: string
  readonly port: number
  readonly name: string
}

/** The name in the id of the database that a manifest records. */
export function recordedName(recorded: RecordedDatabase): string {
  return targetName({ ...recorded, database: recorded.name })
}

/** The database that a manifest records. */
export function recordedDatabase({ host, port, name }: RecordedDatabase): NamedDatabase {
  const spec = { host, port, database: name }
  return { ...spec, id: databaseId(spec) }
}

/** Whether archives of this stem may be of a database of this name, on a host whose name is not known. */
export function mayBeStemOf(stem: string, database: string): boolean {
  const end = `-${encodeHalf(database)}`
  return stem.endsWith(end) && stem.length > end.length
}

/**
 * One safe path segment whatever the database is called: in each half every byte outside `A–Z a–z 0–9 . _ -`, and a
 * leading `.` or `-`, is `%XX`. Who knows the host can read the database back.
 */
function stemOf({ host, database }: DatabaseSpec): string {
  return `${encodeHalf(host)}-${encodeHalf(database)}`
}

function encodeHalf(text: string): string {
  const encoded = [...Buffer.from(text, 'utf8')].map(byte => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9._-]/.test(character) ? character : percent(byte)
  })
  const first = encoded[0]
  return first === '.' || first === '-' ? percent(first.charCodeAt(0)) + encoded.slice(1).join('') : encoded.join('')
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
