import type { Configuration } from '../../../config/configuration.ts'
import { OperatorError } from '../../../errors.ts'
import type { KeptDatabase } from '../../../events.ts'
import { isoWithOffset } from '../../../system/time-zone.ts'
import type { Connection } from '../connection/connection.ts'
import { dropStatement } from '../sql/quote.ts'
import { keptNamesOf, keptSince } from './companion-names.ts'
import { measureName } from './measured-name.ts'

/** A database that has the name under which a restore keeps what was live before. */
export interface FoundKept {
  readonly name: string
  /** Null where this role may not ask, or the server did not say. */
  readonly bytes: number | null
  readonly isTemplate: boolean
}

interface Row {
  readonly name: string
  readonly template: boolean
}

const DATABASES = 'SELECT d.datname AS name, d.datistemplate AS template FROM pg_catalog.pg_database d'

const SIZE = `
SELECT CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
  THEN pg_catalog.pg_database_size(d.oid) END AS size
FROM pg_catalog.pg_database d WHERE d.datname = $1`

/**
 * What restores into this database have kept beside it; any role may ask. Null where the server does not say: nobody's
 * backup fails of this. Rejects only where the connection is lost.
 */
export async function readKept(connection: Connection, database: string): Promise<readonly FoundKept[] | null> {
  return await unlessRefused(async () => {
    const rows = await connection.query<Row>(DATABASES)
    const names = rows.map(({ name }) => name)
    if (!names.some(name => name.includes('_before_'))) return []
    const kept = new Set(keptNamesOf(await measureName(connection, database), names))
    const found: FoundKept[] = []
    for (const { name, template } of rows.filter(row => kept.has(row.name)))
      found.push({ name, bytes: await unlessRefused(() => sizeOf(connection, name)), isTemplate: template })
    return found
  })
}

async function sizeOf(connection: Connection, name: string): Promise<number | null> {
  const [row] = await connection.query<{ size: string | null }>(SIZE, [name])
  return row?.size == null ? null : Number(row.size)
}

async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof OperatorError && error.kind !== 'connection') return null
    throw error
  }
}

type Known = Pick<Configuration, 'databases' | 'settings'>

/** For people: those that no line of the configuration asks for, the oldest first, with the statement that drops each. */
export function keptDatabases(found: readonly FoundKept[], known: Known): readonly KeptDatabase[] {
  const { timeZone } = known.settings
  const kept = found.flatMap(({ name, bytes, isTemplate }) => {
    const since = keptSince(name, timeZone)
    if (since === null || isConfigured(name, known)) return []
    return [{ name, bytes, since: isoWithOffset(since, timeZone), dropWith: dropStatement(name, { isTemplate }) }]
  })
  return kept.toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since))
}

/**
 * What of a record may still be shown. It comes from a file on the volume, and people copy the statement: it has to be the
 * one for that name, the name one that restores give, and no line of the configuration may have come to ask for it.
 */
export function keptAsRecorded(record: unknown, known: Known): readonly KeptDatabase[] {
  if (!Array.isArray(record)) return []
  return record.filter(isKept).filter(({ name, dropWith }) => {
    const statements = [true, false].map(isTemplate => dropStatement(name, { isTemplate }))
    return statements.includes(dropWith) && keptSince(name, 'UTC') !== null && !isConfigured(name, known)
  })
}

function isKept(value: unknown): value is KeptDatabase {
  const { name, bytes, since, dropWith } = (value ?? {}) as Partial<Record<keyof KeptDatabase, unknown>>
  const isSize = bytes === null || typeof bytes === 'number'
  const isInstant = typeof since === 'string' && !Number.isNaN(Date.parse(since))
  return typeof name === 'string' && typeof dropWith === 'string' && isSize && isInstant
}

/** On whatever host: one server can have several names. */
function isConfigured(name: string, { databases }: Known): boolean {
  return databases.some(({ database }) => database === name)
}
