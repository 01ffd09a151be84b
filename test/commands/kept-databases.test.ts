import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../support/backup-program.ts'
import { startChatServer } from '../support/chat-server.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf, runRestore } from '../support/restoring.ts'

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres({ settings: { log_connections: 'on' } })
}, 120_000)

afterAll(() => server?.stop())

beforeEach(async () => {
  folder = backupFolder()
  onTestFinished(async () => {
    folder[Symbol.dispose]()
    const templates = await server.query(
      'postgres',
      "SELECT datname AS name FROM pg_database WHERE datistemplate AND datname NOT LIKE 'template_'",
    )
    for (const { name } of templates) await server.query('postgres', `ALTER DATABASE "${name}" IS_TEMPLATE false`)
    for (const database of await databasesOf(server))
      await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
  })
  await server.createDatabase('shop')
  await server.sql('shop', 'CREATE TABLE t AS SELECT generate_series(1, 9) AS a')
})

interface Shown {
  readonly name: string
  readonly bytes: number | null
  readonly dropWith: string
}

async function backUp(
  given: { readonly lines?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ProgramResult> {
  const { lines = ['shop'], env = {} } = given
  folder.writeConf(lines.map(name => `127.0.0.1:${server.port}/${encodeURIComponent(name)}`).join('\n'))
  const result = await runBackup(['-1', '--json'], {
    conf: folder.conf,
    env: { ...backupEnvironment(server, folder), ...env },
  })
  expect({ code: result.code, stderr: result.code === 0 ? '' : result.stderr }).toEqual({ code: 0, stderr: '' })
  return result
}

function run(...args: readonly string[]): Promise<ProgramResult> {
  return runBackup(args, { conf: folder.conf, env: backupEnvironment(server, folder) })
}

/** What `-l` says that the last backup saw. */
async function listed(): Promise<readonly Shown[] | null> {
  const { stdout } = await run('-l', '--json')
  const [first] = (JSON.parse(stdout) as { databases: { keptByRestores: { databases: readonly Shown[] } | null }[] })
    .databases
  return first?.keptByRestores?.databases ?? null
}

async function connections(work: () => Promise<unknown>): Promise<number> {
  const before = server.log().length
  await work()
  return [
    ...server
      .log()
      .slice(before)
      .matchAll(/connection received/g),
  ].length
}

describe('what restores have kept', { timeout: 120_000 }, () => {
  test('FM144 is shown by -l and -c --check, with size, age and statement, until it is dropped', async () => {
    await takeBackup(server, folder, { database: 'shop' })
    await runRestore(server, 'shop', { folder })
    const [, kept = ''] = await databasesOf(server)

    const unseen = await run('-l', '--all')
    await backUp()
    const list = await run('-l', '--all')
    const check = await run('-c', '--check')

    expect(kept).toMatch(/^shop_before_\d{8}_\d{6}$/)
    // Where nothing was seen yet, nothing is shown.
    expect(unseen.stdout).not.toContain('DROP DATABASE')
    expect(list.stdout).toMatch(
      new RegExp(
        `^What was live before a restore.*\\n  DATABASE .*\\n  127\\.0\\.0\\.1:\\d+/shop +[\\d.]+ MB +\\d+ s +20\\S+ \\S+ +DROP DATABASE "${kept}";$`,
        'm',
      ),
    )
    expect(check.stdout).toMatch(
      new RegExp(`^ +kept by a restore, [\\d.]+ MB, \\d+ s old; to drop it: DROP DATABASE "${kept}";$`, 'm'),
    )

    const [first] = (await listed()) ?? []
    await server.query('postgres', String(first?.dropWith).replace(';', ''))
    await backUp()
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await listed()).toEqual([])
    expect((await run('-c', '--check')).stdout).not.toContain('kept by a restore')
  })

  test('FM144 is what has the name that a swap gives: no other gets a statement that drops it, nor a configured one', async () => {
    const others = [
      'shop_before_20260229_010000',
      'shop_before_20261120_250000',
      'shop_before_20261120_010000_copy',
      'shop_before_20261120_010000_1',
      'shop_before_christmas',
      'myshop_before_20261120_010000',
      'shop_restore_20261120_010000',
      'shop_before_20250101_010000',
    ]
    const kept = ['shop_before_20261120_010000', 'shop_before_20261120_010000_2']
    for (const name of [...others, ...kept]) await server.createDatabase(name)
    await server.query('postgres', 'ALTER DATABASE shop_before_20261120_010000_2 IS_TEMPLATE true')
    await server.sql('shop_before_20250101_010000', 'CREATE TABLE t AS SELECT 1 AS a')

    const { stdout } = await backUp({ lines: ['shop', 'shop_before_20250101_010000'] })
    const check = await run('-c', '--check')

    const dropWith = [
      'DROP DATABASE "shop_before_20261120_010000";',
      'ALTER DATABASE "shop_before_20261120_010000_2" IS_TEMPLATE false; DROP DATABASE "shop_before_20261120_010000_2";',
    ]
    const { databases } = JSON.parse(stdout) as { databases: { keptByRestores?: readonly Shown[] }[] }
    expect(databases.map(each => each.keptByRestores?.map(one => one.dropWith))).toEqual([dropWith, undefined])
    expect((await listed())?.map(one => one.dropWith)).toEqual(dropWith)
    expect(check.stdout.match(/to drop it: .*/g)?.map(text => text.slice('to drop it: '.length))).toEqual(dropWith)
  })

  test('FM144 is found behind a name that it was cut from', async () => {
    const name = 'ü'.repeat(25)
    await server.createDatabase(name)
    const cut = `${'ü'.repeat(16)}_${createHash('sha256').update(name).digest('hex').slice(0, 6)}_before_20261120_010000`
    await server.createDatabase(cut)
    await server.createDatabase(`${'ü'.repeat(20)}_before_20261120_010000`)
    await server.sql(name, 'CREATE TABLE t AS SELECT 1 AS a')

    await backUp({ lines: [name] })

    expect((await listed())?.map(one => one.name)).toEqual([cut])
  })

  test('FM144 costs a backup no connection, and none fails of a size that it may not ask for', async () => {
    const password = await server.createRole('plain')
    await server.query('postgres', 'ALTER DATABASE shop OWNER TO plain')
    await server.sql('shop', 'ALTER TABLE t OWNER TO plain')
    const env = { DATABASE_USER: 'plain', DATABASE_PASSWORD: password }
    const before = await connections(() => backUp({ env }))
    await server.createDatabase('shop_before_20261120_010000')
    await server.query('postgres', 'REVOKE ALL ON DATABASE shop_before_20261120_010000 FROM PUBLIC')

    const after = await connections(() => backUp({ env }))

    expect(after).toBe(before)
    expect(await listed()).toMatchObject([{ name: 'shop_before_20261120_010000', bytes: null }])
    expect((await run('-l', '--all')).stdout).toMatch(/shop +unknown +/)
  })

  test('FM144 stands in the digest', async () => {
    await using chat = await startChatServer()
    await server.createDatabase('shop_before_20261120_010000')

    await backUp({ env: { WEBHOOK_URL: chat.url, NOTIFY_ON: 'all' } })

    const told = chat.posts.map(({ body }) => new URLSearchParams(body).get('message'))
    expect(told.join('\n')).toMatch(
      /kept by a restore of `127\.0\.0\.1:\d+\/shop`, [\d.]+ MB, \d+ \w+ old; to drop it: `DROP DATABASE .*shop_before_20261120_010000.*;`/,
    )
  })

  test('FM144 is no longer shown where a record says something else, or where its name is configured by now', async () => {
    await server.createDatabase('shop_before_20261120_010000')
    await backUp()
    expect(await listed()).toHaveLength(1)
    const conf = `127.0.0.1:${server.port}/shop`
    folder.writeConf(`${conf}\n${conf}_before_20261120_010000`)

    expect(await listed()).toEqual([])

    folder.writeConf(conf)
    const since = '2026-11-20T01:00:00+00:00'
    const name = 'shop_before_20261120_010000'
    const forged = [
      { name, bytes: 1, since, dropWith: 'DROP DATABASE "shop";' },
      { name: 'shop', bytes: 1, since, dropWith: 'DROP DATABASE "shop";' },
      { name, bytes: 1, since: 'then', dropWith: `DROP DATABASE "${name}";` },
      null,
      7,
    ]
    for (const keptByRestores of [forged, 'nothing', { name }]) {
      const outcome = { result: 'backed-up', database: conf, keptByRestores }
      const report = { mode: 'backup', startedAt: since, finishedAt: since, outcomes: [outcome], problems: [] }
      appendFileSync(join(folder.volume, '.backup/runs.jsonl'), `\n${JSON.stringify({ type: 'run', report })}`)
      expect(await listed()).toEqual([])
      expect((await run('-l', '--all')).stdout).not.toContain('DROP DATABASE')
    }
  })
})
