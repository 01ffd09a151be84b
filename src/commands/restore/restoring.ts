import type { ClientTools } from '../../postgres/client-tools.ts'
import type { SuperuserPolicy } from '../../postgres/load/superuser-objects.ts'
import type { TargetLock } from '../../postgres/made/target-lock.ts'
import type { Context } from '../context.ts'
import type { RestoreOptions } from './restore-options.ts'
import type { RestorePlan } from './restore-plan.ts'
import type { RestoreSource } from './restore-source.ts'
import type { RestoreTarget } from './restore-target.ts'
import type { TargetState } from './target-state.ts'

/** All that carrying out a plan needs. */
export interface Restoring {
  readonly context: Context
  readonly options: RestoreOptions
  readonly plan: RestorePlan
  readonly source: RestoreSource
  readonly target: RestoreTarget
  readonly state: TargetState
  /** No other run restores into the target. */
  readonly lock: TargetLock
  /** Those that dump what was loaded, to compare it; null where there is nothing to compare it with. */
  readonly tools: ClientTools | null
  /** What becomes of objects that only a superuser can make. */
  readonly superuserObjects: SuperuserPolicy
}
