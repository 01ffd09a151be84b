import { failureOf, failureText, logLinesOf, OperatorError } from '../../errors.ts'
import {
  asSeenBy,
  type PlanOfArchive,
  planOfArchive,
  type RestorePlan,
} from '../../sources/postgres/restore/restore-plan.ts'
import {
  findServer,
  lookAtTarget,
  type RestoreTarget,
  type TargetState,
} from '../../sources/postgres/restore/target-state.ts'
import { readMemory } from '../../system/memory.ts'
import type { Context } from '../context.ts'
import { shapeUnasked } from './choose-shape.ts'
import { connectOptions, makePlan, rolesOfSource } from './make-plan.ts'
import { refuseUnmeant } from './refuse-unmeant.ts'
import type { RestoreOptions } from './restore-options.ts'
import type { RestoreSource } from './restore-source.ts'
import type { NamedTarget } from './restore-target.ts'

interface Looking {
  readonly options: RestoreOptions
  readonly named: NamedTarget
  readonly source: RestoreSource
}

/**
 * The plan as far as it can be known without the admin: by what the configured user sees of the server, else by the
 * archive alone; it says what could not be looked at. Throws an OperatorError of kind `usage` where `-f` names what may
 * not go there.
 */
export async function planWithoutAdmin(
  context: Context,
  { options, named, source }: Looking,
  signal: AbortSignal,
): Promise<RestorePlan | PlanOfArchive> {
  const { spec, configured } = named
  const { timeZone } = context.configuration.settings
  const known = { ...named, source, timeZone }
  if (configured === null) return planOfArchive({ ...known, reason: 'no user and password are set for it' })
  const state = await look(context, configured, signal)
  if (typeof state === 'string') return planOfArchive({ ...known, reason: state })
  if (state.live !== null) refuseUnmeant(source, spec.id.name)
  const memory = await readMemory()
  const assumed = { ...state, survey: asIfAskedByAdmin(state.survey, named.adminUser) }
  const given = shapeUnasked({ options, source, state })
  const { plan: roles } = await rolesOfSource(context, { options, source, target: configured, state, given }, signal)
  const plan = makePlan(context, { options, source, target: configured, state: assumed, given, roles, memory })
  return asSeenBy(plan, state.survey.admin.name)
}

/** A sentence, where that user can't look. */
async function look(context: Context, target: RestoreTarget, signal: AbortSignal): Promise<TargetState | string> {
  try {
    const server = await findServer(target, connectOptions(context), signal)
    return await lookAtTarget(target, { server, isLocked: false }, signal)
  } catch (error) {
    if (signal.aborted || !(error instanceof OperatorError)) throw error
    context.log.warn('target-not-looked-at', { failure: failureOf(error), lines: logLinesOf(error) })
    return failureText(failureOf(error))
  }
}

/** Nothing is known of the admin: he counts as one who may do all that a restore takes. */
function asIfAskedByAdmin(survey: TargetState['survey'], name: string): TargetState['survey'] {
  const { live, roles } = survey
  const sessions = live?.sessions.map(group => ({ ...group, canBeEnded: true })) ?? []
  return {
    ...survey,
    admin: { name, isSuperuser: true, canCreateDatabases: true, canCreateRoles: true },
    memberOf: roles,
    live: live === null ? null : { ...live, sessions },
  }
}
