import type { RecordedRoles } from './recorded-roles.ts'

/**
 * What an archive says of the roles that a database needs: those that are named by what is in it, and all who have the
 * rights of these by membership, however many are between. Who is a member of a superuser or of a role that is not
 * recorded, as PostgreSQL's own are not, is not needed for that: such a role is named wherever its owner was an admin.
 */
export function neededRoles(recorded: RecordedRoles, named: ReadonlySet<string>): RecordedRoles {
  const needed = withMembers(recorded, named)
  return {
    roles: recorded.roles.filter(({ name }) => needed.has(name)),
    memberships: recorded.memberships.filter(({ member }) => needed.has(member)),
    parameterRights: recorded.parameterRights.filter(({ grantee }) => grantee !== null && needed.has(grantee)),
  }
}

function withMembers({ roles, memberships }: RecordedRoles, named: ReadonlySet<string>): ReadonlySet<string> {
  const followed = new Set(roles.filter(role => !role.superuser).map(role => role.name))
  const membersOf = Map.groupBy(memberships, ({ role }) => role)
  const needed = new Set(named)
  // What is added on the way comes up in turn.
  for (const name of needed) {
    if (!followed.has(name)) continue
    for (const { member } of membersOf.get(name) ?? []) needed.add(member)
  }
  return needed
}
