import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { NotificationSettings } from '../../src/config/notification-settings.ts'
import { createNotifications } from '../../src/notifications/notifications.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type ReceivedPost, startChatServer } from '../support/chat-server.ts'
import { temporaryVolume } from '../support/volume.ts'
import { backupRun, badBackup, goodBackup, keptLog, settings, webhook } from './samples.ts'

const SCRIPT = readFileSync(new URL('../../scripts/rocket.chat.integration.js', import.meta.url), 'utf8')

interface Outcome {
  readonly content?: {
    readonly text: string
    readonly attachments: readonly {
      readonly color: string
      readonly title: string
      readonly title_link?: string
      readonly text: string
    }[]
  }
  readonly error?: { readonly success: boolean; readonly message: string }
}

/** Runs the script as Rocket.Chat does: alone, without a network or a file system, on the parsed body of a post. */
function runScript(content: unknown, script = SCRIPT): Outcome {
  const sandbox = createContext({ given: JSON.stringify({ request: { content } }) })
  const code = `${script}\nJSON.stringify(new Script().process_incoming_request(JSON.parse(given)))`
  return JSON.parse(String(runInContext(code, sandbox, { timeout: 1_000 }))) as Outcome
}

/** A post as our own sender makes it, over a real connection. */
async function realPost(
  format: 'form' | 'json',
  more: Partial<NotificationSettings> = {},
  good = false,
): Promise<ReceivedPost> {
  await using server = await startChatServer()
  const { log } = keptLog()
  const notifications = createNotifications({
    settings: settings({ webhook: webhook(server.url, format), ...more }),
    backupDir: temporaryVolume(),
    timeZone: 'UTC',
    clock: systemClock,
    log,
  })
  const outcomes = good ? [goodBackup('a/b')] : [goodBackup('a/b'), badBackup('wallet-db/tob')]
  notifications.tell({ type: 'run-finished', report: backupRun(outcomes), history: [] })
  await notifications.settle(new AbortController().signal)
  const [post] = server.posts
  if (post === undefined) throw new Error('nothing was posted')
  return post
}

/** What Rocket.Chat gives to a script: the fields of a form, or the JSON. */
function contentOf(post: ReceivedPost): unknown {
  if (post.headers['content-type'] === 'application/json') return JSON.parse(post.body)
  return Object.fromEntries(new URLSearchParams(post.body))
}

describe('the script for Rocket.Chat', () => {
  test.each(['form', 'json'] as const)('shows a real failure that came as %s in red, with its reason', async format => {
    const { content } = runScript(contentOf(await realPost(format)))

    expect(content?.text).toBe(':rotating_light: Backup: 1 of 2 backed up, 1 FAILED')
    expect(content?.attachments).toMatchObject([{ color: '#c62828', title: 'Wallet (production)' }])
    expect(content?.attachments[0]?.text).toMatch(/^- `wallet-db\/tob` FAILED after 1.2 s: .*\n {2}what to do: /)
    expect(content?.attachments[0]).not.toHaveProperty('title_link')
  })

  test('shows success in green', async () => {
    const { content } = runScript(contentOf(await realPost('form', {}, true)))

    expect(content).toMatchObject({
      text: ':white_check_mark: Backup: 1 database backed up',
      attachments: [{ color: '#2e7d32' }],
    })
  })

  test.each([
    ['WARN', '#f9a825'],
    ['ERROR', '#c62828'],
    ['UNKNOWN', '#c62828'],
    ['', '#c62828'],
  ])('shows %s as %s', (statusCode, color) => {
    expect(runScript({ statusCode, message: 'x' }).content?.attachments).toMatchObject([{ color }])
  })

  test('links to the page that the container names', async () => {
    const { content } = runScript(
      contentOf(await realPost('form', { consoleUrl: 'https://console.example.org/k8s/cluster/projects/a1b2c3-prod' })),
    )

    expect(content?.attachments).toMatchObject([
      { title_link: 'https://console.example.org/k8s/cluster/projects/a1b2c3-prod' },
    ])
  })

  test('links by its own pattern, whatever project is named', () => {
    const own = SCRIPT.replace("const CONSOLE_URL = ''", "const CONSOLE_URL = 'https://c.example/{project}/x'")
    const post = { message: 'x', statusCode: 'INFO', projectName: 'a b/../c', consoleUrl: 'https://other.example' }

    expect(runScript(post, own).content?.attachments).toMatchObject([
      { title_link: 'https://c.example/a%20b%2F..%2Fc/x' },
    ])
  })

  test('FM53 makes no link of anything but a web address, and no mention of a name', () => {
    const post = { message: 'x', projectFriendlyName: '@all *b* <x>', consoleUrl: 'javascript:alert(1)' }

    const attachment = runScript(post).content?.attachments[0]

    expect(attachment).not.toHaveProperty('title_link')
    expect(attachment?.title).toBe('@\u200Ball  b   x ')
  })

  test('takes what the bash tool posted', () => {
    const post = {
      projectFriendlyName: 'Wallet',
      projectName: 'a1',
      statusCode: 'INFO',
      message: 'Successfully backed up x',
    }

    expect(runScript(post).content).toMatchObject({ text: ':white_check_mark: Successfully backed up x' })
  })

  test.each([null, undefined, {}, { message: 7 }, 'text', []])(
    'answers %j with an error and does not break',
    content => {
      expect(runScript(content).error).toMatchObject({ success: false })
    },
  )

  test('cuts what is too long, and keeps its end', () => {
    const { content } = runScript({ statusCode: 'INFO', message: `title\n${'x'.repeat(9_000)}\nthe end` })

    const length = (content?.text.length ?? 0) + (content?.attachments[0]?.text.length ?? 0)
    expect(length).toBeLessThan(5_100)
    expect(content?.attachments[0]?.text.endsWith('\nthe end')).toBe(true)
  })
})
