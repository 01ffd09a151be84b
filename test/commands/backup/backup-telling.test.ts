import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment } from '../../support/archives.ts'
import { backupFolder, runBackup } from '../../support/backup-program.ts'
import { archivePaths, everythingIn } from '../../support/backups.ts'
import { type ChatServer, startChatServer } from '../../support/chat-server.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { pathWithPgDump } from '../../support/stand-in-tools.ts'

const PLANTED = 'Anna-Miller'
const owner = { name: 'shop_owner', password: 'password-of-the-owner' }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole(owner.name, owner)
  await server.createDatabase('shop', { owner: owner.name })
  await server.sql('shop', 'SET ROLE shop_owner; CREATE TABLE customer (id int); INSERT INTO customer VALUES (1)')
})
afterAll(() => server.stop())

/** Chat, pager and dead-man's switch, all on one server. */
function allChannels(chat: ChatServer): Readonly<Record<string, string>> {
  return {
    WEBHOOK_URL: `${chat.url}/hooks/hook-id/hook-token-1234567890`,
    PGDUTY_URL: `${chat.url}/v2/enqueue`,
    PGDUTY_SVC_KEY: 'service-key-1234567890',
    HEALTHCHECK_URL: `${chat.url}/ping/check-uuid-1234567890`,
    ENVIRONMENT_FRIENDLY_NAME: 'Wallet (test)',
    ENVIRONMENT_NAME: 'a1b2c3-test',
    BACKUP_LOG_LEVEL: 'debug',
  }
}

function messagesTo(chat: ChatServer): readonly string[] {
  const posts = chat.posts.filter(post => post.path.startsWith('/hooks/'))
  return posts.map(post => new URLSearchParams(post.body).get('message') ?? '')
}

describe('a run of the program', () => {
  test('FM12 FM54 tells every channel what came of each database, and why, and no secret', async () => {
    await using chat = await startChatServer()
    using folder = backupFolder(`127.0.0.1:${server.port}/shop\n127.0.0.1:${server.port}/unknown`)
    const env = { ...backupEnvironment(server, folder, owner), ...allChannels(chat) }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(3)
    const [message = ''] = messagesTo(chat)
    expect(messagesTo(chat)).toHaveLength(1)
    expect(message).toMatch(/^Backup: 1 of 2 backed up, 1 FAILED\n- `127\.0\.0\.1:\d+\/unknown` FAILED after .*3D000/)
    expect(message).toMatch(/\n- `127\.0\.0\.1:\d+\/shop` .* in .* s, first backup\n/)
    const paths = chat.posts.map(post => post.path.replace(/\?.*/, ''))
    expect(paths).toContain('/ping/check-uuid-1234567890/start')
    expect(paths).toContain('/ping/check-uuid-1234567890/fail')
    expect(chat.posts.find(post => post.path === '/v2/enqueue')?.body).toContain('"event_action":"trigger"')
    const said = [result.stdout, result.stderr, ...messagesTo(chat), everythingIn(folder.volume, { archives: false })]
    expect(said.join('\n')).not.toMatch(/password-of-the-owner|hook-token|service-key|check-uuid/)
  })

  test('that follows a failure says that it works again', async () => {
    await using chat = await startChatServer()
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const env = { ...backupEnvironment(server, folder, owner), ...allChannels(chat) }
    const PATH = pathWithPgDump(folder, server, 'exit 1')

    await runBackup(['-1'], { conf: folder.conf, env: { ...env, PATH } })
    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(0)
    expect(messagesTo(chat)).toHaveLength(2)
    expect(messagesTo(chat)[1]).toContain(', works again\n')
    expect(chat.posts.filter(post => post.path === '/v2/enqueue').at(-1)?.body).toContain('"event_action":"resolve"')
  })

  test('FM83 leaves what a server said about rows in the log, and tells nobody', async () => {
    await using chat = await startChatServer()
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const script = `"$REAL" "$@" | head -c 700
      echo 'pg_dump: error: Dumping the contents of table "customer" failed: PQgetResult() failed.' >&2
      echo 'pg_dump: detail: Error message from server: ERROR:  invalid input syntax for type date: "${PLANTED}"' >&2
      echo 'DETAIL:  Failing row contains (${PLANTED}).' >&2
      echo 'CONTEXT:  COPY customer, line 1, column name: "${PLANTED}"' >&2; exit 1`
    const PATH = pathWithPgDump(folder, server, script)
    const env = { ...backupEnvironment(server, folder, owner), ...allChannels(chat), PATH }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(1)
    expect(result.stderr).toContain(PLANTED)
    expect(chat.posts.length).toBeGreaterThanOrEqual(4)
    expect(messagesTo(chat)[0]).toContain('invalid input syntax for type date')
    expect(chat.posts.map(post => decodeURIComponent(post.body + post.path)).join('\n')).not.toContain(PLANTED)
    expect(everythingIn(folder.volume, { archives: false })).not.toContain(PLANTED)
  })

  test('FM52 is as good as ever when nobody can be told, and the next one tells it', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const chat = await startChatServer()
    const { port } = new URL(chat.url)
    const env = { ...backupEnvironment(server, folder, owner), WEBHOOK_URL: `${chat.url}/hooks/x` }
    await chat[Symbol.asyncDispose]()

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(0)
    expect(archivePaths(folder.volume)).toHaveLength(1)
    expect(result.stderr).toContain('notification-delayed')
    const outbox = join(folder.volume, '.backup', 'outbox', 'chat')
    const [waiting = ''] = readdirSync(outbox)
    // One that is younger than a minute might still be in the hands of the run that wrote it.
    const older = String(Number(waiting.slice(0, 14)) - 90_000).padStart(14, '0')
    renameSync(join(outbox, waiting), join(outbox, older + waiting.slice(14)))

    await using recovered = await startChatServer(Number(port))
    await runBackup(['-1'], { conf: folder.conf, env })

    expect(messagesTo(recovered)).toEqual([
      expect.stringContaining(', first backup\n'),
      expect.not.stringContaining(', first backup\n'),
    ])
    expect(readdirSync(outbox)).toEqual([])
  })
})
