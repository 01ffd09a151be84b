import type { Clock } from '../system/clock.ts'
import type { Notifier, TellOutcome } from './notifier.ts'

export interface RetryPolicy {
  /** Milliseconds before the second try and each further one. */
  readonly waitsMs: readonly number[]
  /** Who asks for a longer wait than this gets it from the queue on the volume, not from a retry. */
  readonly longestWaitMs: number
}

/** A notifier that tries again what is worth it, a bounded number of times, and not before the time that a server names. */
export function withRetries(notifier: Notifier, policy: RetryPolicy, clock: Clock): Notifier {
  return {
    ...notifier,
    async tell(notice, signal) {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await notifier.tell(notice, signal)
        const waitMs = waitAfter(answer, attempt, policy)
        if (waitMs === null) return answer
        await clock.sleep(waitMs, signal)
      }
    },
  }
}

function waitAfter(answer: TellOutcome, attempt: number, { waitsMs, longestWaitMs }: RetryPolicy): number | null {
  const planned = waitsMs[attempt]
  if (answer.result !== 'not-now' || planned === undefined) return null
  const waitMs = Math.max(planned, answer.retryAfterMs ?? 0)
  return waitMs > longestWaitMs ? null : waitMs
}
