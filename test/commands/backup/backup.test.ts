import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment } from '../../support/archives.ts'
import { backupFolder, runBackup, startBackup } from '../../support/backup-program.ts'
import { archivePaths, everythingIn, logEvents, manifestIn, textIn } from '../../support/backups.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { filesOf } from '../../support/volume.ts'

const PASSWORD = 'a-password-that-nobody-may-see'
const owner = { name: 'shop_owner', password: PASSWORD }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole(owner.name, owner)
  await server.createDatabase('shop', { owner: owner.name })
  await server.sql(
    'shop',
    `SET ROLE shop_owner;
     CREATE TABLE customer (id int PRIMARY KEY, name text);
     INSERT INTO customer SELECT i, 'customer ' || i FROM generate_series(1, 1000) i;
     CREATE TABLE empty_one (id int);
     CREATE SEQUENCE ticket START 42;`,
  )
})
afterAll(() => server.stop())

const shop = (): string => `127.0.0.1:${server.port}/shop`

test('FM122 a database with a long name gives no note each night that a session has a long name', async () => {
  const name = 'a_name_that_is_as_long_as_people_make_them_when_nobody_stops'
  await server.createDatabase(name)
  await server.sql(name, 'CREATE TABLE t AS SELECT 1 AS i')
  using folder = backupFolder(`127.0.0.1:${server.port}/${name}`)

  const { code } = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder) })

  expect(code).toBe(0)
  const { notes } = manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '')
  expect(notes).toEqual([expect.stringContaining('roles were saved without their passwords')])
})

describe('backup -1', () => {
  test('leaves a whole archive, and a manifest that says exactly what is in it', async () => {
    using folder = backupFolder(shop())

    const result = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, owner) })

    const [archive = ''] = archivePaths(folder.volume)
    const stored = readFileSync(join(folder.volume, archive))
    const manifest = manifestIn(folder.volume, archive)
    expect(result.code).toBe(0)
    expect(filesOf(folder.volume)).toEqual([archive, `${archive}.json`])
    expect(archive).toMatch(/^(daily|weekly|monthly)\/(\d{4}-\d\d-\d\d)\/127\.0\.0\.1-shop_\2_\d\d-\d\d-\d\d\.sql\.gz$/)
    expect(manifest).toMatchObject({
      archive: archive.split('/').at(-1),
      tier: archive.split('/')[0],
      storedBytes: stored.length,
      sha256: createHash('sha256').update(stored).digest('hex'),
      rawBytes: gunzipSync(stored).length,
      database: { host: '127.0.0.1', port: server.port, name: 'shop', owner: owner.name },
      omitted: [],
    })
    expect(manifest.fingerprint.tables.map(table => [table.name, table.rows])).toEqual([
      ['public.customer', 1000],
      ['public.empty_one', 0],
    ])
    expect(result.stdout).toContain('1 of 1 backed up')
  })

  test('FM17 each part of the archive can be read alone, and says whether it is whole', async () => {
    using folder = backupFolder(shop())

    await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, owner) })

    const [archive = ''] = archivePaths(folder.volume)
    const stored = readFileSync(join(folder.volume, archive))
    const { parts } = manifestIn(folder.volume, archive)
    const texts = parts.map(part => gunzipSync(stored.subarray(part.offset, part.offset + part.bytes)).toString())
    expect(parts.map(part => [part.part, part.status])).toEqual([
      ['roles', 'complete'],
      ['dump', 'complete'],
      ['database', 'complete'],
    ])
    expect(texts[0]).toContain('shop_owner')
    expect(texts[1]).toContain('COPY public.customer (id, name) FROM stdin;')
    expect(texts.join('')).toBe(textIn(folder.volume, archive))
  })

  test('FM18 FM17 a role that may not read the roles gets its backup, and the manifest says what is missing', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/hidden_roles`)
    await server.createDatabase('hidden_roles', { owner: owner.name })
    // pg_dump does not read this one, pg_dumpall does.
    await server.sql(
      'hidden_roles',
      'CREATE TABLE t (i int); GRANT SELECT ON t TO shop_owner; REVOKE SELECT ON pg_auth_members FROM PUBLIC',
    )

    const result = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, owner) })

    const manifest = manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '')
    expect(result.code).toBe(0)
    expect(manifest.parts[0]).toMatchObject({ part: 'roles', status: 'absent' })
    expect(manifest.notes.join('\n')).toMatch(/the roles of the server are not in the archive \(.*pg_auth_members/)
  })

  test('FM16 nothing that it makes can be read by anybody else where VOLUME_SHARED is owner, whatever the umask is', async () => {
    using folder = backupFolder(shop())
    const before = process.umask(0)

    const result = await runBackup(['-1'], {
      conf: folder.conf,
      env: { ...backupEnvironment(server, folder, owner), VOLUME_SHARED: 'owner' },
    }).finally(() => process.umask(before))

    const made = readdirSync(folder.volume, { recursive: true, withFileTypes: true })
    const open = made.filter(entry => (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0)
    expect(result.code).toBe(0)
    expect(made.length).toBeGreaterThan(4)
    expect(open.map(entry => entry.name)).toEqual([])
  })

  test('FM12 no secret is in anything that it prints or writes, at any log level', async () => {
    using folder = backupFolder(shop())
    const env = { ...backupEnvironment(server, folder, owner), BACKUP_LOG_LEVEL: 'debug' }

    const runs = [
      await runBackup(['-1'], { conf: folder.conf, env }),
      await runBackup(['-1', '--json'], { conf: folder.conf, env: { ...env, DATABASE_USER: 'nobody' } }),
      await runBackup(['-c'], { conf: folder.conf, env }),
      await runBackup(['-c', '--json'], { conf: folder.conf, env }),
    ]

    expect(runs.map(run => run.code)).toEqual([0, 1, 0, 0])
    expect(runs.map(run => run.stdout + run.stderr).join('')).not.toContain(PASSWORD)
    expect(everythingIn(folder.volume, { archives: true })).not.toContain(PASSWORD)
  })

  test('FM85 what this role cannot dump is told to people and stands in the manifest', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/partly`)
    await server.createDatabase('partly', { owner: owner.name })
    await server.sql(
      'partly',
      `CREATE TABLE t (i int); GRANT SELECT ON t TO shop_owner;
       CREATE SUBSCRIPTION elsewhere CONNECTION 'host=127.0.0.1 dbname=x' PUBLICATION p WITH (connect = false)`,
    )

    const result = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, owner) })

    await server.sql('partly', 'ALTER SUBSCRIPTION elsewhere SET (slot_name = NONE); DROP SUBSCRIPTION elsewhere')
    expect(result.code).toBe(0)
    expect(manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '').omitted).toEqual([
      { kind: 'subscription', name: 'elsewhere', sqlstate: '42501', text: expect.stringContaining('only a superuser') },
    ])
    expect(result.stdout).toContain('warning    ')
    expect(result.stdout).toContain('subscription elsewhere is not in the dump')
  })

  test('FM05 a database without any table is backed up with a warning', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/bare`)
    await server.createDatabase('bare', { owner: owner.name })

    const result = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, owner) })

    expect(result.code).toBe(0)
    expect(result.stdout).toContain('the database has no tables: is it the right one?')
    expect(archivePaths(folder.volume)).toHaveLength(1)
  })

  test('--json prints one document on stdout, and the log is JSON lines of one run on stderr', async () => {
    using folder = backupFolder(shop())

    const result = await runBackup(['-1', '--json'], {
      conf: folder.conf,
      env: backupEnvironment(server, folder, owner),
    })

    const report = JSON.parse(result.stdout)
    const events = logEvents(result.stderr)
    expect(report).toMatchObject({
      exitCode: 0,
      databases: [{ result: 'backed-up', database: shop(), rows: 1000, archive: archivePaths(folder.volume)[0] }],
      problems: [],
    })
    expect(events).toHaveLength(result.stderr.trimEnd().split('\n').length)
    expect(new Set(events.map(event => event.runId))).toEqual(new Set([report.runId]))
    expect(events.map(event => event.event)).toEqual(
      expect.arrayContaining(['run-started', 'database-started', 'database-backed-up', 'run-finished']),
    )
  })

  test('goes on when whoever read its output has left', async () => {
    using folder = backupFolder(shop())
    const running = startBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, owner) })
    running.child.stdout?.destroy()
    running.child.stderr?.destroy()

    const result = await running.result

    expect(result.code).toBe(0)
    expect(manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '').storedBytes).toBeGreaterThan(0)
  })

  test('under the daily strategy uses dated folders at the top and no tier', async () => {
    using folder = backupFolder(shop())
    const env = { ...backupEnvironment(server, folder, owner), BACKUP_STRATEGY: 'daily' }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    const [archive = ''] = archivePaths(folder.volume)
    expect(result.code).toBe(0)
    expect(archive).toMatch(/^\d{4}-\d\d-\d\d\/127\.0\.0\.1-shop_/)
    expect(manifestIn(folder.volume, archive).tier).toBeNull()
  })

  test('takes an empty variable for an unset one', async () => {
    using folder = backupFolder(shop())
    const empty = ['BACKUP_STRATEGY', 'ROOT_BACKUP_DIR', 'DAILY_BACKUPS', 'DUMP_TIMEOUT', '_127_0_0_1_PASSWORD', 'TZ']
    const env = {
      ...backupEnvironment(server, folder, owner),
      ...Object.fromEntries(empty.map(name => [name, ''])),
    }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(0)
    expect(manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '').startedAt).toMatch(/(\+00:00|Z)$/)
  })

  test('without a backup.conf backs up the one database of the environment', async () => {
    using folder = backupFolder()
    const env = {
      ...backupEnvironment(server, folder, owner),
      DATABASE_SERVICE_NAME: '127.0.0.1',
      POSTGRESQL_PORT_NUM: String(server.port),
      POSTGRESQL_DATABASE: 'shop',
      DATABASE_NAME: 'another',
    }

    const result = await runBackup(['-1'], { cwd: folder.path, env })

    expect(result.code).toBe(0)
    expect(archivePaths(folder.volume)[0]).toContain('/127.0.0.1-shop_')
  })
})

describe('after a backup', () => {
  test('-l lists it, -p keeps it, and -c shows where everything came from', async () => {
    using folder = backupFolder(`${shop()}\n0 1 * * * default ./backup.sh -s`)
    const options = { conf: folder.conf, env: backupEnvironment(server, folder, owner) }
    await runBackup(['-1'], options)
    const [archive = ''] = archivePaths(folder.volume)

    const list = await runBackup(['-l', '--all'], options)
    const json = await runBackup(['-l', '--json'], options)
    const prune = await runBackup(['-p'], { ...options, input: '' })
    const check = await runBackup(['-c'], options)

    expect([list.code, json.code, prune.code, check.code]).toEqual([0, 0, 0, 0])
    expect(list.stdout).toContain(`127.0.0.1:${server.port}/shop`)
    expect(list.stdout).toContain(archive)
    expect(list.stdout).not.toContain('unknown')
    expect(JSON.parse(json.stdout).databases[0]).toMatchObject({ kept: 1, databaseBytes: expect.any(Number) })
    expect(prune.stdout).toContain('Nothing to remove.')
    expect(check.stdout).toMatch(/DATABASE_PASSWORD\s.*\bset\b/)
    expect(filesOf(folder.volume)).toEqual([archive, `${archive}.json`])
  })

  test('a second one stands beside the first, with the change in size', async () => {
    using folder = backupFolder(shop())
    const options = { conf: folder.conf, env: backupEnvironment(server, folder, owner) }
    await runBackup(['-1'], options)

    const second = await runBackup(['-1', '--json'], options)

    const [outcome] = JSON.parse(second.stdout).databases
    expect(archivePaths(folder.volume)).toHaveLength(2)
    expect(outcome.previousBytes).toBe(manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '').storedBytes)
    expect(outcome.warnings).toEqual([])
  })
})
