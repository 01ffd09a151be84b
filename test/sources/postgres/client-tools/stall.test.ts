import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Backend, judgeSilentDump, nextStep } from '../../../../src/sources/postgres/client-tools/stall.ts'

describe('FM08 a dump that has been silent for too long', () => {
  const running = (state: string | null, waitEventType: string | null): Backend => ({
    seen: 'running',
    state,
    waitEventType,
    waitEvent: null,
  })

  test.each([
    [running('active', null), { action: 'go-on' }],
    [running('active', 'IO'), { action: 'go-on' }],
    [running('active', 'LWLock'), { action: 'go-on' }],
    [running('active', 'Lock'), { action: 'end', because: 'lock' }],
    [running('active', 'Client'), { action: 'end', because: 'client' }],
    [running('idle', 'Client'), { action: 'end', because: 'idle' }],
    [running('idle in transaction', 'Client'), { action: 'end', because: 'idle' }],
    [{ seen: 'gone' } as const, { action: 'end', because: 'gone' }],
    [{ seen: 'unknown' } as const, { action: 'end', because: 'unreachable' }],
  ])('%j: %j', (backend, verdict) => {
    expect(judgeSilentDump(backend)).toEqual(verdict)
  })
})

describe('FM08 the next step of the watchdog', () => {
  const limits = { stallTimeoutMs: 1_000, dumpTimeoutMs: 10_000 }

  test('sleeps until silence would be too long', () => {
    expect(nextStep(limits, 0, { now: 500, waitingSince: 100 })).toEqual({ step: 'sleep', ms: 600 })
  })

  test('asks after the silence', () => {
    expect(nextStep(limits, 0, { now: 1_100, waitingSince: 100 })).toEqual({ step: 'ask' })
  })

  test('never blames the server while our own side is busy', () => {
    expect(nextStep(limits, 0, { now: 9_500, waitingSince: null })).toEqual({ step: 'sleep', ms: 500 })
  })

  test('keeps the deadline whatever else is', () => {
    expect(nextStep(limits, 0, { now: 10_000, waitingSince: null })).toEqual({ step: 'deadline' })
  })

  test('without limits it only sleeps', () => {
    expect(nextStep({ stallTimeoutMs: 0, dumpTimeoutMs: 0 }, 0, { now: 1e9, waitingSince: 0 }).step).toBe('sleep')
  })

  test('a sleep is never zero, never past the deadline', () => {
    const time = fc.integer({ min: 0, max: 20_000 })
    fc.assert(
      fc.property(time, time, fc.boolean(), (now, since, waiting) => {
        const next = nextStep(limits, 0, { now, waitingSince: waiting ? Math.min(since, now) : null })

        if (next.step === 'sleep') {
          expect(next.ms).toBeGreaterThan(0)
          expect(now + next.ms).toBeLessThanOrEqual(10_000)
        }
      }),
    )
  })
})
