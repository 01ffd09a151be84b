import { expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { pagerDutyBody } from '../../src/notifications/pagerduty.ts'
import { settings } from './samples.ts'

const VERSION_1 = 'https://events.pagerduty.com/generic/2010-04-15/create_event.json'
const VERSION_2 = 'https://events.pagerduty.com/v2/enqueue'
const MESSAGE = { level: 'ERROR' as const, title: ['Backup: 1 database FAILED'], lines: [['- ', { value: 'a/b' }]] }

function bodyOf(url: string, action: 'trigger' | 'resolve', consoleUrl: string | null = null): Record<string, unknown> {
  const service = { url: new Secret(url), serviceKey: new Secret('key-1') }
  const notice = {
    kind: 'alert',
    at: '2026-11-20T01:00:12-07:00',
    action,
    subject: 'backup',
    message: MESSAGE,
  } as const
  return JSON.parse(pagerDutyBody(notice, service, settings({ consoleUrl })).body) as Record<string, unknown>
}

test('version 1 of the events API, which is the default address', () => {
  expect(bodyOf(VERSION_1, 'trigger')).toEqual({
    service_key: 'key-1',
    event_type: 'trigger',
    incident_key: 'backup-container/a1b2c3-prod/backup',
    description: 'Wallet (production): Backup: 1 database FAILED',
    client: 'Wallet (production)',
    details: { message: 'Backup: 1 database FAILED\n- a/b' },
  })
})

test('version 2, with severity, time and a link', () => {
  expect(bodyOf(VERSION_2, 'trigger', 'https://console.example.org/')).toEqual({
    routing_key: 'key-1',
    event_action: 'trigger',
    dedup_key: 'backup-container/a1b2c3-prod/backup',
    payload: {
      summary: 'Wallet (production): Backup: 1 database FAILED',
      source: 'Wallet (production)',
      severity: 'error',
      timestamp: '2026-11-20T01:00:12-07:00',
      component: 'backup',
      custom_details: { message: 'Backup: 1 database FAILED\n- a/b' },
    },
    links: [{ href: 'https://console.example.org/', text: 'console' }],
  })
})

test('a recovery resolves what the failure opened, by the same key', () => {
  expect(bodyOf(VERSION_2, 'resolve')).toEqual({
    routing_key: 'key-1',
    event_action: 'resolve',
    dedup_key: bodyOf(VERSION_2, 'trigger').dedup_key,
  })
  expect(bodyOf(VERSION_1, 'resolve')).toMatchObject({
    event_type: 'resolve',
    incident_key: bodyOf(VERSION_1, 'trigger').incident_key,
  })
})
