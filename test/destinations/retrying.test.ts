import { describe, expect, test } from 'vitest'
import type { Destination } from '../../src/destinations/destination.ts'
import { retrying } from '../../src/destinations/retrying.ts'
import { type FailureKind, OperatorError } from '../../src/errors.ts'
import { type Clock, systemClock } from '../../src/system/clock.ts'
import { memoryDestination } from '../support/memory-destination.ts'

const signal = AbortSignal.timeout(600_000)

/** Fails with these kinds, one call after the other, and then works. */
function failing(...kinds: readonly FailureKind[]): Destination & { readonly calls: () => number } {
  let calls = 0
  const inner = memoryDestination()
  return {
    ...inner,
    calls: () => calls,
    async list(given) {
      const kind = kinds[calls]
      calls += 1
      if (kind !== undefined) throw new OperatorError(kind, `memory: ${kind} ${calls}`)
      return await inner.list(given)
    },
  }
}

function recording(): { readonly clock: Clock; readonly waits: readonly number[] } {
  const waits: number[] = []
  return { waits, clock: { ...systemClock, sleep: async ms => void waits.push(ms) } }
}

describe('retrying', () => {
  test('FM48 tries again after lost connections, and waits longer each time', async () => {
    const { clock, waits } = recording()
    const inner = failing('connection', 'connection')
    const retries: string[] = []
    const destination = retrying(inner, { clock, onRetry: ({ error }) => retries.push(error.message) })

    const files = await destination.list(signal)

    expect(files).toEqual([])
    expect(waits).toEqual([2_000, 10_000])
    expect(retries).toEqual(['memory: connection 1', 'memory: connection 2'])
  })

  test.each(['authentication', 'space', 'rights', 'configuration', 'missing'] as const)(
    'does not try again after %s',
    async kind => {
      const { clock, waits } = recording()
      const inner = failing(kind)

      await expect(retrying(inner, { clock }).list(signal)).rejects.toMatchObject({ kind })

      expect([inner.calls(), waits]).toEqual([1, []])
    },
  )

  test('a bug is not tried again', async () => {
    const { clock, waits } = recording()
    const inner = { ...failing(), list: () => Promise.reject(new TypeError('a bug')) }

    await expect(retrying(inner, { clock }).list(signal)).rejects.toThrow(TypeError)

    expect(waits).toEqual([])
  })

  test('what is down is waited for once, not for every file', async () => {
    const { clock, waits } = recording()
    const inner = failing('connection', 'connection', 'connection')
    const destination = retrying(inner, { clock, backOffMs: [1, 2] })

    await expect(destination.list(signal)).rejects.toThrow('connection 3')
    await expect(destination.list(signal)).rejects.toThrow('connection 3')
    await expect(destination.remove('x', signal)).rejects.toThrow('connection 3')

    expect([inner.calls(), waits]).toEqual([3, [1, 2]])
  })

  test('an abort ends the wait', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const destination = retrying(failing('connection'), { clock: systemClock, backOffMs: [600_000] })

    const listing = destination.list(controller.signal)
    controller.abort(reason)

    await expect(listing).rejects.toBe(reason)
  })
})
