import type { Connection } from '../connection/connection.ts'
import { serverMajor } from '../connection/server-major.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { withoutEventTriggers } from './event-triggers.ts'

/** The name that a database has now; null if it is gone. */
export async function nameOfDatabase(admin: Connection, oid: number): Promise<string | null> {
  const [row] = await admin.query<{ name: string }>(
    'SELECT datname AS name FROM pg_catalog.pg_database WHERE oid = $1',
    [oid],
  )
  return row?.name ?? null
}

/**
 * Removes a database, whatever it is called by now, and ends the sessions in it; or does nothing if it is gone, whatever
 * has its name by now. `admin` is a session on another database. One with a subscription can't be dropped: see
 * `dropSubscriptions`.
 */
export async function dropDatabase(admin: Connection, oid: number): Promise<void> {
  const force = (await serverMajor(admin)) >= 13
  if (!force)
    await admin.query('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datid = $1', [
      oid,
    ])
  await unmakeTemplate(admin, oid)
  // DROP DATABASE knows names only: nothing comes between this look and the drop.
  const name = await nameOfDatabase(admin, oid)
  if (name !== null)
    await admin.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}${force ? ' WITH (FORCE)' : ''}`)
}

/** PostgreSQL drops no template, which its owner can make of it. */
export async function unmakeTemplate(admin: Connection, oid: number): Promise<void> {
  const [row] = await admin.query<{ name: string }>(
    'SELECT datname AS name FROM pg_catalog.pg_database WHERE oid = $1 AND datistemplate',
    [oid],
  )
  if (row !== undefined) await admin.query(`ALTER DATABASE ${quoteIdentifier(row.name)} IS_TEMPLATE false`)
}

/** Whether the database with this OID has subscriptions; asked from any database of its server. */
export async function hasSubscriptions(admin: Connection, database: number): Promise<boolean> {
  return (await admin.query('SELECT FROM pg_catalog.pg_subscription WHERE subdbid = $1', [database])).length > 0
}

/**
 * Removes all subscriptions of the database of this session, if it is the one with this OID, without telling their
 * publishers; PostgreSQL drops no database that has one. Only for a superuser, and before 16 so is their owner.
 */
export async function dropSubscriptions(connection: Connection, database: number): Promise<void> {
  const found = await connection.query<{ name: string }>(
    `SELECT s.subname AS name FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
     WHERE d.oid = $1 AND d.datname = pg_catalog.current_database()`,
    [database],
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
