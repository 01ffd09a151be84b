import type { Connection } from '../connection/connection.ts'
import { copyableIdentifier } from '../sql/quote.ts'
import type { NumberedDatabase } from './swap-state.ts'

/** The databases of a swap, as they were when it was planned. */
export interface SwappedNames {
  readonly side: NumberedDatabase
  /** The database that is live now; null if there is none of that name. */
  readonly live: NumberedDatabase | null
  readonly finalName: string
}

/** What they are called now; null: it is gone. */
export interface NamesFound {
  readonly side: string | null
  readonly live: string | null
  /** Whose the final name is. */
  readonly holder: 'side' | 'live' | 'stranger' | null
  /** Every name on the server. */
  readonly all: ReadonlySet<string>
}

/** Asks for them in a session on another database. */
export async function findNames(connection: Connection, { side, live, finalName }: SwappedNames): Promise<NamesFound> {
  const rows = await connection.query<{ oid: number; name: string }>(
    'SELECT oid, datname AS name FROM pg_catalog.pg_database',
  )
  const nameOf = (oid: number | undefined): string | null => rows.find(row => row.oid === oid)?.name ?? null
  const holder = rows.find(row => row.name === finalName)?.oid
  return {
    side: nameOf(side.oid),
    live: nameOf(live?.oid),
    holder: holder === undefined ? null : holder === side.oid ? 'side' : holder === live?.oid ? 'live' : 'stranger',
    all: new Set(rows.map(row => row.name)),
  }
}

/**
 * What somebody else did to them since the plan, where they should be called so by now; null where they are. The names are
 * for a person.
 */
export function changedNames(
  found: NamesFound,
  { side, live }: { readonly side: string; readonly live: string | null },
): string | null {
  const changes = [
    found.side === side ? null : `the restored database was ${becameOf(found.side)}`,
    live === null || found.live === live ? null : `the live database was ${becameOf(found.live)}`,
    found.holder === 'stranger' ? 'a database of this name was made' : null,
  ].filter(change => change !== null)
  return changes.length === 0 ? null : `${changes.join(' and ')} during the restore`
}

function becameOf(name: string | null): string {
  return name === null ? 'dropped' : `renamed to ${name}`
}

/**
 * The statements, for a person, that make the restored database the live one as things are, and put aside what has its
 * name.
 */
export function finishingStatements(
  { side, holder }: { readonly side: string; readonly holder: NamesFound['holder'] },
  {
    finalName,
    aside,
    comment,
  }: { readonly finalName: string; readonly aside: string; readonly comment: string | null },
): string {
  const rename = (from: string, to: string): string =>
    `ALTER DATABASE ${copyableIdentifier(from)} RENAME TO ${copyableIdentifier(to)};`
  return [
    ...(holder === 'live' || holder === 'stranger' ? [rename(finalName, aside)] : []),
    ...(holder === 'side' ? [] : [rename(side, finalName)]),
    ...(comment === null ? [`COMMENT ON DATABASE ${copyableIdentifier(finalName)} IS NULL;`] : []),
  ].join(' ')
}
