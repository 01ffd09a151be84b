import type { Clock } from '../system/clock.ts'
import type { Urgent } from './wording/urgent-message.ts'

/** Gathers urgent results of one run for a moment, so that many become one message. */
export interface UrgentGroup {
  add(urgent: Urgent): void
  /** Hands out at once what was gathered. */
  flush(): void
  /** Forgets what was gathered: the digest tells it. */
  discard(): void
}

/** Milliseconds from the first of a group until it is told; longer each time, the last one for all further groups. */
const GROUP_WAITS_MS: readonly number[] = [10_000, 30_000, 60_000, 300_000]

/** `tell` is given a group that is never empty. */
export function createUrgentGroup(tell: (urgent: readonly Urgent[]) => void, clock: Clock): UrgentGroup {
  let gathered: readonly Urgent[] = []
  let groups = 0
  let waiting: AbortController | null = null
  const discard = (): void => {
    gathered = []
    waiting?.abort(new Error('told otherwise'))
    waiting = null
  }
  const flush = (): void => {
    const group = gathered
    discard()
    if (group.length === 0) return
    groups += 1
    tell(group)
  }
  const wait = (): void => {
    const controller = new AbortController()
    waiting = controller
    const waitMs = GROUP_WAITS_MS[Math.min(groups, GROUP_WAITS_MS.length - 1)] ?? 0
    clock.sleep(waitMs, controller.signal).then(flush, () => {})
  }
  return {
    add(urgent) {
      gathered = [...gathered, urgent]
      if (waiting === null) wait()
    },
    flush,
    discard,
  }
}
