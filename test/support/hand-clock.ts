import type { Clock } from '../../src/system/clock.ts'

/** A clock that stands still until it is advanced. */
export interface HandClock extends Clock {
  /** Sets it forward, and wakes in their order those whose time has come, each at its own time. */
  advance(ms: number): Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export function handClock(start: string): HandClock {
  let now = Date.parse(start)
  let sleepers: readonly Sleeper[] = []
  return {
    now: () => new Date(now),
    monotonicMs: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const sleeper = { at: now + ms, wake: resolve }
        sleepers = [...sleepers, sleeper].toSorted((a, b) => a.at - b.at)
        signal.addEventListener('abort', () => {
          sleepers = sleepers.filter(each => each !== sleeper)
          reject(signal.reason)
        })
      }),
    async advance(ms) {
      const end = now + ms
      for (let first = sleepers[0]; first !== undefined && first.at <= end; first = sleepers[0]) {
        sleepers = sleepers.slice(1)
        now = Math.max(now, first.at)
        first.wake()
        await new Promise(resolve => setImmediate(resolve))
      }
      now = end
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}
