import type { Remark } from '../../../events.ts'
import { type SettingRules, withheldSetting } from '../database/setting-rules.ts'
import { settingLiteral } from '../database/setting-value.ts'
import { LOADER_PREFIX } from '../made/loader-role.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { RecordedMembership, RecordedRole, RecordedRoles } from './recorded-roles.ts'

/** A role that a server has: `mighty` ones have, or could take, more rights than a restore may give away. */
export type RoleState = 'plain' | 'mighty'

/** One statement for a server, and what it is about. */
export interface RoleStep {
  readonly about: Remark
  readonly sql: string
}

/** What is to be done about something of an archive: a statement, or why there is none. */
export type RoleDecision = { readonly step: RoleStep } | { readonly withheld: Remark }

/** A new role, with the attributes that no other role has to fear. */
export function creation(role: RecordedRole): RoleDecision {
  const about = remark('role', role.name, 'it was not made')
  if (role.name.startsWith(LOADER_PREFIX))
    return { withheld: { ...about, text: 'a loader of this program is no role' } }
  const words = [
    role.inherit ? '' : ' NOINHERIT',
    role.createDb ? ' CREATEDB' : '',
    role.login ? ' LOGIN' : '',
    role.connectionLimit === -1 ? '' : ` CONNECTION LIMIT ${role.connectionLimit}`,
    role.validUntil === null ? '' : ` VALID UNTIL ${quoteLiteral(role.validUntil)}`,
  ]
  const options = words.join('')
  const sql = `CREATE ROLE ${quoteIdentifier(role.name)}${options === '' ? '' : ` WITH${options}`}`
  return { step: { about, sql } }
}

/** What belongs to a role that was just made, one by one: an unknown parameter must not cost the others. */
export function following(role: RecordedRole, rules: SettingRules): readonly RoleDecision[] {
  const name = quoteIdentifier(role.name)
  return [
    ...withheldRights(role),
    ...role.settings.map((setting): RoleDecision => {
      const about = remark('role setting', role.name, `setting ${setting.name} of role ${role.name} was not given`)
      const reason = withheldSetting(setting.name, rules)
      if (reason !== null) return { withheld: { ...about, text: `${about.text}: ${reason}` } }
      const value = settingLiteral(setting.name, setting.value)
      return { step: { about, sql: `ALTER ROLE ${name} SET ${quoteIdentifier(setting.name)} TO ${value}` } }
    }),
    ...(role.comment === null
      ? []
      : [step('comment', role.name, `COMMENT ON ROLE ${name} IS ${quoteLiteral(role.comment)}`)]),
    ...role.labels.map(({ provider, label }) =>
      step(
        'security label',
        role.name,
        `SECURITY LABEL FOR ${quoteIdentifier(provider)} ON ROLE ${name} IS ${quoteLiteral(label)}`,
      ),
    ),
  ]
}

/** The one place that says which rights over a whole server a restore does not give: a flag that gives them begins here. */
const RIGHTS = { superuser: 'SUPERUSER', createRole: 'CREATEROLE', replication: 'REPLICATION', bypassRls: 'BYPASSRLS' }

function withheldRights(role: RecordedRole): readonly RoleDecision[] {
  const rights = (Object.keys(RIGHTS) as (keyof typeof RIGHTS)[]).filter(right => role[right]).map(key => RIGHTS[key])
  if (rights.length === 0) return []
  const text = `role ${role.name} was made without ${rights.join(', ')}: no archive gives rights over a whole server; ALTER ROLE gives them back`
  return [{ withheld: remark('role right', role.name, text) }]
}

/** What is known when memberships are decided. */
export interface KnownRoles {
  /** Those that this restore has made. */
  readonly made: ReadonlySet<string>
  /** Those that were there. */
  readonly existing: ReadonlyMap<string, RoleState>
  readonly serverMajor: number
}

/**
 * Memberships of roles that were just made, the same one only once; those of roles that were there stay as they are, and
 * nothing is said of them.
 */
export function memberships(recorded: RecordedRoles, known: KnownRoles): readonly RoleDecision[] {
  const withoutInheriting = new Set(recorded.roles.filter(role => !role.inherit).map(role => role.name))
  const seen = new Set<string>()
  return recorded.memberships.flatMap(membership => {
    const { role, member, admin } = membership
    const key = JSON.stringify([role, member, admin])
    if (!known.made.has(member) || seen.has(key)) return []
    seen.add(key)
    // Before 16 the attribute of the member says it.
    const inherit = known.serverMajor < 16 && withoutInheriting.has(member) ? null : membership.inherit
    return decideMembership({ ...membership, inherit }, known)
  })
}

function decideMembership(membership: RecordedMembership, known: KnownRoles): readonly RoleDecision[] {
  const { role, member, admin } = membership
  const about = remark('membership', member, `role ${member} was not made a member of ${role}`)
  const no = (reason: string): RoleDecision => ({ withheld: { ...about, text: `${about.text}: ${reason}` } })
  const state = known.existing.get(role)
  if (state === undefined && !known.made.has(role)) return [no('the server has no such role')]
  if (state === 'mighty') return [no('its rights reach beyond one database, and no archive gives such away')]
  const mayGrantOn = admin && state === undefined
  const options = membershipOptions({ ...membership, admin: mayGrantOn }, known.serverMajor)
  if (options === null) return [no('this server can only give more than the archive says')]
  const given = { step: { about, sql: `GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(member)}${options}` } }
  if (mayGrantOn === admin) return [given]
  const text = `role ${member} may not grant ${role} on: that role was there before`
  return [given, { withheld: remark('membership', member, text) }]
}

/** Null where a server before 16 has no words for a membership that gives so little. */
function membershipOptions({ admin, inherit, set }: RecordedMembership, serverMajor: number): string | null {
  const words = [
    ...(admin ? ['ADMIN OPTION'] : []),
    ...(inherit === null ? [] : [`INHERIT ${inherit ? 'TRUE' : 'FALSE'}`]),
    ...(set ? [] : ['SET FALSE']),
  ]
  if (serverMajor >= 16) return words.length === 0 ? '' : ` WITH ${words.join(', ')}`
  if (inherit === false || !set) return null
  return admin ? ' WITH ADMIN OPTION' : ''
}

/** Rights on parameters of the server that the archive gives to roles that were just made: never given, and named. */
export function parameterRights(
  { parameterRights: all }: RecordedRoles,
  made: ReadonlySet<string>,
): readonly { readonly withheld: Remark }[] {
  return all.flatMap(({ parameter, grantee, privileges }) => {
    if (grantee === null || !made.has(grantee)) return []
    const text = `role ${grantee} was made without the right to ${privileges.join(' and ')} parameter ${parameter}: no archive gives rights over a whole server`
    return [{ withheld: remark('role right', grantee, text) }]
  })
}

function step(kind: string, name: string, sql: string): RoleDecision {
  return { step: { about: remark(kind, name, `the ${kind} of role ${name} was not given`), sql } }
}

function remark(kind: string, name: string, text: string): Remark {
  return { kind, name, sqlstate: null, text }
}
