import type { SourceContext } from '../../source-context.ts'
import type { ClientTools } from '../client-tools/client-tools.ts'
import type { LoadStep } from '../load/statement-dispatcher.ts'
import type { SuperuserPolicy } from '../load/superuser-objects.ts'
import type { TargetLock } from '../made/target-lock.ts'
import type { ArchiveRoles } from './archive-roles.ts'
import type { ArchiveToRestore, RestorePlan } from './restore-plan.ts'
import type { RestoreTarget, TargetState } from './target-state.ts'

/** All that carrying out a plan needs. */
export interface RestoreRun {
  readonly context: SourceContext
  /** Go on behind what the server refuses, and swap in spite of differences. */
  readonly ignoreErrors: boolean
  readonly plan: RestorePlan
  readonly source: ArchiveToRestore
  readonly target: RestoreTarget
  readonly state: TargetState
  /** No other run restores into the target. */
  readonly lock: TargetLock
  /** Those that dump what was loaded, to compare it; null where there is nothing to compare it with. */
  readonly tools: ClientTools | null
  /** What the archive says of the roles that the database needs. */
  readonly archiveRoles: ArchiveRoles
  /** Whether new roles get what reaches beyond one database, too. */
  readonly withRoleRights: boolean
  /** Whether a person trusts the archive as the target. */
  readonly withSuperuserObjects: boolean
  /** What becomes of objects that only a superuser can make. */
  readonly superuserObjects: SuperuserPolicy
  /** Lines for whoever looks on. */
  say(lines: readonly string[]): void
  /** What is done at the moment, and how many bytes of the dump have passed in it. */
  onStep(step: LoadStep | 'comparing', bytes: number): void
}
