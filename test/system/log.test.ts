import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLog, type Log, type LogOptions } from '../../src/system/log.ts'

describe('the log', () => {
  test('writes one JSON object a line, with level, time, the run and the fields', () => {
    const { log, lines } = logInto({ fields: { runId: 'r1' } })

    log.warn('disk-slow', { path: '/backups', ms: 12 })

    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      runId: 'r1',
      path: '/backups',
      ms: 12,
      event: 'disk-slow',
    })
  })

  test('leaves out what is below its level', () => {
    const { log, lines } = logInto({ level: 'warn' })

    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')

    expect(lines.map(line => JSON.parse(line).event)).toEqual(['c', 'd'])
  })

  test('writes text for a person without the run and the date', () => {
    const { log, lines } = logInto({ pretty: true, fields: { runId: 'r1' } })

    log.info('database-started', { database: 'db/app', files: ['a', 'b'] })

    expect(lines).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d info database-started database=db\/app files=\["a","b"\]\n$/),
    ])
  })

  test('FM12 blanks the longer of two secrets that hold each other', () => {
    const { log, lines } = logInto({ secrets: ['pass', 'password-1'] })

    log.info('x', { text: 'is password-1 or pass' })

    expect(JSON.parse(lines[0] ?? '').text).toBe('is [secret] or [secret]')
  })

  test.each([false, true])('FM12 no secret ever comes out, whatever the fields (pretty: %s)', pretty => {
    const text = fc.string({ unit: 'binary', maxLength: 20 })
    const secret = fc.oneof(
      fc.string({ unit: 'binary', minLength: 4, maxLength: 30 }),
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\t', '\u0001', '{', ':', ',', 'é', 'x'), minLength: 4 }),
    )
    const apart = secret.filter(value => !'[secret]'.includes(value) && !/[[\]]/.test(value))
    fc.assert(
      fc.property(apart, text, text, (value, before, after) => {
        const { log, lines } = logInto({ pretty, secrets: [value] })
        const told = `${before}${value}${after}`

        log.error('failed', {
          told,
          lines: ['a', told],
          deep: { more: [{ told }] },
          error: new Error(told).message,
          [told]: 1,
        })

        expect(lines).toHaveLength(1)
        for (const piece of pretty ? lines : textsIn(JSON.parse(lines[0] ?? '')))
          expect(leaks(piece, value, told)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('a secret made of JSON signs does not break a line', () => {
    const { log, lines } = logInto({ secrets: ['":"', '{"level"'] })

    log.info('x', { a: '":"', b: 'c' })

    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ a: '":"', b: 'c' })
  })
})

function logInto(given: Partial<LogOptions>): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    fields: {},
    pretty: false,
    secrets: [],
    write: line => lines.push(line),
    ...given,
  })
  return { log, lines }
}

/** Blanking a secret leaves pieces of its neighbours, which may happen to look like it; what was told must not be there. */
function leaks(piece: string, secret: string, told: string): boolean {
  const once = told.replaceAll(secret, '[secret]')
  return (
    piece.includes(secret) &&
    !once.includes(secret) &&
    !'failed error level time event told lines deep more'.includes(secret)
  )
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => [key, ...textsIn(each)])
}
