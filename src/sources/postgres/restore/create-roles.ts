import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { Remark } from '../../../events.ts'
import { connect } from '../connection/connection.ts'
import { sessionOf } from '../connection/sql-session.ts'
import { giveRoles } from '../roles/give-roles.ts'
import type { RestoreRun } from './restore-run.ts'

/**
 * Makes the roles that the database needs and the server lacks, from data only; existing ones stay as they are, in every
 * way. Returns what was not given.
 */
export async function createRoles(
  { archiveRoles, withRoleRights, state }: RestoreRun,
  side: { readonly admin: DatabaseTarget },
  signal: AbortSignal,
): Promise<readonly Remark[]> {
  const { needed, leftOut } = archiveRoles
  await using admin = await connect(side.admin, state.loadConnect, signal)
  const { notGiven } = await giveRoles(needed, sessionOf(admin), { withRights: withRoleRights })
  return [...leftOut, ...notGiven]
}
