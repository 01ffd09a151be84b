import type { SqlSession } from '../connection/sql-session.ts'
import { LOADER_PREFIX } from '../made/loader-role.ts'
import { quoteLiteral } from '../sql/quote.ts'
import type { RecordedRoles } from './recorded-roles.ts'
import type { RoleState } from './role-steps.ts'

/** Those of the recorded roles, and of the roles that they are members of, that the server has. */
export async function existingRoles(
  { roles, memberships }: RecordedRoles,
  session: SqlSession,
): Promise<ReadonlyMap<string, RoleState>> {
  const names = [...roles.map(role => role.name), ...memberships.flatMap(({ role, member }) => [role, member])]
  return await findRoles(session, [...new Set(names)])
}

/**
 * `mighty`: superusers, who may make roles, read every row or replicate, PostgreSQL's own (with OIDs below 16384,
 * access/transam.h), us, and all members of any of them. Told by their places, since the names of roles are kept in the
 * encoding of whichever database they were made in.
 */
async function findRoles(session: SqlSession, names: readonly string[]): Promise<ReadonlyMap<string, RoleState>> {
  if (names.length === 0) return new Map()
  const wanted = names.map((name, place) => `(${place}, pg_catalog.name ${quoteLiteral(name)})`).join(', ')
  const rows = await session.rows(`
WITH RECURSIVE wanted AS (VALUES ${wanted}),
mighty AS (
  SELECT oid AS id FROM pg_catalog.pg_roles WHERE rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls
    OR oid OPERATOR(pg_catalog.<) '16384' OR rolname OPERATOR(pg_catalog.=) current_user
  UNION SELECT m.member FROM pg_catalog.pg_auth_members m, mighty g WHERE g.id OPERATOR(pg_catalog.=) m.roleid)
SELECT w.column1, EXISTS (SELECT FROM mighty g WHERE g.id OPERATOR(pg_catalog.=) r.oid) AS mighty
FROM wanted w, pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) w.column2`)
  return new Map(
    rows.map(([place, mighty]) => {
      const name = names[Number(place)] ?? ''
      return [name, stateOf(name, mighty?.startsWith('t') === true)]
    }),
  )
}

function stateOf(name: string, isMighty: boolean): RoleState {
  if (name.startsWith(LOADER_PREFIX)) return 'ours'
  return isMighty ? 'mighty' : 'plain'
}
