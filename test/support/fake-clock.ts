import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../src/system/clock.ts'

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Every duration that somebody asked to sleep. */
  readonly sleeps: readonly number[]
  /** Time goes by, and everybody who sleeps wakes in time. */
  advance(ms: number): Promise<void>
  /** Somebody sets the wall clock; sleepers do not notice. */
  setWall(change: number): void
  /** The process does not run for so long: both clocks go on, and sleepers wake late. */
  suspend(ms: number): Promise<void>
}

interface Sleeper {
  readonly at: number
  wake(): void
}

export function createFakeClock(start: string): FakeClock {
  let wall = Date.parse(start)
  let elapsed = 0
  const sleeps: number[] = []
  const sleepers = new Set<Sleeper>()
  const go = (ms: number): void => {
    wall += ms
    elapsed += ms
  }
  const wakeDue = async (): Promise<void> => {
    for (const sleeper of [...sleepers]) if (sleeper.at <= elapsed) sleeper.wake()
    for (let turn = 0; turn < 5; turn += 1) await nextTurn()
  }
  return {
    sleeps,
    now: () => new Date(wall),
    monotonicMs: () => elapsed,
    sleep: (ms, signal) => {
      sleeps.push(ms)
      return sleepUntil(sleepers, elapsed + ms, signal)
    },
    async advance(ms) {
      const end = elapsed + ms
      await wakeDue()
      while (elapsed < end) {
        go(Math.min(end, ...[...sleepers].map(({ at }) => at)) - elapsed)
        await wakeDue()
      }
    },
    setWall(change) {
      wall += change
    },
    async suspend(ms) {
      go(ms)
      await wakeDue()
    },
  }
}

function sleepUntil(sleepers: Set<Sleeper>, at: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      sleepers.delete(sleeper)
      reject(signal.reason)
    }
    const sleeper = {
      at,
      wake() {
        sleepers.delete(sleeper)
        signal.removeEventListener('abort', stop)
        resolve()
      },
    }
    if (signal.aborted) return stop()
    sleepers.add(sleeper)
    signal.addEventListener('abort', stop, { once: true })
  })
}
