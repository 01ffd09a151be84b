import { expect, test } from 'vitest'
import { createLazyNotifications } from '../../src/commands/lazy-notifications.ts'
import { testNotifications } from '../../src/commands/test-notifications.ts'
import type { NotificationSettings } from '../../src/config/notification-settings.ts'
import type { Problem } from '../../src/config/problem.ts'
import { Secret } from '../../src/config/secret.ts'
import { settings, webhook } from '../notifications/samples.ts'
import { backupFolder, runBackup } from '../support/backup-program.ts'
import { startChatServer } from '../support/chat-server.ts'
import { commandContext } from '../support/command-context.ts'
import { temporaryVolume } from '../support/volume.ts'

async function run(
  more: Partial<NotificationSettings>,
  problems: readonly Problem[] = [],
): Promise<{ readonly code: number; readonly printed: readonly string[] }> {
  const volume = temporaryVolume()
  const { context, printed } = commandContext(volume, [], problems)
  const { clock, log } = context
  const notifications = createLazyNotifications({
    settings: settings(more),
    backupDir: volume,
    timeZone: 'UTC',
    clock,
    log,
  })
  const code = await testNotifications({ ...context, notifications }, new AbortController().signal)
  return { code, printed }
}

test('one of each is sent, and what came back is printed', async () => {
  await using server = await startChatServer()

  const { code, printed } = await run({
    webhook: webhook(`${server.url}/hooks/x`),
    pagerDuty: { url: new Secret(`${server.url}/v2/enqueue`), serviceKey: new Secret('key-1') },
    healthcheckUrl: new Secret(`${server.url}/ping`),
  })

  expect(code).toBe(0)
  expect(printed).toEqual([
    'chat         message delivered: HTTP 200: {"success":true}',
    'pagerduty    alert delivered: HTTP 200: {"success":true}',
    'pagerduty    alert delivered: HTTP 200: {"success":true}',
    'healthcheck  ping delivered: HTTP 200: {"success":true}',
  ])
  const actions = server.posts
    .filter(post => post.path === '/v2/enqueue')
    .map(post => (JSON.parse(post.body) as { event_action: string }).event_action)
  expect(actions).toEqual(['trigger', 'resolve'])
})

test('FM38 what is refused makes the exit code 1', async () => {
  await using server = await startChatServer()
  server.behave({ status: 403, body: 'not you' })

  expect(await run({ webhook: webhook(server.url) })).toEqual({
    code: 1,
    printed: ['chat         message refused: HTTP 403: not you'],
  })
})

test('FM38 nothing configured, or configured wrongly, makes the exit code 10', async () => {
  await using server = await startChatServer()
  const problem = {
    severity: 'problem',
    place: 'HEALTHCHECK_URL',
    text: 'it cannot be used; expected an address',
  } as const

  const nothing = await run({})
  const wrong = await run({ webhook: webhook(server.url) }, [problem])

  expect(nothing).toEqual({
    code: 10,
    printed: ['nothing is configured: set WEBHOOK_URL, PGDUTY_SVC_KEY or HEALTHCHECK_URL'],
  })
  expect(wrong.code).toBe(10)
  expect(wrong.printed.at(-1)).toBe('problem      HEALTHCHECK_URL: it cannot be used; expected an address')
})

test('FM12 the program does the same, and shows no address', async () => {
  await using server = await startChatServer()
  using folder = backupFolder('127.0.0.1:1/none')
  const env = { BACKUP_DIR: folder.volume, DATABASE_USER: 'a', DATABASE_PASSWORD: 'pass-word-1' }
  const given = { ...env, WEBHOOK_URL: `${server.url}/hooks/token-1234567890`, BACKUP_LOG_LEVEL: 'debug' }

  const result = await runBackup(['--test-notifications'], { env: given, conf: folder.conf })

  expect(result).toMatchObject({ code: 0, stdout: 'chat         message delivered: HTTP 200: {"success":true}\n' })
  expect(server.posts).toMatchObject([{ path: '/hooks/token-1234567890' }])
  expect(result.stdout + result.stderr).not.toMatch(/token-1234567890|pass-word-1/)
})
