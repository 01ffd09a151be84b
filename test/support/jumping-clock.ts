import type { Clock } from '../../src/system/clock.ts'

/** A clock that nobody waits for: whoever sleeps is woken at once, and it is then that much later. */
export interface JumpingClock extends Clock {
  /** Every sleep in milliseconds, in their order. */
  readonly slept: readonly number[]
  /** Sets the clock forward, or back. */
  jump(ms: number): void
}

export function jumpingClock(start: string): JumpingClock {
  const slept: number[] = []
  let now = Date.parse(start)
  return {
    slept,
    jump(ms) {
      now += ms
    },
    now: () => new Date(now),
    monotonicMs: () => now,
    async sleep(ms, signal) {
      signal.throwIfAborted()
      slept.push(ms)
      now += ms
      await new Promise(resolve => setImmediate(resolve))
      signal.throwIfAborted()
    },
  }
}
