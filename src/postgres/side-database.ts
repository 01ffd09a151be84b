import { OperatorError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { type DatabaseShape, shapeClauses } from './database-shape.ts'
import { withoutEventTriggers } from './event-triggers.ts'
import { quoteIdentifier } from './quote.ts'

export type { DatabaseShape } from './database-shape.ts'
export { createLoader, dropRole, type Loader } from './loader-role.ts'

/** PostgreSQL cuts longer names with no more than a notice (NAMEDATALEN - 1). */
const LONGEST_NAME_BYTES = 63

/** A database that is about to be made. */
export interface SideDatabase {
  readonly name: string
  readonly owner: string
  readonly shape: DatabaseShape
  /** Where its files are to be; the server's default where it is left out. */
  readonly tablespace?: string | null
}

/**
 * Makes an empty database from template0. `admin` is a session on another database of the server, in no transaction.
 * Throws OperatorError: `usage` for a name that PostgreSQL would cut, `rights` without CREATEDB, `server` for a locale
 * or encoding that the server does not have, and whatever the connection says.
 */
export async function createSideDatabase(admin: Connection, side: SideDatabase): Promise<void> {
  refuseLongName(side.name)
  const major = await serverMajor(admin)
  const place = side.tablespace ?? null
  const tablespace = place === null ? '' : ` TABLESPACE ${quoteIdentifier(place)}`
  try {
    await admin.query(
      `CREATE DATABASE ${quoteIdentifier(side.name)} OWNER ${quoteIdentifier(side.owner)} TEMPLATE template0 ${shapeClauses(side.shape, major)}${tablespace}`,
    )
  } catch (error) {
    throw creationFailure(error, side)
  }
}

/**
 * Removes a database and ends the sessions in it, or does nothing if there is none. `admin` is a session on another
 * database. One with a subscription can't be dropped: see `dropSubscriptions`.
 */
export async function dropDatabase(admin: Connection, name: string): Promise<void> {
  const database = quoteIdentifier(name)
  if ((await serverMajor(admin)) >= 13) {
    await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    return
  }
  await admin.query('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1', [
    name,
  ])
  await admin.query(`DROP DATABASE IF EXISTS ${database}`)
}

/** Whether a database has subscriptions; asked from any database of its server, by a superuser. */
export async function hasSubscriptions(admin: Connection, database: string): Promise<boolean> {
  const found = await admin.query(
    'SELECT FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = $1',
    [database],
  )
  return found.length > 0
}

/**
 * Removes all subscriptions of the database of this session without telling their publishers; PostgreSQL drops no
 * database that has one. Only for a superuser, and before 16 so is their owner.
 */
export async function dropSubscriptions(connection: Connection): Promise<void> {
  const found = await connection.query<{ name: string }>(
    'SELECT subname AS name FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())',
  )
  if (found.length === 0) return
  await withoutEventTriggers(connection, async () => {
    for (const { name } of found) await dropSubscription(connection, quoteIdentifier(name))
  })
}

async function dropSubscription(connection: Connection, subscription: string): Promise<void> {
  await connection.query(`ALTER SUBSCRIPTION ${subscription} DISABLE`)
  await connection.query(`ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`)
  await connection.query(`DROP SUBSCRIPTION ${subscription}`)
}

/** The major version of the server of a session. */
export async function serverMajor(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ version: string }>(
    "SELECT pg_catalog.current_setting('server_version_num') AS version",
  )
  return Math.floor(Number(row?.version) / 10_000)
}

function refuseLongName(name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes > 0 && bytes <= LONGEST_NAME_BYTES) return
  throw new OperatorError('usage', `database name ${JSON.stringify(name)}: ${bytes} bytes; expected 1 to 63`)
}

/** What PostgreSQL answers to a locale, an encoding or a provider that it does not have, or that do not go together. */
const NO_SUCH_SHAPE = new Set(['42809', '22023', '42704', '0A000', '42601'])

function creationFailure(error: unknown, side: SideDatabase): unknown {
  if (!(error instanceof OperatorError) || error.sqlstate === undefined) return error
  const facts = { sqlstate: error.sqlstate, object: side.name, logOnly: [error.message, ...error.logOnly] }
  if (error.sqlstate === '42501') {
    const message = `database ${side.name}: the admin's role may not create it for ${side.owner}; expected CREATEDB and membership in that role, or a superuser`
    return new OperatorError('rights', message, {
      ...facts,
      hint: 'ALTER ROLE … CREATEDB, or name a superuser in <HOST>_ADMIN_USER',
    })
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
  return parts.join(', ')
}
