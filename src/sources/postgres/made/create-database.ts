import { OperatorError } from '../../../errors.ts'
import type { Connection } from '../connection/connection.ts'
import { serverMajor } from '../connection/server-major.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { type DatabaseShape, shapeClauses } from './database-shape.ts'
import { nameOfDatabase } from './drop-database.ts'
import { birthLimit, type Marker, markerBeforeOid } from './marker.ts'

/** PostgreSQL cuts longer names with no more than a notice (NAMEDATALEN - 1). */
const LONGEST_NAME_BYTES = 63

/** A database that is about to be made. */
export interface NewDatabase {
  readonly name: string
  readonly owner: string
  readonly shape: DatabaseShape
  /** Where its files are to be; the server's default where it is left out. */
  readonly tablespace?: string | null
  /** What says whose it is, from its first moment on; left out on a server that is thrown away with it. */
  readonly marker?: Marker
}

/**
 * Makes an empty database from template0 and returns its OID. `admin` is a session on another database of the server, in
 * no transaction. Throws OperatorError: `usage` for a name that PostgreSQL would cut, `rights` without CREATEDB, `server`
 * for a name that is taken or a locale or encoding that the server does not have, and whatever the connection says.
 */
export async function createDatabase(admin: Connection, side: NewDatabase): Promise<number> {
  refuseLongName(side.name)
  const major = await serverMajor(admin)
  const place = side.tablespace ?? null
  const tablespace = place === null ? '' : ` TABLESPACE ${quoteIdentifier(place)}`
  const limit = side.marker === undefined ? -1 : birthLimit(side.marker.target)
  try {
    await admin.query(
      `CREATE DATABASE ${quoteIdentifier(side.name)} OWNER ${quoteIdentifier(side.owner)} TEMPLATE template0 ${shapeClauses(side.shape, major)}${tablespace} CONNECTION LIMIT ${limit}`,
    )
  } catch (error) {
    throw creationFailure(error, side)
  }
  const oid = await oidOfNewborn(admin, side.name, limit)
  if (side.marker !== undefined) await markDatabase(admin, oid, side.marker)
  return oid
}

async function oidOfNewborn(admin: Connection, name: string, limit: number): Promise<number> {
  const [row] = await admin.query<{ oid: number }>(
    'SELECT oid FROM pg_catalog.pg_database WHERE datname = $1 AND datconnlimit = $2',
    [name, limit],
  )
  if (row !== undefined) return row.oid
  throw new OperatorError('server', `database ${name}: it was renamed or removed at once; expected it to stay`)
}

/** CREATE DATABASE runs in no transaction. The limit that it was born with has told whose it is up to here. */
async function markDatabase(admin: Connection, oid: number, marker: Marker): Promise<void> {
  const name = await nameOfDatabase(admin, oid)
  if (name === null) return
  const database = quoteIdentifier(name)
  const comment = quoteLiteral(`${markerBeforeOid(marker)}${oid}`)
  await admin.query(`COMMENT ON DATABASE ${database} IS ${comment}; ALTER DATABASE ${database} CONNECTION LIMIT -1`)
}

function refuseLongName(name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes > 0 && bytes <= LONGEST_NAME_BYTES) return
  throw new OperatorError('usage', `database name ${JSON.stringify(name)}: ${bytes} bytes; expected 1 to 63`)
}

/** What PostgreSQL answers to a locale, an encoding or a provider that it does not have, or that do not go together. */
const NO_SUCH_SHAPE = new Set(['42809', '22023', '42704', '0A000', '42601'])

function creationFailure(error: unknown, side: NewDatabase): unknown {
  if (!(error instanceof OperatorError) || error.sqlstate === undefined) return error
  const facts = { sqlstate: error.sqlstate, object: side.name, logOnly: [error.message, ...error.logOnly] }
  if (error.sqlstate === '42501') {
    const message = `database ${side.name}: the admin's role may not create it for ${side.owner}; expected CREATEDB and membership in that role, or a superuser`
    return new OperatorError('rights', message, {
      ...facts,
      hint: 'ALTER ROLE … CREATEDB, or name a superuser in <HOST>_ADMIN_USER',
    })
  }
  if (error.sqlstate === '42P04') {
    const message = `database ${side.name}: another session made one of that name; expected the name to be free`
    return new OperatorError('server', message, { ...facts, hint: 'it was not touched; try again' })
  }
  if (!NO_SUCH_SHAPE.has(error.sqlstate)) return error
  return new OperatorError(
    'server',
    `database ${side.name}: the server refuses ${shapeText(side.shape)}; expected an encoding and a locale that it has`,
    { ...facts, hint: 'install the locale on the database server, or restore to a server that has it' },
  )
}

function shapeText(shape: DatabaseShape): string {
  const parts = [`encoding ${shape.encoding}`]
  if (shape.collate !== null) parts.push(`LC_COLLATE ${shape.collate}`)
  if (shape.ctype !== null) parts.push(`LC_CTYPE ${shape.ctype}`)
  if (shape.icuLocale !== null) parts.push(`${shape.localeProvider} locale ${shape.icuLocale}`)
  if (shape.icuRules !== undefined) parts.push(`rules ${shape.icuRules}`)
  return parts.join(', ')
}
