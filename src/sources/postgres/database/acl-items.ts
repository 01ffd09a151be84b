import { type AclItem, DATABASE_PRIVILEGES, type DatabasePrivilege } from './database-facts.ts'

/** One right of one grantee; null is PUBLIC. */
export interface Granted {
  readonly grantee: string | null
  readonly privilege: string
  readonly grantable: boolean
}

/**
 * Single grants as one item per grantee: the owner first, then PUBLIC, then by name, privileges in alphabetical order.
 * Who granted is left out. Null, the rights that every new database has, is an empty list; everything taken away is
 * an owner without privileges.
 */
export function aclItems(grants: readonly Granted[] | null, owner: string): readonly AclItem[] {
  if (grants === null) return []
  const grantees = new Set<string | null>([owner, ...grants.map(grant => grant.grantee).toSorted(byName)])
  return [...grantees].map(grantee => {
    const own = grants.filter(grant => grant.grantee === grantee)
    return { grantee, privileges: unique(own), grantable: unique(own.filter(grant => grant.grantable)) }
  })
}

/** In alphabetical order. */
function unique(grants: readonly Granted[]): DatabasePrivilege[] {
  return DATABASE_PRIVILEGES.filter(privilege => grants.some(grant => grant.privilege === privilege))
}

function byName(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
