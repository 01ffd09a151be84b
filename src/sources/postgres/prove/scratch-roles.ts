import { type Connection, connect } from '../connection/connection.ts'
import { attempt, sessionOf } from '../connection/sql-session.ts'
import type { PostgresManifest } from '../content.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { readRolesPart } from '../roles/read-roles-part.ts'
import type { RecordedRoles } from '../roles/recorded-roles.ts'
import type { LoadableDatabase } from '../round-trip/load-archive.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { foreignStatement } from './foreign-statement.ts'

/**
 * Makes the roles of an archive on the scratch server, those too that only its rights and settings name. Throws
 * OperatorError('incomplete') where its text holds anything but roles: it is for people with psql, and never run here.
 */
export async function createScratchRoles(
  { content, manifest }: { readonly content: ArchiveContent; readonly manifest: PostgresManifest | null },
  database: Pick<LoadableDatabase, 'admin' | 'connect'>,
  signal: AbortSignal,
): Promise<void> {
  if (manifest === null) return
  const text = await content.roles(signal)
  const read = text === null ? null : refuseForeign(text)
  const recorded = manifest.roles ?? read ?? { roles: [], memberships: [], parameterRights: [] }
  await using admin = await connect(database.admin, database.connect, signal)
  await makeScratchRoles(admin, recorded, rolesNamedBy(manifest))
}

function refuseForeign(text: Buffer): RecordedRoles {
  const { roles, leftOut, others } = readRolesPart(text)
  if (leftOut.length === 0 && others === 0) return roles
  throw foreignStatement('roles')
}

function rolesNamedBy({ database }: PostgresManifest): readonly string[] {
  const names = [
    database.owner,
    ...database.settings.map(setting => setting.role),
    ...database.acl.map(item => item.grantee),
  ]
  return names.filter(name => name !== null)
}

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
