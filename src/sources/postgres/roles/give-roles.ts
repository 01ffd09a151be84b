import type { Remark } from '../../../events.ts'
import { attempt, type SqlSession } from '../connection/sql-session.ts'
import { readSettingRules } from '../database/setting-rules.ts'
import { existingRoles } from './existing-roles.ts'
import type { RecordedRoles } from './recorded-roles.ts'
import {
  creation,
  following,
  type Generosity,
  memberships,
  parameterRights,
  type RoleDecision,
  type RoleStep,
  roleRights,
} from './role-steps.ts'

/** What became of the roles of an archive. */
export interface GivenRoles {
  readonly made: ReadonlySet<string>
  /** What was not given: what a restore never gives, and what the server refused. */
  readonly notGiven: readonly Remark[]
}

/**
 * Makes those of the roles that the server lacks, with what is theirs. Roles that are there are not changed in any way: no
 * attribute, no setting, no comment, no right, no membership. Rejects only where the connection fails.
 */
export async function giveRoles(
  recorded: RecordedRoles,
  session: SqlSession,
  generosity: Generosity,
): Promise<GivenRoles> {
  const existing = await existingRoles(recorded, session)
  const missing = recorded.roles.filter(role => !existing.has(role.name))
  if (missing.length === 0) return { made: new Set(), notGiven: [] }
  const notGiven: Remark[] = []
  const made = new Set<string>()
  for (const role of missing) if (await carriedOut(creation(role), session, notGiven)) made.add(role.name)
  const given = missing.filter(role => made.has(role.name))
  const rules = await readSettingRules(session)
  const serverMajor = await majorOf(session)
  const rest: readonly RoleDecision[] = [
    ...given.flatMap(role => [...roleRights(role, generosity), ...following(role, rules)]),
    ...memberships(recorded, { made, existing, serverMajor, ...generosity }),
    ...parameterRights(recorded, { made, ...generosity }),
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
