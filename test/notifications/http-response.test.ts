import { expect, test } from 'vitest'
import { outcomeOf } from '../../src/notifications/http-response.ts'

const NOW = new Date('2026-11-20T08:00:00Z')
const answer = (status: number, retryAfter: string | null = null, body = ''): ReturnType<typeof outcomeOf> =>
  outcomeOf({ status, retryAfter, body }, ['T0K3N-12345678'], NOW)

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

test.each([
  ['Rocket.Chat', '{"success":true}'],
  ['Slack and Mattermost', 'ok'],
  ['PagerDuty', '{"status":"success","message":"Event processed","dedup_key":"a"}'],
  ['Microsoft Teams', '1'],
  ['healthchecks.io', 'OK'],
  ['nobody', ''],
  ['one that names no error', '{"ok":true,"error":null,"errors":[],"warning":"missing_charset"}'],
  ['one that talks of others', '{"success":true,"error":"none","errors":["an earlier one"]}'],
  ['one that talks of pages', 'accepted <html>'],
  ['one that says more of it', '[{ "Success" : true, "error" : null, "errors" : [ ], "statusCode" : 200, "ok": 1 }]'],
  ['one that repeats what it got', '{"message":"`a/b`: \\"success\\": false","statusCode":"ERROR","ok":true}'],
  ['one that has no errors', 'no errors, 1 delivered, 0 failed'],
  ['half a JSON', '{"message":"the backup failed","id":12'],
])('FM121 the body of %s is a yes: %s', (_, body) => {
  expect(answer(200, null, body)).toMatchObject({ result: 'taken' })
})

test.each([
  ['Rocket.Chat', '{"success":false,"error":"Invalid integration id or token provided."}'],
  ['Slack', '{"ok":false,"error":"channel_not_found"}'],
  ['PagerDuty', '{"status":"invalid event","message":"Event object is invalid"}'],
  ['a gateway', ' {"error":{"code":17}}'],
  ['a server of problems', '{"status":404,"title":"Not Found"}'],
  ['a list of errors', '{"errors":["no such route"]}'],
  ['healthchecks.io', 'OK (not found)'],
  ['Microsoft Teams', 'Webhook message delivery failed with error: HTTP error 403'],
])('FM121 the body of %s is a no, and is not tried again: %s', (_, body) => {
  expect(answer(200, null, body)).toEqual({ result: 'refused', detail: `HTTP 200: ${body.trim()}; expected a yes` })
})

test.each([
  ['with more than is read', `{"success":false,"x":"${'a'.repeat(8_000)}`],
  ['cut', '{"success":false'],
  ['cut in its word', '{"id":1,"success":fal'],
  ['with a raw control character', '{"message":"\u001b[31mno","ok":false}'],
  ['in a list', '[{"ok":false}]'],
  ['as a list of texts', '["error"]'],
  ['as a text in JSON', '"invalid_payload"'],
  ['in another case', '{"Success":false}'],
  ['as a number', '{"ok":0}'],
  ['as a text', '{"success": "False"}'],
  ['as a status', '{"statusCode":500}'],
  ['as a status in a text', '{"status_code":"403"}'],
  ['behind a mark of the byte order', '\uFEFF{"ok":false}'],
  ['in a word of Slack', 'no_service'],
  ['in another', 'invalid_token'],
  ['in a third', 'channel_is_archived'],
  ['in a fourth', 'posting_to_general_channel_denied\n'],
  ['in plain words', 'error: channel not found'],
  ['in plain words that begin well', 'Channel not found'],
])('FM164 a no %s is a no', (_, body) => {
  expect(answer(200, null, body)).toMatchObject({ result: 'refused' })
})

test('FM164 whatever stands in a long body, it costs no time', () => {
  const bodies = ['"error":', '"ok" : ', '"status":"', '_', 'not ', ' '].map(part => part.repeat(8_192 / part.length))
  const startedMs = performance.now()

  for (const body of bodies) answer(200, null, body)

  expect(performance.now() - startedMs).toBeLessThan(1_000)
})

test.each([
  '{"success":false,"error":"error-too-many-requests"}',
  'too_many_requests',
  'OK (rate limited)',
  'Webhook message delivery failed with error: HTTP error 429 Too Many Requests',
])('FM121 a no for being too many is worth another try: %s', body => {
  expect(answer(200, '43', body)).toEqual({ result: 'not-now', detail: `HTTP 200: ${body}`, retryAfterMs: 43_000 })
})

test.each([
  ['of today', '<!DOCTYPE html><html><head><title>Log in</title></head></html>'],
  ['behind a comment', '\uFEFF\n <!-- a gate -->\n<html lang="en">'],
  ['of XHTML', '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">'],
])('FM121 a web page %s is no answer, and the next try waits for an hour', (_, body) => {
  expect(answer(200, null, body)).toMatchObject({ result: 'not-now', retryAfterMs: 3_600_000 })
})

test('FM121 a body that is nothing but comments costs no time', () => {
  const startedMs = performance.now()

  expect(answer(200, null, '<!-- --> '.repeat(900))).toMatchObject({ result: 'taken' })

  expect(performance.now() - startedMs).toBeLessThan(1_000)
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
