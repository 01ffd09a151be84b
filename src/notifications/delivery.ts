import type { NoticeKind } from './notice.ts'

/** Every way of telling; also the name under which a notice waits on the volume. */
export type Channel = 'chat' | 'pagerduty' | 'healthcheck'

/**
 * What became of one notice. `waiting`: it stays on the volume and is tried again later. `refused`: the other side will
 * never take it. `dropped`: it could not be sent, and it is too old, too much or nothing to be kept.
 */
export interface Delivery {
  readonly channel: Channel
  readonly kind: NoticeKind
  readonly state: 'delivered' | 'waiting' | 'refused' | 'dropped'
  /** The answer or the obstacle in one sentence, without an address or a secret. */
  readonly detail: string
}

/** What all channels together did since the program started, for metrics. */
export interface DeliveryCounters {
  readonly delivered: number
  /** Refused or dropped. */
  readonly failed: number
  /** Not told yet, those of earlier runs included once they were looked at. */
  readonly queued: number
}

/** Those of several channels as one. */
export function sumOfCounters(counters: readonly DeliveryCounters[]): DeliveryCounters {
  const sum = (pick: (each: DeliveryCounters) => number): number =>
    counters.reduce((total, each) => total + pick(each), 0)
  return { delivered: sum(each => each.delivered), failed: sum(each => each.failed), queued: sum(each => each.queued) }
}
