import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCallRecord } from '../../src/notifications/edge/call-record.ts'
import type { Notifier } from '../../src/notifications/notifier.ts'
import { waitForCall, withRateLimit } from '../../src/notifications/rate-limit.ts'
import { jumpingClock } from '../support/jumping-clock.ts'
import { ODD_FILES, putOdd } from '../support/odd-files.ts'
import { temporaryVolume } from '../support/volume.ts'
import { textMessage } from './samples.ts'

const RATE = { calls: 8, perMs: 60_000 }
const NOTICE = { kind: 'message', at: '2026-11-20T01:00:00-07:00', message: textMessage('x') } as const

test('FM55 no stretch of a minute ever holds more calls than allowed', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { maxLength: 60 }), pauses => {
      let calls: number[] = []
      let now = 1_000_000
      for (const pause of pauses) {
        now += pause
        now += waitForCall(calls, now, RATE)
        calls = [...calls, now]
      }

      const most = Math.max(
        0,
        ...calls.map(from => calls.filter(call => call >= from && call < from + RATE.perMs).length),
      )
      expect(most).toBeLessThanOrEqual(RATE.calls)
    }),
  )
})

test('calls in the future, of a clock that was set back since, keep nobody waiting', () => {
  const calls = Array.from({ length: 20 }, () => 5_000_000)

  expect(waitForCall(calls, 1_000_000, RATE)).toBe(0)
})

describe('the record of calls', () => {
  test('FM55 reaches from one process to the next, as with a CronJob', async () => {
    const volume = temporaryVolume()
    const path = join(volume, '.backup/outbox/chat.calls')
    const clock = jumpingClock('2026-11-20T08:00:00Z')
    const notifier: Notifier = { channel: 'chat', kind: 'message', tell: async () => ({ result: 'taken', detail: '' }) }
    const send = async (): Promise<unknown> => {
      const ofThisProcess = createCallRecord(volume, '.backup/outbox/chat.calls')
      return await withRateLimit(notifier, { rate: RATE, record: ofThisProcess }, clock).tell(
        NOTICE,
        AbortSignal.timeout(60_000),
      )
    }

    for (let call = 0; call < 9; call += 1) await send()

    expect(clock.slept).toEqual([60_000])
    expect(statSync(path).mode & 0o007).toBe(0)
    expect(readFileSync(path, 'utf8')).toMatch(/^(\d+\n)+$/)
  })

  test('that is broken, or cannot be kept, stops nobody', async () => {
    const volume = temporaryVolume()
    writeFileSync(join(volume, 'calls'), 'x\n-3\n\u0000\n12\n')
    const impossible = createCallRecord(volume, 'calls/below-a-file')

    await impossible.write([1, 2])

    expect(await createCallRecord(volume, 'calls').read()).toEqual([12])
    expect(await impossible.read()).toEqual([1, 2])
  })

  test('FM103 that is no file is neither waited for nor written through', async () => {
    for (const what of ODD_FILES) {
      const volume = temporaryVolume()
      await putOdd(join(volume, 'calls'), what)
      const record = createCallRecord(volume, 'calls')
      const before = await record.read()

      await record.write([1, 2])

      expect({ what, before, after: await record.read() }).toEqual({ what, before: [], after: [1, 2] })
      if (what === 'a symbolic link') expect(readFileSync(join(volume, 'calls.target'), 'utf8')).toBe('elsewhere')
    }
  })
})
