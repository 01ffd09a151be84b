import type { Connection } from '../connection/connection.ts'
import { attempt, sessionOf } from '../connection/sql-session.ts'
import type { RecordedRoles } from '../roles/recorded-roles.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'

/**
 * Makes the roles of an archive on a scratch server, and further ones where they are missing: their names and who is a
 * member of whom. None gets an attribute, a setting or a password, and so none may do anything; nor do they become members
 * of roles that were there before, PostgreSQL's own and the superuser among them.
 */
export async function makeScratchRoles(
  admin: Connection,
  recorded: RecordedRoles,
  names: Iterable<string>,
): Promise<void> {
  const made = new Set<string>()
  for (const name of new Set([...recorded.roles.map(role => role.name), ...names]))
    if (await makeRole(admin, name)) made.add(name)
  for (const { role, member } of recorded.memberships)
    if (made.has(role) && made.has(member))
      await attempt(sessionOf(admin), [`GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(member)}`])
}

/** Names that the server keeps for itself, such as those of predefined roles of a newer one, can't be made. */
async function makeRole(admin: Connection, name: string): Promise<boolean> {
  const session = sessionOf(admin)
  const known = `SELECT 1 FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) ${quoteLiteral(name)}`
  if ((await session.rows(known)).length > 0) return false
  return (await attempt(session, [`CREATE ROLE ${quoteIdentifier(name)} NOLOGIN`])) === null
}
