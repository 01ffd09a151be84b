import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { pingUrl } from '../../src/notifications/healthcheck.ts'

const urlOf = (base: string, state: 'start' | 'success' | 'fail' | 'log', runId = 'run-1'): string =>
  pingUrl(new Secret(base), { state, runId }).reveal()

test.each([
  ['start', /^https:\/\/hc\.example\/ping\/uuid\/start\?rid=/],
  ['success', /^https:\/\/hc\.example\/ping\/uuid\?rid=/],
  ['fail', /^https:\/\/hc\.example\/ping\/uuid\/fail\?rid=/],
  ['log', /^https:\/\/hc\.example\/ping\/uuid\/log\?rid=/],
] as const)('%s has its own address', (state, expected) => {
  expect(urlOf('https://hc.example/ping/uuid', state)).toMatch(expected)
})

test('what the address holds already stays', () => {
  expect(urlOf('https://hc.example/ping/uuid/?create=1', 'fail')).toMatch(/\/ping\/uuid\/fail\?create=1&rid=/)
})

test('start and end of one run have the same UUID, another run has another', () => {
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const [start, end, second] = [
        urlOf('http://h/', 'start', one),
        urlOf('http://h/', 'fail', one),
        urlOf('http://h/', 'fail', other),
      ]

      expect(uuid.exec(start)?.[0]).toBe(uuid.exec(end)?.[0])
      expect(end === second).toBe(one === other)
    }),
  )
})
