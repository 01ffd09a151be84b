import { expect, test } from 'vitest'
import { notificationSecrets } from '../../src/config/notification-settings.ts'
import { configure, problemPlaces } from './read.ts'

test('nobody is told unless it is asked for', () => {
  const { notifications, problems } = configure({ env: { WEBHOOK_URL: '', PGDUTY_SVC_KEY: '' } })

  expect(notifications).toEqual({
    webhook: null,
    pagerDuty: null,
    healthcheckUrl: null,
    notifyOn: 'all',
    consoleUrl: null,
    environmentName: null,
    environmentFriendlyName: null,
    proxies: { http: null, https: null, except: null },
  })
  expect(problems).toEqual([])
})

test('addresses and keys come from variables and from files', () => {
  const { notifications, problems } = configure({
    env: {
      WEBHOOK_URL_FILE: '/secrets/webhook',
      WEBHOOK_FORMAT: 'JSON',
      NOTIFY_ON: 'changes',
      PGDUTY_SVC_KEY: 'key-1',
      HEALTHCHECK_URL: 'http://checks:8000/ping/1',
    },
    files: { '/secrets/webhook': 'https://chat.example.org/hooks/a/b\n' },
  })

  expect(problems).toEqual([])
  expect(notifications.webhook?.url.reveal()).toBe('https://chat.example.org/hooks/a/b')
  expect(notifications).toMatchObject({ webhook: { format: 'json' }, notifyOn: 'changes' })
  expect(notifications.healthcheckUrl?.reveal()).toBe('http://checks:8000/ping/1')
  expect(notifications.pagerDuty?.serviceKey.reveal()).toBe('key-1')
  expect(notifications.pagerDuty?.url.reveal()).toBe(
    'https://events.pagerduty.com/generic/2010-04-15/create_event.json',
  )
})

test.each(['WEBHOOK_URL', 'HEALTHCHECK_URL', 'HTTPS_PROXY'])(
  'FM12 %s that is no address is a problem that does not quote it',
  name => {
    const configuration = configure({ env: { [name]: 'ftp://hunter2.example/hooks' } })

    expect(problemPlaces(configuration)).toEqual([`problem ${name}`])
    expect(JSON.stringify(configuration)).not.toContain('hunter2')
    expect(configuration.notifications).toMatchObject({ webhook: null, healthcheckUrl: null, proxies: { https: null } })
  },
)

test('what cannot be used elsewhere is a problem with its default', () => {
  const configuration = configure({
    env: { NOTIFY_ON: 'never', WEBHOOK_FORMAT: 'xml', PGDUTY_URL: 'x', CONSOLE_URL: 'y' },
  })

  expect(problemPlaces(configuration).toSorted()).toEqual([
    'problem CONSOLE_URL',
    'problem NOTIFY_ON',
    'problem PGDUTY_URL',
    'problem WEBHOOK_FORMAT',
  ])
})

test('the console page is that of the environment', () => {
  const env = { CONSOLE_URL: 'https://console.example.org/{project}/pods?ns={project}', ENVIRONMENT_NAME: 'a/1' }

  expect(configure({ env }).notifications.consoleUrl).toBe('https://console.example.org/a%2F1/pods?ns=a%2F1')
})

test('proxies are taken without a scheme too, and the name in small letters wins', () => {
  const { notifications, problems } = configure({
    env: {
      HTTP_PROXY: 'upper:1',
      http_proxy: 'lower:3128',
      HTTPS_PROXY: 'http://me:pass@proxy:3128',
      no_proxy: '.svc',
    },
  })

  expect(problems).toEqual([])
  expect(notifications.proxies.http?.reveal()).toBe('http://lower:3128')
  expect(notifications.proxies.https?.reveal()).toBe('http://me:pass@proxy:3128')
  expect(notifications.proxies.except).toBe('.svc')
})

test('FM12 the secrets are whole addresses and what in them opens a door, and no ordinary word', () => {
  const { notifications } = configure({
    env: {
      WEBHOOK_URL: 'https://chat.example.org/services/hooks/T0K3N-1234567890',
      PGDUTY_SVC_KEY: 'key-1',
      HTTP_PROXY: 'http://user:long-password@proxy:3128',
    },
  })

  const secrets = notificationSecrets(notifications)

  expect(secrets).toContain('https://chat.example.org/services/hooks/T0K3N-1234567890')
  expect(secrets).toContain('T0K3N-1234567890')
  expect(secrets).toContain('key-1')
  expect(secrets).toContain('long-password')
  expect(secrets).not.toContain('services')
})
