import type { SendLimits } from './edge/http-sender.ts'
import type { PendingLimits } from './pending-notices.ts'
import type { Rate } from './rate-limit.ts'
import type { RetryPolicy } from './retry.ts'

/** Every figure that bounds telling; tests have their own. */
export interface NotificationLimits {
  readonly send: SendLimits
  readonly retries: RetryPolicy
  readonly chatRate: Rate
  readonly pending: PendingLimits
  /** Before a channel that could not be reached is tried again, while the process lives; the last one for all further tries. */
  readonly unreachableWaitsMs: readonly number[]
  readonly settleMs: number
}

const MINUTE = 60_000

export const USUAL_LIMITS: NotificationLimits = {
  send: { connectMs: 5_000, wholeMs: 10_000 },
  retries: { waitsMs: [1_000, 3_000], longestWaitMs: MINUTE },
  // Rocket.Chat allows ten a minute, and a person may use the same webhook.
  chatRate: { calls: 8, perMs: MINUTE },
  pending: { longestAgeMs: 3 * 24 * 60 * MINUTE, mostNotices: 100, adoptAfterMs: MINUTE },
  unreachableWaitsMs: [MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  settleMs: MINUTE / 2,
}
