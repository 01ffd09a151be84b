import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Marker, markerBeforeOid } from '../../../../src/sources/postgres/made/marker.ts'
import { lockTarget, type TargetLock } from '../../../../src/sources/postgres/made/target-lock.ts'
import { removeSide } from '../../../../src/sources/postgres/restore/remove-side.ts'
import { makeSide, type Side, type SideInput } from '../../../../src/sources/postgres/restore/side.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { takeBackup } from '../../../support/archives.ts'
import { type BackupFolder, backupFolder, type RunningProgram, runBackup } from '../../../support/backup-program.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { databasesOf, loadersOn, runRestore, startRestore } from '../../../support/restoring.ts'
import { untilTrue } from '../../../support/until-true.ts'

const DIE_AT_QUERY = new URL('../../../support/die-at-query.ts', import.meta.url).href
const never = new AbortController().signal

let server: PostgresServer
let folder: BackupFolder
let landlord: { readonly name: string; readonly password: string }

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '2' } })
  landlord = { name: 'landlord', password: await server.createRole('landlord', { attributes: 'CREATEDB' }) }
  await server.createDatabase('app', { owner: 'landlord' })
  await server.query('app', 'CREATE TABLE t AS SELECT generate_series(1, 9) AS n', landlord)
  folder = backupFolder()
  await takeBackup(server, folder, { database: 'app' })
}, 120_000)

afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

afterEach(async () => {
  for (const name of await databasesOf(server))
    if (name !== 'app') await server.query('postgres', `DROP DATABASE "${name}" WITH (FORCE)`)
  for (const name of await loadersOn(server)) await server.query('postgres', `DROP ROLE "${name}"`)
})

/** What is made for a target, by a run of its own that holds the target's lock. */
async function sideInput(
  target: string,
  given: { database: string; withLoader?: boolean },
): Promise<SideInput & AsyncDisposable> {
  const run = `of-${target}`
  const connect = { env: {}, applicationName: `backup-container ${run} restore` }
  const maintenance = server.target('postgres')
  const lock: TargetLock = await lockTarget({ maintenance, connect, clock: systemClock, target }, never)
  const marker: Marker = {
    ...{ state: 'loading', target, database: given.database, run },
    ...{ at: new Date().toISOString(), by: 'this test' },
  }
  return {
    ...{ maintenance, connect, clock: systemClock, lock, marker, tablespace: null },
    shape: { encoding: 'UTF8', collate: 'C', ctype: 'C', localeProvider: 'libc', icuLocale: null },
    withLoader: given.withLoader ?? true,
    onLeftBehind: (statements, reason) => expect({ statements, reason }).toBeNull(),
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  }
}

async function oidOf(name: string): Promise<number | null> {
  const [row] = await server.query('postgres', `SELECT oid::text FROM pg_database WHERE datname = '${name}'`)
  return row === undefined ? null : Number(row.oid)
}

async function commentOf(name: string): Promise<unknown> {
  const rows = await server.query(
    'postgres',
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = '${name}'`,
  )
  return rows[0]?.comment
}

/** A restore that is stopped by the kernel as soon as its side database is there. */
async function stoppedRestore(
  as: { readonly admin?: typeof landlord } = {},
): Promise<{ readonly running: RunningProgram; readonly side: string }> {
  const running = startRestore(server, 'app', { folder, ...as })
  await running.printed(/loading into/)
  let side = ''
  await untilTrue(async () => {
    side = (await databasesOf(server)).find(name => name.includes('_restore_')) ?? ''
    return side !== '' && String(await commentOf(side)).includes('state=')
  })
  running.kill('SIGSTOP')
  return { running, side }
}

describe('two restores with the same name for what they make', () => {
  test('FM97 the second fails, and its clean-up touches nothing of the first', async () => {
    await using first = await sideInput('first', { database: 'same_name' })
    await using second = await sideInput('second', { database: 'same_name' })
    await using winner = await makeSide(first, never)

    const error = await operatorError(makeSide(second, never))

    expect(error.message).toContain('database same_name: another session made one of that name')
    expect(await oidOf('same_name')).toBe(winner.oid)
    expect(await loadersOn(server)).toEqual([winner.loader?.name])
  }, 60_000)

  test('FM97 started at once for one database, each either restores it or is refused, and nothing else is left', async () => {
    const results = await Promise.all([1, 2, 3].map(() => runRestore(server, 'app', { folder })))

    const codes = results.map(({ code }) => code)
    const restored = codes.filter(code => code === 0).length
    expect(codes.filter(code => code !== 0 && code !== 11)).toEqual([])
    expect(restored).toBeGreaterThan(0)
    expect((await databasesOf(server)).filter(name => name !== 'app')).toHaveLength(restored)
    expect((await databasesOf(server)).filter(name => name.includes('_restore_'))).toEqual([])
    expect(await loadersOn(server)).toEqual([])
  }, 120_000)

  test('FM97 what was made is removed under the name that it has by then, and not what has its old one', async () => {
    await using input = await sideInput('app', { database: 'app_restore_20261120_010000' })
    const side: Side = await makeSide(input, never)
    await server.query('postgres', `ALTER DATABASE "${side.name}" RENAME TO moved`)
    await server.createDatabase(side.name)
    const stranger = await oidOf(side.name)

    await side[Symbol.asyncDispose]()

    expect(await databasesOf(server)).toEqual(['app', side.name])
    expect(await oidOf(side.name)).toBe(stranger)
    expect(await loadersOn(server)).toEqual([])
  }, 60_000)

  test('FM183 what only has the mark of this run stays where the making of its side database was cut off', async () => {
    await using input = await sideInput('live', { database: 'live_restore_20261120_010000' })
    const strangers = ['live', 'bystander', 'other_restore_20261120_010000']
    for (const name of strangers) {
      await server.createDatabase(name)
      const mark = `${markerBeforeOid(input.marker)}${await oidOf(name)}`
      await server.query('postgres', `COMMENT ON DATABASE ${name} IS '${mark}'`)
    }

    await removeSide(input, { oid: null, loader: null })

    expect(await databasesOf(server)).toEqual(expect.arrayContaining(strangers))
  }, 60_000)

  test('FM97 what has been given the live name by hand stays', async () => {
    await using input = await sideInput('mended', { database: 'mended_restore_20261120_010000', withLoader: false })
    const side: Side = await makeSide(input, never)
    await server.query('postgres', `ALTER DATABASE "${side.name}" RENAME TO mended`)

    await side[Symbol.asyncDispose]()

    expect(await oidOf('mended')).toBe(side.oid)
  }, 60_000)

  test('FM97 FM98 a second restore of one database is refused with 11, and what the first has made is left alone', async () => {
    const { running, side } = await stoppedRestore()
    const loaders = await loadersOn(server)

    const second = await runRestore(server, 'app', { folder })
    const dry = await runRestore(server, 'app', { folder, args: ['--dry-run'] })
    const between = await databasesOf(server)
    const loadersBetween = await loadersOn(server)
    running.kill('SIGCONT')
    const first = await running.result

    expect(second.code).toBe(11)
    expect(second.stderr).toMatch(/app: run \S+ \(process \d+ of the server\) restores into it; expected nobody else/)
    expect(dry).toMatchObject({ code: 1, stdout: expect.stringMatching(/BLOCKED +run \S+ .*restores into it/) })
    expect(dry.stdout).not.toContain('that died')
    expect(between).toEqual(['app', side])
    expect(loaders).toHaveLength(1)
    expect(loadersBetween).toEqual(loaders)
    expect({ code: first.code, stderr: first.stderr }).toMatchObject({ code: 0 })
    expect(await commentOf('app')).toBeNull()
    expect(await loadersOn(server)).toEqual([])
  }, 120_000)
})

describe('what is on the server already', () => {
  const marker = (given: Partial<Marker> = {}): string =>
    markerBeforeOid({
      ...{ state: 'loading', target: 'app', database: 'app_restore_20260101_000000', run: 'dead-1' },
      ...{ at: '2026-01-01T00:00:00.000Z', by: 'elsewhere' },
      ...given,
    })

  async function makeMarked(name: string, text: string, oid?: number): Promise<void> {
    await server.createDatabase(name)
    await server.query('postgres', `COMMENT ON DATABASE "${name}" IS '${text}${oid ?? (await oidOf(name))}'`)
  }

  async function makeLoader(name: string, text: string | null): Promise<void> {
    await server.createRole(name)
    const [row] = await server.query('postgres', `SELECT oid::text FROM pg_roles WHERE rolname = '${name}'`)
    if (text !== null) await server.query('postgres', `COMMENT ON ROLE ${name} IS '${text}${row?.oid}'`)
  }

  test('FM97 stays, if it only looks like ours, is kept or was live; what a dead restore was loading goes', async () => {
    await makeMarked('app_restore_20260101_000000', marker())
    await makeMarked('app_restore_20260101_000001', marker(), 1)
    await makeMarked('app_restore_20260101_000002', marker({ state: 'kept' }))
    await makeMarked('app_restore_20260101_000003', marker({ target: 'other' }))
    await makeMarked('app_before_20260101_000004', marker())
    await makeMarked('rescued', marker())
    await server.createDatabase('app_restore_20260101_000005')
    await makeLoader('backup_loader_dead', marker())
    await makeLoader('backup_loader_unmarked', null)
    await makeLoader('backup_loader_other', marker({ target: 'other' }))
    await makeMarked('app_restore_20260101_000006', marker({ run: 'dead-2' }))
    const live = await oidOf('app')
    await server.query('postgres', `COMMENT ON DATABASE app IS '${marker()}${live}'`)

    const access = await runBackup(['-c', '--check'], { conf: folder.conf, env: checkEnvironment() })
    const { code, stdout, stderr } = await runRestore(server, 'app', { folder })

    const [kept] = (await databasesOf(server)).filter(
      name => name.startsWith('app_before_2026') && !name.includes('0101'),
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain(
      'removed database app_restore_20260101_000000, database app_restore_20260101_000006, role backup_loader_dead: left by restores that died (dead-1, dead-2)',
    )
    expect(stdout).toContain(
      'database app_restore_20260101_000000 is left from a restore that died (run dead-1); it is removed first',
    )
    expect(await databasesOf(server)).toEqual(
      [
        'app',
        kept,
        'rescued',
        'app_before_20260101_000004',
        ...[1, 2, 3, 5].map(n => `app_restore_20260101_00000${n}`),
      ].toSorted(),
    )
    expect(await oidOf(String(kept))).toBe(live)
    expect((await loadersOn(server)).toSorted()).toEqual(['backup_loader_other', 'backup_loader_unmarked'])
    expect(access.stdout).toContain('left by a restore that died, removed by the next one: ')
    expect(access.stdout).toContain('loaded, kept and not swapped in: database app_restore_20260101_000002')
    await server.query('postgres', 'COMMENT ON DATABASE app IS NULL')
  }, 120_000)

  test('FM98 a dead loader that owns what somebody has kept stays, and can no longer log in', async () => {
    await makeLoader('backup_loader_owner', marker())
    await server.createDatabase('rescued', { owner: 'backup_loader_owner' })

    const { code, stdout } = await runRestore(server, 'app', { folder })

    expect(code).toBe(0)
    expect(stdout).toContain('DROP ROLE IF EXISTS "backup_loader_owner";')
    expect(
      await server.query(
        'postgres',
        `SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = 'backup_loader_owner'`,
      ),
    ).toEqual([{ rolcanlogin: false, rolpassword: null }])
  }, 60_000)

  function checkEnvironment(): Record<string, string> {
    return {
      BACKUP_DIR: folder.volume,
      DATABASE_USER: server.superuser,
      DATABASE_PASSWORD: server.password,
    }
  }
})

/** Every session of the program has ended. */
async function untilGone(): Promise<void> {
  await untilTrue(
    async () =>
      (await server.query('postgres', `SELECT FROM pg_stat_activity WHERE application_name LIKE 'backup-container%'`))
        .length === 0,
  )
}

describe('a restore that is killed', () => {
  test.each([
    ['CREATE ROLE', 'the superuser', [0, 1]],
    ['^CREATE DATABASE', 'the superuser', [1, 1]],
    ['^CREATE DATABASE', 'an owner', [1, 0]],
    ['^COMMENT ON DATABASE', 'the superuser', [1, 1]],
    ['^COMMENT ON DATABASE', 'an owner', [1, 0]],
    ['NOLOGIN', 'the superuser', [1, 1]],
  ] as const)(
    'FM98 right behind %s, by %s, leaves nothing that the next one does not remove',
    async (text, who, [databases, roles]) => {
      const admin = who === 'an owner' ? { admin: landlord } : {}
      const env = { NODE_OPTIONS: `--import ${DIE_AT_QUERY}`, KILL_AT_TEXT: text, KILL_WHEN: 'after' }

      const killed = await runRestore(server, 'app', { folder, env, ...admin })
      await untilGone()
      const left = (await databasesOf(server)).filter(name => name.includes('_restore_'))
      const loaders = await loadersOn(server)
      const next = await runRestore(server, 'app', { folder, ...admin })

      expect(killed.signal).toBe('SIGKILL')
      expect([left.length, loaders.length]).toEqual([databases, roles])
      expect({ code: next.code, stderr: next.stderr }).toMatchObject({ code: 0 })
      expect(next.stdout).toMatch(/^removed (database|role) .*: left by/m)
      expect(next.stdout).toMatch(/left from a restore that died.*; it is removed first/)
      expect((await databasesOf(server)).filter(name => name.includes('_restore_'))).toEqual([])
      expect(await loadersOn(server)).toEqual([])
      expect(await commentOf('app')).toBeNull()
    },
    120_000,
  )
})

describe('FM98 a restore in place that is killed when the live database is gone', () => {
  test('is told by -c --check and by a backup with what it left, and backup -r again is the way', async () => {
    const conf = `127.0.0.1:${server.port}/app`
    using other = backupFolder(conf)
    const env = { BACKUP_DIR: other.volume, DATABASE_USER: 'landlord', DATABASE_PASSWORD: landlord.password }
    const dying = { NODE_OPTIONS: `--import ${DIE_AT_QUERY}`, KILL_AT_TEXT: '^DROP DATABASE', KILL_WHEN: 'after' }

    const killed = await runRestore(server, 'app', { folder, env: dying, args: ['--in-place', '--unproved', '--yes'] })
    await untilGone()
    const access = await runBackup(['-c', '--check'], { conf: other.conf, env })
    const backup = await runBackup(['-1'], { conf: other.conf, env })
    const before = await databasesOf(server)
    const next = await runRestore(server, 'app', { folder })

    const [side] = before
    const told = new RegExp(
      `FAILED +${conf} +.*database "app" does not exist; left by a restore that died, removed by the next one: database ${side}.*; .*backup -r ${conf} makes the database again`,
    )
    expect(killed.signal).toBe('SIGKILL')
    expect(before).toEqual([expect.stringMatching(/^app_restore_/)])
    expect(access.stdout).toMatch(told)
    expect(access.code).toBe(3)
    expect(backup.stdout).toMatch(/FAILED +.*left by a restore that died/)
    expect(next.code).toBe(0)
    expect(await databasesOf(server)).toEqual(['app'])
  }, 120_000)

  test('is nothing that a database which never was is told of', async () => {
    const conf = `127.0.0.1:${server.port}/nowhere`
    using other = backupFolder(conf)
    const env = { BACKUP_DIR: other.volume, DATABASE_USER: 'landlord', DATABASE_PASSWORD: landlord.password }

    const access = await runBackup(['-c', '--check'], { conf: other.conf, env })

    expect(access.stdout).toMatch(/"nowhere" does not exist.*; check the database name in backup\.conf/)
  }, 120_000)
})

describe('a side database whose swap failed', () => {
  test('FM97 is marked as kept, without a loader, and stays until a person has finished or dropped it', async () => {
    const { running, side } = await stoppedRestore()
    await server.query(
      'app',
      `CREATE TABLE held (); BEGIN; INSERT INTO held DEFAULT VALUES; PREPARE TRANSACTION 'held'`,
    )
    running.kill('SIGCONT')
    const failed = await running.result
    const comment = await commentOf(side)
    const loaders = await loadersOn(server)
    await server.query('app', `ROLLBACK PREPARED 'held'`)

    const next = await runRestore(server, 'app', { folder })
    const after = await databasesOf(server)

    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain(`stays as ${side}`)
    expect(failed.stderr).toContain('COMMENT ON DATABASE "app" IS NULL;')
    expect(comment).toMatch(/^backup-container state=kept target=app /)
    expect(loaders).toEqual([])
    expect(next.code).toBe(0)
    expect(after).toContain(side)
  }, 120_000)

  test('FM97 a lost lock stops a restore before the swap, if another run has it by then', async () => {
    const { running, side } = await stoppedRestore({ admin: landlord })
    await server.query('postgres', `SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'`)
    await using _other = await sideInput('app', { database: 'unused' })
    running.kill('SIGCONT')

    const { code, stderr } = await running.result

    expect(code).toBe(11)
    expect(stderr).toContain('run of-app')
    expect(await databasesOf(server)).toEqual(['app'])
    expect(side).not.toBe('')
  }, 120_000)
})
