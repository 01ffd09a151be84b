import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type NotificationSettings, notificationSecrets } from '../../src/config/notification-settings.ts'
import { Secret } from '../../src/config/secret.ts'
import { failureOf, OperatorError } from '../../src/errors.ts'
import type { Delivery } from '../../src/notifications/delivery.ts'
import {
  createNotifications,
  type NotificationLimits,
  type Notifications,
  USUAL_LIMITS,
} from '../../src/notifications/notifications.ts'
import type { Clock } from '../../src/system/clock.ts'
import { createLog } from '../../src/system/log.ts'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { handClock } from '../support/hand-clock.ts'
import { type JumpingClock, jumpingClock } from '../support/jumping-clock.ts'
import { temporaryVolume } from '../support/volume.ts'
import { backupRun, badBackup, goodBackup, settings, webhook } from './samples.ts'

const START = '2026-11-20T08:00:00Z'
/** Nothing listens there: a port that was free a moment ago may be another test's by now. */
const CLOSED = 'http://127.0.0.1:1'
const NEVER = new AbortController().signal
const LIMITS: NotificationLimits = { ...USUAL_LIMITS, send: { connectMs: 2_000, wholeMs: 10_000 } }

interface Telling {
  readonly notifications: Notifications
  /** Unless another one was given. */
  readonly clock: JumpingClock
  readonly logged: readonly string[]
}

function telling(
  volume: string,
  more: Partial<NotificationSettings>,
  given: { readonly limits?: NotificationLimits; readonly clock?: Clock } = {},
): Telling {
  const logged: string[] = []
  const jumping = jumpingClock(START)
  const clock = given.clock ?? jumping
  const all = settings(more)
  const log = createLog({
    level: 'debug',
    fields: {},
    pretty: false,
    secrets: notificationSecrets(all),
    write: line => logged.push(line),
  })
  const notifications = createNotifications({
    settings: all,
    backupDir: volume,
    timeZone: 'America/Vancouver',
    clock,
    log,
    limits: given.limits ?? LIMITS,
  })
  return { notifications, clock: jumping, logged }
}

const FINISHED = { type: 'run-finished', report: backupRun([badBackup('wallet-db/tob')]), history: [] } as const

function messagesIn(server: ChatServer): readonly string[] {
  return server.posts.map(post => new URLSearchParams(post.body).get('message') ?? '')
}

function waitingOn(volume: string): readonly string[] {
  const folder = join(volume, '.backup', 'outbox')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json'))
}

const statesOf = (deliveries: readonly Delivery[]): readonly string[] =>
  deliveries.map(delivery => `${delivery.channel} ${delivery.state}: ${delivery.detail}`)

describe('a message', () => {
  test('arrives as the post of the bash tool, with exactly its content type', async () => {
    await using server = await startChatServer()
    const { notifications } = telling(temporaryVolume(), { webhook: webhook(`${server.url}/hooks/id/token`) })

    notifications.tell(FINISHED)
    const deliveries = await notifications.settle(NEVER)

    expect(statesOf(deliveries)).toEqual(['chat delivered: HTTP 200: {"success":true}'])
    const [post] = server.posts
    expect(post).toMatchObject({ method: 'POST', path: '/hooks/id/token' })
    expect(post?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(new URLSearchParams(post?.body).get('statusCode')).toBe('ERROR')
    expect(notifications.counters()).toEqual({ delivered: 1, failed: 0, queued: 0 })
  })

  test('FM54 of a failure says severity, place, reason, SQLSTATE and what to do', async () => {
    await using server = await startChatServer()
    const { notifications } = telling(temporaryVolume(), { webhook: webhook(server.url) })

    notifications.tell(FINISHED)
    await notifications.settle(NEVER)

    const [message = ''] = messagesIn(server)
    expect(message).toContain('FAILED')
    expect(message).toContain('`wallet-db/tob`')
    expect(message).toContain('the server refused the password of reader')
    expect(message).toContain('SQLSTATE 28P01')
    expect(message).toContain('what to do: `check WALLET_DB_PASSWORD`')
  })

  test('goes to every channel, each in its own form', async () => {
    await using server = await startChatServer()
    const { notifications } = telling(temporaryVolume(), {
      webhook: webhook(`${server.url}/chat`, 'json'),
      pagerDuty: { url: new Secret(`${server.url}/v2/enqueue`), serviceKey: new Secret('key-12345') },
      healthcheckUrl: new Secret(`${server.url}/ping`),
    })

    notifications.tell({ type: 'run-started', runId: FINISHED.report.runId, mode: 'backup', history: [] })
    notifications.tell(FINISHED)
    await notifications.settle(NEVER)

    const paths = server.posts.map(post => post.path.replace(/rid=.*/, 'rid='))
    expect(paths.toSorted()).toEqual(['/chat', '/ping/fail?rid=', '/ping/start?rid=', '/v2/enqueue'])
    const rids = server.posts.flatMap(post => /rid=(.*)/.exec(post.path)?.[1] ?? [])
    expect(rids[0]).toBe(rids[1])
  })

  test('goes through the proxy of the environment, but for those that are excepted', async () => {
    await using proxy = await startChatServer()
    await using server = await startChatServer()
    const http = new Secret(proxy.url)
    const byProxy = telling(temporaryVolume(), {
      webhook: webhook('http://chat.invalid/hooks/x'),
      proxies: { http, https: null, except: null },
    })
    const direct = telling(temporaryVolume(), {
      webhook: webhook(server.url),
      proxies: { http, https: null, except: '127.0.0.1' },
    })

    for (const { notifications } of [byProxy, direct]) {
      notifications.tell(FINISHED)
      await notifications.settle(NEVER)
    }

    expect(proxy.posts.map(post => post.path)).toEqual(['http://chat.invalid/hooks/x'])
    expect(server.posts).toHaveLength(1)
  })

  test('where nothing is configured nothing happens', async () => {
    const volume = temporaryVolume()
    const { notifications } = telling(volume, {})

    notifications.tell(FINISHED)

    expect(await notifications.settle(NEVER)).toEqual([])
    expect(readdirSync(volume)).toEqual([])
  })
})

describe('FM52 when the chat server', () => {
  test('hangs, telling returns at once and settling is bounded; the message waits, and the next run sends it', async () => {
    await using server = await startChatServer()
    server.behave('hang')
    const volume = temporaryVolume()
    const limits = { ...LIMITS, send: { connectMs: 200, wholeMs: 200 } }
    const before = telling(volume, { webhook: webhook(server.url) }, { limits })
    const startedMs = performance.now()

    before.notifications.tell(FINISHED)
    const toldMs = performance.now() - startedMs
    const deliveries = await before.notifications.settle(NEVER)

    expect(toldMs).toBeLessThan(200)
    expect(statesOf(deliveries)).toEqual(['chat waiting: no answer within 0.2 seconds'])
    expect(server.posts).toHaveLength(3)
    expect(waitingOn(volume)).toHaveLength(1)

    server.behave({ status: 200 })
    const later = telling(volume, { webhook: webhook(server.url) }, { clock: jumpingClock('2026-11-21T08:00:00Z') })
    later.notifications.tell({ ...FINISHED, report: backupRun([goodBackup('wallet-db/tob')]) })
    const delivered = await later.notifications.settle(NEVER)

    expect(statesOf(delivered)).toEqual(['chat delivered: HTTP 200', 'chat delivered: HTTP 200'])
    expect(messagesIn(server).at(-2)).toMatch(
      /^Backup: .*FAILED\nwritten 2026-11-20T01:00:00-07:00; it could not be sent until now\n/,
    )
    expect(messagesIn(server).at(-1)).toMatch(/^Backup: 1 database backed up\n/)
    expect(waitingOn(volume)).toEqual([])
  })

  test('hangs beyond every patience, settling ends when its signal is aborted', async () => {
    await using server = await startChatServer()
    server.behave('hang')
    const volume = temporaryVolume()
    const { notifications } = telling(volume, { webhook: webhook(server.url) })
    const patience = new AbortController()

    notifications.tell(FINISHED)
    await server.received(1)
    patience.abort()

    expect(await notifications.settle(patience.signal)).toMatchObject([
      { state: 'waiting', detail: 'there was no time left to send it' },
    ])
    expect(waitingOn(volume)).toHaveLength(1)
  })

  test('begins an answer and never ends it, nobody waits for the end', async () => {
    await using server = await startChatServer()
    server.behave('drip')
    const limits = { ...LIMITS, send: { connectMs: 500, wholeMs: 500 } }
    const { notifications } = telling(temporaryVolume(), { webhook: webhook(server.url) }, { limits })

    notifications.tell(FINISHED)

    expect(statesOf(await notifications.settle(NEVER))).toEqual(['chat waiting: no answer within 0.5 seconds'])
  })

  test('refuses connections, the message waits on the volume', async () => {
    const volume = temporaryVolume()
    const { notifications } = telling(volume, { webhook: webhook(`${CLOSED}/hooks/x`) })

    notifications.tell(FINISHED)

    expect(statesOf(await notifications.settle(NEVER))).toEqual([
      'chat waiting: nothing listens at that address (ECONNREFUSED)',
    ])
    expect(waitingOn(volume)).toHaveLength(1)
    expect(notifications.counters()).toEqual({ delivered: 0, failed: 0, queued: 1 })
  })

  test('resets, is overloaded and recovers, the message arrives once', async () => {
    await using server = await startChatServer()
    server.behave('reset', { status: 503 }, { status: 200 })
    const { notifications, clock } = telling(temporaryVolume(), { webhook: webhook(server.url) })

    notifications.tell(FINISHED)

    expect(statesOf(await notifications.settle(NEVER))).toEqual(['chat delivered: HTTP 200'])
    expect(server.posts).toHaveLength(3)
    expect(clock.slept).toEqual([1_000, 3_000])
  })

  test('limits the rate, its Retry-After is kept to', async () => {
    await using server = await startChatServer()
    server.behave({ status: 429, headers: { 'retry-after': '43' } }, { status: 200 })
    const { notifications, clock } = telling(temporaryVolume(), { webhook: webhook(server.url) })

    notifications.tell(FINISHED)

    expect(statesOf(await notifications.settle(NEVER))).toEqual(['chat delivered: HTTP 200'])
    expect(clock.slept).toEqual([43_000])
  })

  test('asks for an hour, nobody waits for it, and the message stays on the volume', async () => {
    await using server = await startChatServer()
    server.behave({ status: 429, headers: { 'retry-after': '3600' } })
    const volume = temporaryVolume()
    const clock = { ...jumpingClock(START), sleep: sleepForEver }
    const { notifications } = telling(volume, { webhook: webhook(server.url) }, { clock })

    notifications.tell(FINISHED)

    expect(statesOf(await notifications.settle(NEVER))).toEqual(['chat waiting: HTTP 429'])
    expect(server.posts).toHaveLength(1)
    expect(waitingOn(volume)).toHaveLength(1)
  })

  test('refuses for good, the message is given up, with an error in the log', async () => {
    await using server = await startChatServer()
    server.behave({ status: 404, body: 'no such hook' })
    const volume = temporaryVolume()
    const { notifications, logged } = telling(volume, { webhook: webhook(server.url) })

    notifications.tell(FINISHED)

    expect(statesOf(await notifications.settle(NEVER))).toEqual(['chat refused: HTTP 404: no such hook'])
    expect(server.posts).toHaveLength(1)
    expect(waitingOn(volume)).toEqual([])
    expect(logged.join('')).toContain('notification-refused')
    expect(notifications.counters()).toEqual({ delivered: 0, failed: 1, queued: 0 })
  })

  test('is away while the process lives, it is tried again by itself', async () => {
    await using server = await startChatServer()
    server.behave({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 }, { status: 200 })
    const { notifications, clock } = telling(temporaryVolume(), { webhook: webhook(server.url) })

    notifications.tell(FINISHED)
    await server.received(5)
    await notifications.settle(NEVER)

    expect(clock.slept).toEqual([1_000, 3_000, 60_000, 1_000])
    expect(notifications.counters()).toEqual({ delivered: 1, failed: 0, queued: 0 })
  })

  test('is away, the others are told all the same', async () => {
    await using server = await startChatServer()
    const { notifications } = telling(temporaryVolume(), {
      webhook: webhook(CLOSED),
      healthcheckUrl: new Secret(`${server.url}/ping`),
    })

    notifications.tell(FINISHED)
    const deliveries = await notifications.settle(NEVER)

    expect(deliveries.map(({ channel, state }) => `${channel} ${state}`)).toEqual([
      'chat waiting',
      'healthcheck delivered',
    ])
  })
})

describe('FM121 when the answer is 200 and', () => {
  const PAGE = { status: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><title>Log in</title>' }

  test('its body says no, the message is not delivered, and not sent again', async () => {
    await using server = await startChatServer()
    server.behave({ status: 200, body: '{"success":false,"error":"no such integration"}' })
    const volume = temporaryVolume()
    const { notifications, logged } = telling(volume, { webhook: webhook(server.url) })

    notifications.tell(FINISHED)

    expect(statesOf(await notifications.settle(NEVER))).toEqual([
      'chat refused: HTTP 200: {"success":false,"error":"no such integration"}; expected a yes',
    ])
    expect(server.posts).toHaveLength(1)
    expect(waitingOn(volume)).toEqual([])
    expect(logged.join('')).toContain('notification-refused')
    expect(notifications.counters()).toEqual({ delivered: 0, failed: 1, queued: 0 })
  })

  test('it is a page to log in, the message waits, each run tries once, and it arrives when the page is gone', async () => {
    await using server = await startChatServer()
    server.behave(PAGE)
    const volume = temporaryVolume()
    const once = telling(volume, { webhook: webhook(server.url) }, { clock: handClock(START) })

    once.notifications.tell(FINISHED)
    const deliveries = await once.notifications.settle(NEVER)

    expect(statesOf(deliveries)).toEqual([
      expect.stringMatching(/^chat waiting: HTTP 200: <!DOCTYPE html>.*; expected no web page, which is how/),
    ])
    expect(server.posts).toHaveLength(1)
    expect(waitingOn(volume)).toHaveLength(1)

    server.behave({ status: 200, body: 'ok' })
    const later = telling(volume, { webhook: webhook(server.url) }, { clock: jumpingClock('2026-11-21T08:00:00Z') })
    later.notifications.tell({ ...FINISHED, report: backupRun([goodBackup('wallet-db/tob')]) })
    await later.notifications.settle(NEVER)

    expect(messagesIn(server).at(-2)).toContain('it could not be sent until now')
    expect(server.posts).toHaveLength(3)
    expect(waitingOn(volume)).toEqual([])
  })

  test('it is a page all day, a service that goes on tries once an hour', async () => {
    await using server = await startChatServer()
    server.behave(PAGE, PAGE, PAGE, { status: 200, body: 'ok' })
    const { notifications, clock } = telling(temporaryVolume(), { webhook: webhook(server.url) })

    notifications.tell(FINISHED)
    await server.received(4)
    await notifications.settle(NEVER)

    expect(clock.slept).toEqual([3_600_000, 3_600_000, 3_600_000])
    expect(notifications.counters()).toEqual({ delivered: 1, failed: 0, queued: 0 })
  })
})

test('FM52 on a volume that cannot be written, an alarm is still sent', async () => {
  await using server = await startChatServer()
  const { notifications } = telling('/dev/null', { webhook: webhook(server.url) })

  notifications.tell(FINISHED)

  expect(statesOf(await notifications.settle(NEVER))).toEqual(['chat delivered: HTTP 200: {"success":true}'])
})

describe('FM55 a storm', () => {
  const runId = FINISHED.report.runId
  const names = Array.from({ length: 50 }, (_, index) => `db-${index}/app`)

  test('of fifty failures in one run is told in four posts: three while it lasts, each name once, and the digest', async () => {
    await using server = await startChatServer()
    const clock = handClock(START)
    const { notifications } = telling(temporaryVolume(), { webhook: webhook(server.url) }, { clock })

    notifications.tell({ type: 'run-started', runId, mode: 'backup', history: [] })
    for (const name of names) {
      notifications.tell({ type: 'database-finished', runId, result: { mode: 'backup', outcome: badBackup(name) } })
      await clock.advance(4_000)
    }
    notifications.tell({ ...FINISHED, report: backupRun(names.map(name => badBackup(name))) })
    await notifications.settle(NEVER)

    const titles = messagesIn(server).map(message => message.split('\n')[0])
    expect(titles).toEqual([
      '3 databases failed',
      '8 databases failed',
      '15 databases failed',
      'Backup: 0 of 50 backed up, 50 FAILED',
    ])
    const urgent = messagesIn(server).slice(0, -1).join('\n')
    const told = [...urgent.matchAll(/^- `(db-\d+\/app)`/gm)].map(match => match[1])
    expect(told).toEqual(names.slice(0, 26))
  })

  test('of failures right before the end is told by the digest alone', async () => {
    await using server = await startChatServer()
    const clock = handClock(START)
    const { notifications } = telling(temporaryVolume(), { webhook: webhook(server.url) }, { clock })

    notifications.tell({ type: 'run-started', runId, mode: 'backup', history: [] })
    notifications.tell({ type: 'database-finished', runId, result: { mode: 'backup', outcome: badBackup('a/b') } })
    await clock.advance(9_000)
    notifications.tell(FINISHED)
    await clock.advance(60_000)
    await notifications.settle(NEVER)

    expect(server.posts).toHaveLength(1)
  })

  test('of the same failure night after night is told once a night', async () => {
    await using server = await startChatServer()
    const clock = handClock(START)
    const { notifications } = telling(temporaryVolume(), { webhook: webhook(server.url) }, { clock })
    const history = [backupRun([badBackup('a/b')])]

    notifications.tell({ type: 'run-started', runId, mode: 'backup', history })
    notifications.tell({ type: 'database-finished', runId, result: { mode: 'backup', outcome: badBackup('a/b') } })
    await clock.advance(600_000)
    notifications.tell({ ...FINISHED, report: backupRun([badBackup('a/b')]), history })
    await notifications.settle(NEVER)

    expect(messagesIn(server)).toEqual([expect.stringContaining('FAILED after 1.2 s, as before: ')])
  })

  test('of runs keeps below the ten posts a minute of Rocket.Chat', async () => {
    await using server = await startChatServer()
    const { notifications, clock } = telling(temporaryVolume(), { webhook: webhook(server.url) })

    for (let run = 0; run < 20; run += 1) notifications.tell(FINISHED)
    await notifications.settle(NEVER)

    expect(server.posts).toHaveLength(20)
    expect(clock.slept).toEqual([60_000, 60_000])
  })

  test('that is interrupted leaves nothing untold', async () => {
    await using server = await startChatServer()
    const { notifications } = telling(temporaryVolume(), { webhook: webhook(server.url) }, { clock: handClock(START) })

    notifications.tell({ type: 'run-started', runId, mode: 'backup', history: [] })
    notifications.tell({ type: 'database-finished', runId, result: { mode: 'backup', outcome: badBackup('a/b') } })
    await notifications.settle(NEVER)

    expect(messagesIn(server)).toEqual([expect.stringMatching(/^Backup of `a\/b` FAILED\n/)])
  })
})

describe('nothing that must not leave', () => {
  test('FM12 no address, key or password of a proxy stands in a log line, a delivery, the outbox, or another channel', async () => {
    await using server = await startChatServer()
    const volume = temporaryVolume()
    const secrets = [
      'hook-id-1234567',
      'hook-token-7654321',
      'service-key-24680',
      'check-uuid-13579',
      'proxy-pass-97531',
    ]
    const { notifications, logged } = telling(volume, {
      webhook: webhook(`${server.url}/hooks/hook-id-1234567/hook-token-7654321`),
      pagerDuty: { url: new Secret(`${server.url}/v2/enqueue`), serviceKey: new Secret('service-key-24680') },
      healthcheckUrl: new Secret(`${server.url}/check-uuid-13579`),
      proxies: { http: new Secret('http://me:proxy-pass-97531@127.0.0.1:1'), https: null, except: '127.0.0.1' },
    })

    const deliveries: Delivery[] = []
    for (const behaviour of [
      { status: 400, body: secrets.join(' ') },
      { status: 503, body: secrets.join(' ') },
      'reset',
    ] as const) {
      server.behave(behaviour)
      notifications.tell(FINISHED)
      deliveries.push(...(await notifications.settle(NEVER)))
    }

    const outbox = waitingOn(volume).map(name => readFileSync(join(volume, '.backup', 'outbox', name), 'utf8'))
    const bodies = server.posts.filter(post => post.path !== '/v2/enqueue').map(post => post.body)
    const said = [...logged, ...outbox, ...bodies, JSON.stringify(deliveries)].join('\n')
    expect(outbox.length).toBeGreaterThan(0)
    expect(logged.length).toBeGreaterThan(0)
    expect(secrets.filter(secret => said.includes(secret))).toEqual([])
  })

  test('FM83 what a server said about a row stays out of every post', async () => {
    await using server = await startChatServer()
    const error = new OperatorError('server', 'a/b: the dump failed', {
      sqlstate: '22P02',
      object: 'shop.customer',
      logOnly: ['DETAIL: Key (email)=(jane.planted@example.org) already exists', 'CONTEXT: planted row 17'],
    })
    const { notifications } = telling(temporaryVolume(), {
      webhook: webhook(`${server.url}/chat`),
      pagerDuty: { url: new Secret(`${server.url}/v2/enqueue`), serviceKey: new Secret('key') },
      healthcheckUrl: new Secret(`${server.url}/ping`),
    })

    notifications.tell({
      ...FINISHED,
      report: backupRun([badBackup('a/b', failureOf(error)), badBackup('a/c', failureOf(new Error('planted bug')))]),
    })
    await notifications.settle(NEVER)

    const said = server.posts.map(post => decodeURIComponent(post.body)).join('\n')
    expect(server.posts).toHaveLength(3)
    expect(said).not.toContain('planted')
    expect(said).toContain('the+dump+failed')
  })
})

function sleepForEver(_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
