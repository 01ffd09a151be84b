import type { PruneCandidate } from '../../catalog/prune.ts'
import type { Decision } from '../../catalog/retention.ts'
import type { Failure } from '../../errors.ts'

/** What is to happen to the archives of one database. */
export interface StemPlan {
  readonly stem: string
  readonly decisions: readonly Decision<PruneCandidate>[]
}

/** What did happen. */
export interface StemResult extends StemPlan {
  readonly removed: readonly PruneCandidate[]
  readonly failure: Failure | null
}
