import type { Clock } from '../system/clock.ts'
import type { Notifier } from './notifier.ts'

/** How many calls may be made in any stretch of that length. */
export interface Rate {
  readonly calls: number
  readonly perMs: number
}

/** When calls were made, in milliseconds of the wall clock, oldest first; kept where later runs find it too. */
export interface CallRecord {
  read(): Promise<readonly number[]>
  write(calls: readonly number[]): Promise<void>
}

/** Milliseconds until one more call is allowed. Calls that a clock set back has put into the future do not count. */
export function waitForCall(calls: readonly number[], now: number, rate: Rate): number {
  const recent = recentCalls(calls, now, rate)
  const oldest = recent[recent.length - rate.calls]
  return oldest === undefined ? 0 : oldest + rate.perMs - now
}

/** A notifier that never makes more calls than allowed, those of other runs on the same volume included. */
export function withRateLimit(
  notifier: Notifier,
  limit: { readonly rate: Rate; readonly record: CallRecord },
  clock: Clock,
): Notifier {
  const { rate, record } = limit
  return {
    ...notifier,
    async tell(notice, signal) {
      let calls = await record.read()
      for (;;) {
        const waitMs = waitForCall(calls, clock.now().getTime(), rate)
        if (waitMs <= 0) break
        await clock.sleep(waitMs, signal)
        calls = await record.read()
      }
      const now = clock.now().getTime()
      await record.write([...recentCalls(calls, now, rate), now])
      return await notifier.tell(notice, signal)
    },
  }
}

function recentCalls(calls: readonly number[], now: number, { perMs }: Rate): readonly number[] {
  return calls.filter(call => call > now - perMs && call <= now)
}
