import type { Remark } from '../../../events.ts'
import { type SettingRules, withheldSetting } from '../database/setting-rules.ts'
import { settingLiteral } from '../database/setting-value.ts'
import { LOADER_PREFIX } from '../made/loader-role.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { RecordedMembership, RecordedRole, RecordedRoles } from './recorded-roles.ts'

/**
 * A role that a server has: `mighty` ones have, or could take, rights beyond one database; `ours` is a loader of a
 * restore.
 */
export type RoleState = 'plain' | 'mighty' | 'ours'

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
  const words = harmlessWords(role)
  const sql = `CREATE ROLE ${quoteIdentifier(role.name)}${words.length === 0 ? '' : ` WITH ${words.join(' ')}`}`
  return { step: { about, sql } }
}

/** The attributes that every new role gets, in the words of CREATE ROLE. */
export function harmlessWords(role: RecordedRole): readonly string[] {
  return [
    ...(role.inherit ? [] : ['NOINHERIT']),
    ...(role.connectionLimit === -1 ? [] : [`CONNECTION LIMIT ${role.connectionLimit}`]),
    ...(role.validUntil === null ? [] : [`VALID UNTIL ${quoteLiteral(role.validUntil)}`]),
  ]
}

/** What belongs to a role that was just made, one by one: an unknown parameter must not cost the others. */
export function following(role: RecordedRole, rules: SettingRules): readonly RoleDecision[] {
  const name = quoteIdentifier(role.name)
  return [
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

/** The one place that says what reaches beyond one database: a new role gets it only where a person said so. */
const RIGHTS = {
  superuser: 'SUPERUSER',
  createRole: 'CREATEROLE',
  createDb: 'CREATEDB',
  replication: 'REPLICATION',
  bypassRls: 'BYPASSRLS',
  login: 'LOGIN',
} as const

/** Those of a role, in the words of ALTER ROLE. */
export function rightsOf(role: RecordedRole): readonly string[] {
  return (Object.keys(RIGHTS) as (keyof typeof RIGHTS)[]).filter(right => role[right]).map(key => RIGHTS[key])
}

/** The rights of a role that was just made, each for itself where they are given: who makes roles may not give all. */
export function roleRights(role: RecordedRole, { withRights }: Generosity): readonly RoleDecision[] {
  const rights = rightsOf(role)
  const about = (words: string): Remark => remark('role right', role.name, `role ${role.name} does not get ${words}`)
  if (withRights) {
    const name = quoteIdentifier(role.name)
    return rights.map(right => ({ step: { about: about(right), sql: `ALTER ROLE ${name} WITH ${right}` } }))
  }
  if (rights.length === 0) return []
  const words = about(rights.join(', '))
  const gives = `--with-role-rights gives ${rights.length === 1 ? 'it' : 'them'}, or ALTER ROLE`
  return [{ withheld: { ...words, text: `${words.text}: ${gives}` } }]
}

/** Whether new roles also get what reaches beyond one database. */
export interface Generosity {
  readonly withRights: boolean
}

/** What is known when memberships are decided. */
export interface KnownRoles extends Generosity {
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
  const about = remark('membership', member, `role ${member} does not become a member of ${role}`)
  const no = (reason: string): RoleDecision => ({ withheld: { ...about, text: `${about.text}: ${reason}` } })
  const state = known.existing.get(role)
  if (state === undefined && !known.made.has(role)) return [no('the server has no such role')]
  if (state === 'ours') return [no('a loader of this program is no role')]
  if (state === 'mighty' && !known.withRights)
    return [no('its rights reach beyond one database; --with-role-rights gives it')]
  const mayGrantOn = admin && (state === undefined || known.withRights)
  const options = membershipOptions({ ...membership, admin: mayGrantOn }, known.serverMajor)
  if (options === null) return [no('this server can only give more than the archive says')]
  const given = { step: { about, sql: `GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(member)}${options}` } }
  if (mayGrantOn === admin) return [given]
  const text = `role ${member} may not grant ${role} on: that role was there before; --with-role-rights gives it`
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

/** Rights on parameters of the server that the archive gives to roles that were just made; never to everybody. */
export function parameterRights(
  { parameterRights: all }: RecordedRoles,
  { made, withRights }: Pick<KnownRoles, 'made' | 'withRights'>,
): readonly RoleDecision[] {
  return all.flatMap(({ parameter, grantee, privileges, grantable }): readonly RoleDecision[] => {
    if (grantee === null || !made.has(grantee)) return []
    const text = `role ${grantee} does not get the right to ${privileges.join(' and ')} parameter ${parameter}`
    const about = remark('role right', grantee, text)
    if (!withRights) return [{ withheld: { ...about, text: `${text}: --with-role-rights gives it` } }]
    const option = grantable ? ' WITH GRANT OPTION' : ''
    const right = `${privileges.join(', ')} ON PARAMETER ${quoteIdentifier(parameter)}`
    return [{ step: { about, sql: `GRANT ${right} TO ${quoteIdentifier(grantee)}${option}` } }]
  })
}

function step(kind: string, name: string, sql: string): RoleDecision {
  return { step: { about: remark(kind, name, `the ${kind} of role ${name} was not given`), sql } }
}

function remark(kind: string, name: string, text: string): Remark {
  return { kind, name, sqlstate: null, text }
}
