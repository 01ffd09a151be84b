import { logLinesOf } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Delivery, DeliveryCounters } from './delivery.ts'
import { type Notice, withDelay } from './notice.ts'
import type { Notifier, TellOutcome } from './notifier.ts'
import type { PendingNotice, PendingNotices } from './pending-notices.ts'

/** The notices of one channel, told one after the other in their order. */
export interface ChannelQueue {
  /** Returns at once. */
  add(notice: Notice): void
  /** Looks for what earlier runs could not tell; returns at once. */
  wake(): void
  /**
   * Waits until all is told, or the channel turns out not to be reachable, or the signal is aborted. From then on nothing
   * goes on in the background until the next call of `add` or `wake`; what is left waits on the volume. Resolves with
   * what became of each notice since the last call. Never rejects.
   */
  settle(signal: AbortSignal): Promise<readonly Delivery[]>
  counters(): DeliveryCounters
}

export interface QueueParts {
  readonly pending: PendingNotices
  readonly clock: Clock
  readonly log: Log
  /** Before a channel that could not be reached is tried again; the last one serves all further tries. */
  readonly waitsMs: readonly number[]
}

/** Makes a queue. Its notices are on the volume before they are sent, so that a process that is killed loses none. */
export function createChannelQueue(notifier: Notifier, parts: QueueParts): ChannelQueue {
  const state = new QueueState(notifier, parts)
  const settle = async (signal: AbortSignal): Promise<readonly Delivery[]> => {
    await Promise.race([state.worker, state.unreachable, aborted(signal)])
    await state.halt()
    await parts.pending.store()
    return state.takeDeliveries()
  }
  return {
    add(notice) {
      parts.pending.add(notice)
      state.start()
    },
    wake: () => state.start(),
    settle,
    counters: () => state.counters(),
  }
}

/** More than these are forgotten when nobody asks. */
const MOST_DELIVERIES = 200

/** Whoever asks for more than this is asked again all the same. */
const LONGEST_WAIT_MS = 3_600_000

/** What goes on in one queue. */
class QueueState {
  /** Resolves when there is nothing to do any more, or `halt` was called; null while there is none. */
  worker: Promise<void> | null = null
  /** Resolves when the channel could not be reached. */
  unreachable: Promise<void>
  readonly #notifier: Notifier
  readonly #parts: QueueParts
  #reportUnreachable: () => void = () => {}
  #stop = new AbortController()
  #deliveries: readonly Delivery[] = []
  #obstacle = 'there was no time left to send it'
  #counts = { delivered: 0, failed: 0 }

  constructor(notifier: Notifier, parts: QueueParts) {
    this.#notifier = notifier
    this.#parts = parts
    this.unreachable = this.#newUnreachable()
  }

  start(): void {
    if (this.worker !== null) return
    const { signal } = this.#stop
    this.worker = this.#work(signal).catch((error: unknown) => {
      this.worker = null
      if (!signal.aborted) this.#parts.log.error('notification-bug', { lines: logLinesOf(error) })
    })
  }

  async halt(): Promise<void> {
    this.#stop.abort(new Error('settled'))
    await this.worker
    this.#stop = new AbortController()
    this.unreachable = this.#newUnreachable()
  }

  takeDeliveries(): readonly Delivery[] {
    const { channel } = this.#notifier
    const left = this.#parts.pending.all().map(({ notice, name }): Delivery => {
      return { channel, kind: notice.kind, state: name === null ? 'dropped' : 'waiting', detail: this.#obstacle }
    })
    const all = [...this.#deliveries, ...left]
    this.#deliveries = []
    return all
  }

  counters(): DeliveryCounters {
    return { ...this.#counts, queued: this.#parts.pending.size }
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { pending, clock, waitsMs } = this.#parts
    await pending.adopt()
    let failures = 0
    for (;;) {
      for (const { notice, detail } of await pending.dropOld()) this.#record(notice, 'dropped', detail)
      await pending.store()
      signal.throwIfAborted()
      const first = await pending.first()
      if (first === null) break
      const askedForMs = await this.#tell(first, signal)
      if (askedForMs === null) failures = 0
      else {
        this.#reportUnreachable()
        const plannedMs = waitsMs[Math.min(failures, waitsMs.length - 1)] ?? 0
        await clock.sleep(Math.max(plannedMs, Math.min(askedForMs, LONGEST_WAIT_MS)), signal)
        failures += 1
        this.unreachable = this.#newUnreachable()
        await pending.adopt()
      }
    }
    // Without an await since the list was found empty: nothing can have been added in between.
    this.worker = null
    this.unreachable = this.#newUnreachable()
  }

  /**
   * Null when this one is done. Else the channel cannot be reached now, so that the others wait behind this one, and the
   * other side has asked for this many milliseconds.
   */
  async #tell(first: PendingNotice, signal: AbortSignal): Promise<number | null> {
    const { notice } = first
    const { pending, clock, log } = this.#parts
    const answer = await this.#ask(withDelay(notice, clock.now()), signal)
    if (answer.result === 'not-now' && notice.kind !== 'ping') {
      this.#obstacle = answer.detail
      log.warn('notification-delayed', { channel: this.#notifier.channel, kind: notice.kind, detail: answer.detail })
      return answer.retryAfterMs ?? 0
    }
    await pending.remove(first)
    const states = { taken: 'delivered', refused: 'refused', 'not-now': 'dropped' } as const
    this.#record(notice, states[answer.result], answer.detail)
    return null
  }

  async #ask(notice: Notice, signal: AbortSignal): Promise<TellOutcome> {
    try {
      return await this.#notifier.tell(notice, signal)
    } catch (error) {
      signal.throwIfAborted()
      this.#parts.log.error('notification-bug', { channel: this.#notifier.channel, lines: logLinesOf(error) })
      return { result: 'refused', detail: 'an unexpected error, which is a fault of this program' }
    }
  }

  #record({ kind }: Notice, state: 'delivered' | 'refused' | 'dropped', detail: string): void {
    const { channel } = this.#notifier
    const { log } = this.#parts
    this.#deliveries = [...this.#deliveries, { channel, kind, state, detail }].slice(-MOST_DELIVERIES)
    const counted = state === 'delivered' ? 'delivered' : 'failed'
    this.#counts = { ...this.#counts, [counted]: this.#counts[counted] + 1 }
    if (state === 'delivered') log.debug('notification-delivered', { channel, kind, detail })
    else log.error(`notification-${state}`, { channel, kind, detail })
  }

  #newUnreachable(): Promise<void> {
    return new Promise(resolve => {
      this.#reportUnreachable = resolve
    })
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
