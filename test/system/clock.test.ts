import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/system/clock.ts'

describe('the clock of the system', () => {
  test('FM30 its monotonic time grows by what was slept', async () => {
    const before = systemClock.monotonicMs()

    await systemClock.sleep(20, new AbortController().signal)

    // Timers of Node may fire up to a millisecond early.
    expect(systemClock.monotonicMs() - before).toBeGreaterThanOrEqual(19)
  })

  test('a sleep ends at once, with the reason, when it is aborted', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')

    const sleep = systemClock.sleep(3_600_000, controller.signal)
    controller.abort(reason)

    await expect(sleep).rejects.toBe(reason)
  })

  test('a sleep does not begin when the signal was aborted before', async () => {
    const reason = new Error('too late')

    const sleep = systemClock.sleep(3_600_000, AbortSignal.abort(reason))

    await expect(sleep).rejects.toBe(reason)
  })

  test('a thousand sleeps leave no listener on their signal', async () => {
    const { signal } = new AbortController()

    await Promise.all(Array.from({ length: 1000 }, () => systemClock.sleep(1, signal)))

    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
