import type { Remark } from '../../../events.ts'
import { attempt, type SqlSession } from '../connection/sql-session.ts'
import { readSettingRules } from '../database/setting-rules.ts'
import { LOADER_PREFIX } from '../made/loader-role.ts'
import { quoteLiteral } from '../sql/quote.ts'
import type { RecordedRoles } from './recorded-roles.ts'
import {
  creation,
  following,
  memberships,
  parameterRights,
  type RoleDecision,
  type RoleState,
  type RoleStep,
} from './role-steps.ts'

/** What became of the roles of an archive. */
export interface GivenRoles {
  readonly made: ReadonlySet<string>
  /** What was not given: what a restore never gives, and what the server refused. */
  readonly notGiven: readonly Remark[]
}

/**
 * Makes the roles that the server lacks, with what is theirs. Roles that are there are not changed in any way: no
 * attribute, no setting, no comment, no right, no membership. Rejects only where the connection fails.
 */
export async function giveRoles(recorded: RecordedRoles, session: SqlSession): Promise<GivenRoles> {
  const existing = await findRoles(session, namesIn(recorded))
  const missing = recorded.roles.filter(role => !existing.has(role.name))
  if (missing.length === 0) return { made: new Set(), notGiven: [] }
  const notGiven: Remark[] = []
  const made = new Set<string>()
  for (const role of missing) if (await carriedOut(creation(role), session, notGiven)) made.add(role.name)
  const rules = await readSettingRules(session)
  const serverMajor = await majorOf(session)
  const rest: readonly RoleDecision[] = [
    ...missing.filter(role => made.has(role.name)).flatMap(role => following(role, rules)),
    ...memberships(recorded, { made, existing, serverMajor }),
    ...parameterRights(recorded, made),
  ]
  for (const decision of rest) await carriedOut(decision, session, notGiven)
  return { made, notGiven }
}

async function majorOf(session: SqlSession): Promise<number> {
  const [row] = await session.rows("SELECT pg_catalog.current_setting('server_version_num')")
  return Math.floor(Number(row?.[0]) / 10_000)
}

async function carriedOut(decision: RoleDecision, session: SqlSession, notGiven: Remark[]): Promise<boolean> {
  const remark = 'step' in decision ? await refusalOf(decision.step, session) : decision.withheld
  if (remark !== null) notGiven.push(remark)
  return remark === null
}

async function refusalOf({ about, sql }: RoleStep, session: SqlSession): Promise<Remark | null> {
  const refusal = await attempt(session, [sql])
  return refusal === null ? null : { ...about, sqlstate: refusal.sqlstate, text: `${about.text}: ${refusal.text}` }
}

function namesIn({ roles, memberships: all }: RecordedRoles): readonly string[] {
  return [...new Set([...roles.map(role => role.name), ...all.flatMap(({ role, member }) => [role, member])])]
}

/**
 * Those of these roles that the server has. `mighty`: superusers, who may make roles, read every row or replicate,
 * PostgreSQL's own (with OIDs below 16384, access/transam.h), us, our loaders, and all members of any of them. Told by
 * their places, since the names of roles are kept in the encoding of whichever database they were made in.
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
      return [name, mighty?.startsWith('t') === true || name.startsWith(LOADER_PREFIX) ? 'mighty' : 'plain']
    }),
  )
}
