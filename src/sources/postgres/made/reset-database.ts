import type { Connection } from '../connection/connection.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { nameOfDatabase } from './drop-database.ts'

/**
 * Takes back what the owner of a database can do to it as a whole, and code that ran as him may have done: settings,
 * rights, connection limit, being a template. Nobody but superusers may connect to it then. `admin` is a session on another database: such settings would be its own.
 */
export async function resetDatabase(admin: Connection, oid: number): Promise<void> {
  const name = await nameOfDatabase(admin, oid)
  if (name === null) return
  const database = quoteIdentifier(name)
  await admin.query(`ALTER DATABASE ${database} WITH IS_TEMPLATE false ALLOW_CONNECTIONS true CONNECTION LIMIT -1`)
  const isHeld = (await admin.query(HELD, [oid])).length > 0
  await admin.query(`ALTER DATABASE ${database} RESET ALL`)
  if (isHeld) await admin.query(`ALTER DATABASE ${database} SET timescaledb.restoring = on`)
  const grantees = await admin.query<{ role: string | null }>(GRANTEES, [oid])
  if (grantees.length === 0) return
  const roles = grantees.map(({ role }) => (role === null ? 'PUBLIC' : quoteIdentifier(role)))
  await admin.query(`REVOKE ALL ON DATABASE ${database} FROM ${roles.join(', ')} CASCADE`)
}

/** Gives everybody what everybody has in a new database: while it is loaded and compared, nobody comes in. */
export async function openDatabase(session: Connection, name: string): Promise<void> {
  await session.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${quoteIdentifier(name)} TO PUBLIC`)
}

/** TimescaleDB is told that the database is restored: that ends by its own procedure. */
const HELD = `
SELECT FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = $1 AND s.setrole = '0' AND 'timescaledb.restoring=on' = ANY (s.setconfig)`

/** Whom its access list names beside the owner, null for everybody; nobody where it has none. */
const GRANTEES = `
SELECT DISTINCT r.rolname AS role
FROM pg_catalog.pg_database d CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
WHERE d.oid = $1 AND a.grantee <> d.datdba`
