import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { archivesIn, backupEnvironment, manifestBeside } from '../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../support/backup-program.ts'
import { startChatServer } from '../support/chat-server.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf, runRestore } from '../support/restoring.ts'
import { startService } from '../support/service-program.ts'

let server: PostgresServer
let folder: BackupFolder
let password: string

beforeAll(async () => {
  server = await startPostgres()
  password = await server.createRole('reader')
  await server.sql('postgres', 'GRANT pg_read_all_data TO reader')
}, 120_000)

afterAll(() => server?.stop())

beforeEach(async () => {
  folder = backupFolder()
  onTestFinished(async () => {
    folder[Symbol.dispose]()
    for (const database of await databasesOf(server))
      await server.query('postgres', `DROP DATABASE "${database.replaceAll('"', '""')}" WITH (FORCE)`)
  })
  await server.createDatabase('shop')
  await server.createDatabase('wiki')
})

const address = (): string => `127.0.0.1:${server.port}`
const drop = (name: string) => server.query('postgres', `DROP DATABASE "${name}" WITH (FORCE)`)

function run(
  args: readonly string[],
  given: { readonly lines?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ProgramResult> {
  const { lines = ['*'], env = {} } = given
  folder.writeConf(lines.map(line => `${address()}/${line}`).join('\n'))
  const user = { DATABASE_USER: 'reader', DATABASE_PASSWORD: password }
  return runBackup(args, { conf: folder.conf, env: { ...backupEnvironment(server, folder), ...user, ...env } })
}

interface Report {
  readonly databases: readonly {
    readonly database: string
    readonly result: string
    readonly failure?: { kind: string }
  }[]
}

/** What a run of all made of each database, by the names behind the server's. */
async function backUp(...given: Parameters<typeof run> extends [unknown, ...infer Rest] ? Rest : never) {
  const { stdout, code, stderr } = await run(['-1', '--json'], ...given)
  const outcomes = stdout === '' ? [] : (JSON.parse(stdout) as Report).databases
  const results = outcomes.map(({ database, result, failure }) => [
    database.replace(`${address()}/`, ''),
    failure?.kind ?? result,
  ])
  return { code, stderr, results: Object.fromEntries(results) as Readonly<Record<string, string>> }
}

const archived = (): readonly string[] => archivesIn(folder.volume).map(path => manifestBeside(path).database.name)

const CROWD = `
SET allow_system_table_mods = on;
CREATE TEMP TABLE crowd AS SELECT d.* FROM pg_database d WHERE d.datname = 'wiki';
DO $$ BEGIN FOR n IN 1..301 LOOP
  UPDATE crowd SET oid = 900000 + n, datname = 'crowd_' || n;
  INSERT INTO pg_database SELECT * FROM crowd;
END LOOP; END $$`

describe('every database of a server', { timeout: 120_000 }, () => {
  test('FM216 is backed up, but templates, postgres, and what is left out', async () => {
    await server.createDatabase('shape', { with: 'IS_TEMPLATE true' })
    await server.createDatabase('test_1')

    const { code, results } = await backUp({ lines: ['*?except=test*', 'wiki'] })
    await server.sql('postgres', 'ALTER DATABASE shape IS_TEMPLATE false')

    expect({ code, results }).toEqual({ code: 0, results: { wiki: 'backed-up', shop: 'backed-up' } })
    expect(archived().toSorted()).toEqual(['shop', 'wiki'])
    await drop('shape')
  })

  test('FM216 one that comes and one that vanishes are told once; archives stay, are listed and restorable', async () => {
    await using chat = await startChatServer()
    const env = { WEBHOOK_URL: chat.url, NOTIFY_ON: 'failures' }
    await run(['-1'], { env })
    await drop('wiki')
    await server.createDatabase('blog')

    const second = await run(['-1'], { env })
    const third = await run(['-1'], { env })
    const pruned = await run(['-p', '-s'])
    const list = await run(['-l'])
    const tail = await run(['-r', 'wiki', '--dry-run'], { env: { _127_0_0_1_ADMIN_PASSWORD: server.password } })

    expect(second.code).toBe(0)
    expect(second.stdout).toContain(
      `note       ${address()}/*: new here, and backed up from now on: ${address()}/blog\n`,
    )
    expect(second.stdout).toContain(`no longer there; archives stay until somebody removes them: ${address()}/wiki\n`)
    expect(third.stdout).not.toMatch(/new here|no longer there/)
    expect(chat.posts.map(({ body }) => body)).toEqual([expect.stringContaining('no+longer+there')])
    expect(pruned.code).toBe(0)
    expect(archived()).toContain('wiki')
    expect(list.stdout).toContain('wiki')
    expect(tail.stdout + tail.stderr).toContain(`${address()}/wiki`)
    expect(tail.code).toBe(0)
  })

  test('FM217 a list that cannot be read is a failure: nothing has vanished, nothing is removed, all is listed and proved', async () => {
    await server.createDatabase('gone')
    await run(['-1'])
    await drop('gone')
    await run(['-1'])
    const env = { DATABASE_PASSWORD: 'wrong' }

    const { code, results } = await backUp({ env })
    const verified = await run(['-v', 'all', '--json'], { env })
    const pruned = await run(['-p', '--dry-run', '--json'], { env })
    const check = await run(['-c', '--check'], { env })
    const next = await run(['-1'])

    expect(results).toEqual({ '*': 'authentication', shop: 'authentication', wiki: 'authentication' })
    expect(code).toBe(1)
    expect((JSON.parse(verified.stdout) as { databases: unknown[] }).databases).toHaveLength(2)
    expect(JSON.parse(pruned.stdout)).toMatchObject({ databases: [] })
    expect(check.code).toBe(3)
    expect(check.stdout).toMatch(/FAILED +127\.0\.0\.1:\d+\/\* .*its databases cannot be listed/)
    expect(next.stdout).not.toMatch(/new here|no longer there/)
    expect(archived()).toHaveLength(7)
  })

  test('FM218 one that our role may not log in to is named and fails, and stops no other', async () => {
    await server.sql('postgres', 'REVOKE CONNECT ON DATABASE wiki FROM PUBLIC')

    const { code, results } = await backUp()

    expect(results).toEqual({ shop: 'backed-up', wiki: 'rights' })
    expect(code).toBe(3)
  })

  test('FM218 where our role may not log in to postgres, another database is asked', async () => {
    await server.sql('postgres', 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC')
    onTestFinished(async () => {
      await server.sql('postgres', 'GRANT CONNECT ON DATABASE postgres TO PUBLIC')
    })

    expect(await backUp()).toMatchObject({ code: 0, results: { shop: 'backed-up', wiki: 'backed-up' } })
  })

  test('FM219 what a restore keeps is not backed up; what only looks like that is', async () => {
    await run(['-1'])
    const admin = { name: server.superuser, password: server.password }
    folder.writeConf(`${address()}/*`)
    const restored = await runRestore(server, 'shop', { folder, admin })
    expect(restored.code).toBe(0)
    await server.createDatabase('gone_before_20261120_010000')
    await server.createDatabase('shop_restore_20261120_010000')
    await server.sql('postgres', "COMMENT ON DATABASE shop_restore_20261120_010000 IS 'backup-container state=kept'")
    const kept = (await databasesOf(server)).filter(name => /^shop_before_/.test(name))

    const { results } = await backUp()

    expect(kept).toHaveLength(1)
    expect(Object.keys(results).toSorted()).toEqual([
      'gone_before_20261120_010000',
      'shop',
      'shop_restore_20261120_010000',
      'wiki',
    ])
  })

  test('FM220 names with quotes, line breaks, slashes, percent signs and 63 bytes are backed up where they belong', async () => {
    const odd = ['a/../../b', 'new\nline', `q"u'o;te`, '100%20', 'ü'.repeat(30), ' ', '*', '-1', '.hidden']
    for (const name of odd) await server.query('postgres', `CREATE DATABASE "${name.replaceAll('"', '""')}"`)

    const long = 'ü'.repeat(31)

    const { code, results } = await backUp()
    await server.createDatabase(long)
    const withLong = await backUp()
    const screen = await run(['-c'])

    expect({ code, failed: Object.entries(results).filter(([, result]) => result !== 'backed-up') }).toEqual({
      code: 0,
      failed: [],
    })
    expect(Object.keys(results)).toHaveLength(odd.length + 2)
    expect(new Set(archived())).toEqual(new Set([...odd, 'shop', 'wiki']))
    // With the host before it, and as %XX, it has no file name.
    expect(withLong).toMatchObject({ code: 3, results: { [long]: 'configuration', shop: 'backed-up' } })
    expect(screen.stdout).toContain('new\\nline')
  })

  test('FM221 301 of them are found, and 301 that vanish are told in one line', async () => {
    await run(['-1'])
    // Their rows alone: making that many takes minutes.
    await server.sql('postgres', CROWD)
    onTestFinished(async () => {
      await server.sql(
        'postgres',
        "SET allow_system_table_mods = on; DELETE FROM pg_database WHERE datname LIKE 'crowd%'",
      )
    })

    const check = await run(['-c', '--json'])
    const { code, results } = await backUp()

    expect((JSON.parse(check.stdout) as { databases: unknown[] }).databases).toHaveLength(303)
    expect(Object.values(results).filter(result => result === 'backed-up')).toHaveLength(2)
    expect(Object.keys(results)).toHaveLength(303)
    expect(code).toBe(3)

    await server.sql(
      'postgres',
      "SET allow_system_table_mods = on; DELETE FROM pg_database WHERE datname LIKE 'crowd%'",
    )
    const { stdout } = await run(['-1'])
    expect(stdout).toMatch(/no longer there; .*: (?:\S+, ){9}\S+ and 291 more\n/)
  })

  test('FM222 what no line covers is named by -c --check, and once in chat', async () => {
    await using chat = await startChatServer()
    const given = { lines: ['shop'], env: { WEBHOOK_URL: chat.url, NOTIFY_ON: 'failures' } }

    const first = await run(['-1'], given)
    const second = await run(['-1'], given)
    const check = await run(['-c', '--check'], given)

    expect([first.code, second.code, check.code]).toEqual([0, 0, 0])
    expect(first.stdout).toContain(`covered by no line, and not backed up: ${address()}/wiki\n`)
    expect(second.stdout).not.toContain('wiki')
    expect(chat.posts.map(({ body }) => body)).toEqual([expect.stringContaining('covered+by+no+line')])
    expect(check.stdout).toMatch(/NOT BACKED UP, as no line covers it: 127\.0\.0\.1:\d+\/wiki/)
  })

  test('FM222 the service shows found databases and uncovered ones, and runs a schedule that names a found one', async () => {
    folder.writeConf(`${address()}/*\n@every 2s default backup -s ${address()}/wiki`)
    await using service = await startService(server, folder)

    await service.until(() => archivesIn(folder.volume).length > 0)
    const status = await service.status()
    const uncovered = await service.metric('backup_uncovered_databases')

    expect(status.databases.map(({ database }) => database)).toEqual([`${address()}/shop`, `${address()}/wiki`])
    expect(status.servers).toMatchObject([{ server: `${address()}/*`, databases: 2, uncovered: [], reason: null }])
    expect(uncovered).toBe(0)
    expect((await service.get('/readyz')).status).toBe(200)
  })

  test('FM222 the status of a server of single lines names what they leave out', async () => {
    folder.writeConf(`${address()}/shop\n@daily default backup -s`)
    await using service = await startService(server, folder)
    await service.until(async () => (await service.get('/readyz').catch(() => null))?.status === 200)

    expect((await service.status()).servers).toMatchObject([{ server: address(), uncovered: [`${address()}/wiki`] }])
    expect(await service.metric('backup_uncovered_databases')).toBe(1)
  })
})
