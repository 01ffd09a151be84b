import { expect, test } from 'vitest'
import { answerOf } from '../../src/notifications/answer.ts'

const NOW = new Date('2026-11-20T08:00:00Z')
const answer = (status: number, retryAfter: string | null = null, body = ''): ReturnType<typeof answerOf> =>
  answerOf({ status, retryAfter, body }, ['T0K3N-12345678'], NOW)

test.each([
  [200, 'taken'],
  [202, 'taken'],
  [204, 'taken'],
  [301, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [408, 'not-now'],
  [410, 'refused'],
  [429, 'not-now'],
  [500, 'not-now'],
  [503, 'not-now'],
] as const)('HTTP %i is %s', (status, result) => {
  expect(answer(status)).toMatchObject({ result })
})

test('an old Rocket.Chat that answers 400 to too many calls is asked again', () => {
  const body = '{"success":false,"error":"Error, too many requests. You must wait 43 seconds"}'

  expect(answer(400, null, body)).toMatchObject({ result: 'not-now' })
})

test.each([
  ['7', 7_000],
  [' 0 ', 0],
  ['Fri, 20 Nov 2026 08:01:30 GMT', 90_000],
  ['Fri, 20 Nov 2026 07:00:00 GMT', 0],
  ['soon', null],
  [null, null],
] as const)('Retry-After %s', (header, retryAfterMs) => {
  expect(answer(429, header)).toMatchObject({ retryAfterMs })
})

test('FM12 what is quoted of an answer holds no secret, no line break, and little', () => {
  const { detail } = answer(404, null, `no such\nhook /hooks/T0K3N-12345678\u0000 ${'x'.repeat(10_000)}`)

  expect(detail).toMatch(/^HTTP 404: no such hook \/hooks\/\[secret\] x+$/)
  expect(detail.length).toBeLessThan(140)
})
