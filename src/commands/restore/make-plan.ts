import type { ConnectOptions } from '../../sources/postgres/connection/connection.ts'
import { openContent } from '../../sources/postgres/dump-file/archive-content.ts'
import { type ArchiveRoles, findArchiveRoles } from '../../sources/postgres/restore/archive-roles.ts'
import type { GivenShape } from '../../sources/postgres/restore/planned-shape.ts'
import { planRestore, type RestorePlan } from '../../sources/postgres/restore/restore-plan.ts'
import type { RestoreTarget, TargetState } from '../../sources/postgres/restore/target-state.ts'
import type { PlannedRoles } from '../../sources/postgres/roles/planned-roles.ts'
import type { Memory } from '../../system/memory.ts'
import type { Context } from '../context.ts'
import { refuseOwner } from './choose-shape.ts'
import type { RestoreOptions } from './restore-options.ts'
import type { RestoreSource } from './restore-source.ts'

/** Statements on large databases take their time; what must be quick says so itself. */
const LONGEST_QUERY_MS = 30 * 60_000

/** How a restore connects to its server. */
export function connectOptions({ env, runId }: Pick<Context, 'env' | 'runId'>): ConnectOptions {
  // A database or a role may be set up to be read only, or to work as another role; the admin was asked for, so he means
  // to write, as himself.
  const parameters = { default_transaction_read_only: 'off', role: 'none' }
  return {
    ...{ env, applicationName: `backup-container ${runId} restore`, queryTimeoutMs: LONGEST_QUERY_MS, parameters },
    goesWithoutLibraries: true,
  }
}

interface Found {
  readonly options: RestoreOptions
  readonly source: RestoreSource
  readonly target: RestoreTarget
  readonly state: TargetState
  readonly given: GivenShape
  readonly roles: PlannedRoles
  readonly memory: Memory | null
}

/** Which roles the restore has to make. */
export async function rolesOfSource(
  { env }: Context,
  { options, source, target, state, given }: Omit<Found, 'roles' | 'memory'>,
  signal: AbortSignal,
): Promise<ArchiveRoles> {
  const { manifest, entry } = source
  const content = openContent(entry.path, manifest?.parts ?? null, { env })
  return await findArchiveRoles(
    { content, manifest, target, state, withRights: options.withRoleRights, owner: given.owner },
    signal,
  )
}

/** What is to be done, by what was found. Throws an OperatorError of kind `usage` for an owner whom nobody knows. */
export function makePlan({ configuration, clock }: Context, found: Found): RestorePlan {
  const { inPlace, unproved, analyze, ignoreErrors, withSuperuserObjects, withOwnSearchPath } = found.options
  const { timeZone } = configuration.settings
  const flags = { inPlace, unproved, analyze, ignoreErrors, withSuperuserObjects, withOwnSearchPath }
  refuseOwner(found.given.owner, found.state, found.roles)
  return planRestore({ ...found, ...flags, now: clock.now(), timeZone })
}
