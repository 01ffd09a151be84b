import type { RecordedRoles } from './recorded-roles.ts'
import {
  creation,
  harmlessWords,
  type KnownRoles,
  memberships,
  parameterRights,
  rightsOf,
  roleRights,
} from './role-steps.ts'

/** What a restore is going to do about roles. */
export interface PlannedRoles {
  /** Those that it makes, as the server lacks them, each with its attributes in the words of CREATE ROLE. */
  readonly made: readonly { readonly name: string; readonly attributes: readonly string[] }[]
  /** Rights and memberships that they had and do not get. Full sentences. */
  readonly withheld: readonly string[]
  /** How many others the archive has that the server lacks: the database does not need them. */
  readonly notNeeded: number
}

/** Of the roles that a database needs, as `giveRoles` gives them. */
export function planRoles(needed: RecordedRoles, known: Omit<KnownRoles, 'made'>): Omit<PlannedRoles, 'notNeeded'> {
  const missing = needed.roles.filter(role => !known.existing.has(role.name) && 'step' in creation(role))
  const made = new Set(missing.map(role => role.name))
  const decisions = [
    ...missing.flatMap(role => roleRights(role, known)),
    ...memberships(needed, { ...known, made }),
    ...parameterRights(needed, { ...known, made }),
  ]
  return {
    made: missing.map(role => ({
      name: role.name,
      attributes: [...(known.withRights ? rightsOf(role) : []), ...harmlessWords(role)],
    })),
    withheld: decisions.flatMap(decision => ('withheld' in decision ? [decision.withheld.text] : [])),
  }
}
