import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../../support/backup-program.ts'
import { archivePaths, everythingIn, logEvents, manifestIn, textIn } from '../../support/backups.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { pathWithPgDump } from '../../support/stand-in-tools.ts'
import { untilTrue } from '../../support/until-true.ts'
import { filesOf, putArchive } from '../../support/volume.ts'

const PLANTED = 'Anna-Miller'
/** One backup is kept, whatever day it is. */
const COUNTS = { DAILY_BACKUPS: '1', WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0' }
const owner = { name: 'shop_owner', password: 'password-of-the-owner' }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole(owner.name, owner)
  for (const database of ['shop', 'ledger', 'orders']) {
    await server.createDatabase(database, { owner: owner.name })
    await server.sql(
      database,
      `SET ROLE shop_owner; CREATE TABLE customer (id int, name text);
       INSERT INTO customer VALUES (1, 'Some One'), (2, 'Some Two')`,
    )
  }
  await server.createDatabase('denied', { owner: owner.name })
  await server.sql('denied', 'CREATE TABLE open_to_all (i int); CREATE SCHEMA hr; CREATE TABLE hr.salary (i int)')
})
afterAll(() => server.stop())

/** A volume that any successful run would prune: nine old archives of the database, one of which is kept. */
function withOldArchives(folder: BackupFolder, database: string): readonly string[] {
  for (let day = 1; day <= 9; day += 1) {
    const date = `2026-10-0${day}`
    putArchive(folder.volume, `daily/${date}/127.0.0.1-${database}_${date}_01-00-00.sql.gz`, {
      port: server.port,
      empty: true,
    })
  }
  return filesOf(folder.volume)
}

interface Wanted {
  readonly database?: string
  readonly env?: Readonly<Record<string, string>>
  /** Shell scripts that stand in for these tools. */
  readonly pgDump?: string
  readonly igzip?: string
}

/** One run over one database, with old archives on the volume; says what was there before and after. */
async function failingRun(folder: BackupFolder, wanted: Wanted) {
  const database = wanted.database ?? 'shop'
  const before = withOldArchives(folder, database)
  const contents = everythingIn(folder.volume, { archives: false })
  folder.writeConf(`127.0.0.1:${server.port}/${database}`)
  const path = toolPath(folder, wanted)
  const env = {
    ...backupEnvironment(server, folder, owner),
    DAILY_BACKUPS: '1',
    DUMP_RETRIES: '0',
    ...path,
    ...wanted.env,
  }
  const result = await runBackup(['-1', '--json'], { conf: folder.conf, env })
  return { result, before, contents, failure: outcomesOf(result)[0]?.failure }
}

function toolPath(folder: BackupFolder, { pgDump, igzip }: Wanted): { readonly PATH?: string } {
  const forCompressor = igzip === undefined ? null : `${folder.writeTool('igzip', igzip)}:${process.env.PATH}`
  const path = pgDump === undefined ? forCompressor : pathWithPgDump(folder, server, pgDump)
  return path === null ? {} : { PATH: path }
}

interface Outcome {
  readonly result: string
  readonly database: string
  readonly failure?: { readonly kind: string; readonly message: string; readonly hint: string | null }
}

function outcomesOf(result: ProgramResult): readonly Outcome[] {
  return (JSON.parse(result.stdout) as { databases: Outcome[] }).databases
}

describe('a dump that fails leaves no file, prunes nothing, and touches no older archive:', () => {
  const cases: readonly (Wanted & { readonly title: string; readonly failure: object })[] = [
    {
      title: 'FM01 FM25 a database that does not exist',
      database: 'no_such',
      failure: { kind: 'configuration', message: expect.stringContaining('database "no_such" does not exist') },
    },
    {
      title: 'FM01 FM25 a wrong password',
      env: { DATABASE_PASSWORD: 'wrong' },
      failure: { kind: 'authentication', message: expect.stringContaining('"shop_owner"') },
    },
    {
      title: 'FM130 a wrong password, named by its variable,',
      env: { DATABASE_PASSWORD: 'wrong' },
      failure: { kind: 'authentication', hint: 'the password is that of DATABASE_PASSWORD: check it, and the user' },
    },
    {
      title: 'FM130 a wrong password of its host, named by its variable,',
      env: { _127_0_0_1_PASSWORD: 'wrong' },
      failure: { kind: 'authentication', hint: expect.stringContaining('that of _127_0_0_1_PASSWORD:') },
    },
    {
      title: 'FM01 FM07 a table that this role may not read',
      database: 'denied',
      failure: {
        kind: 'rights',
        message: expect.stringMatching(/schema hr.*table hr\.salary/),
        hint: expect.stringContaining('GRANT'),
      },
    },
    {
      title: 'FM01 a tool that writes everything and then fails',
      pgDump: '"$REAL" "$@"; exit 3',
      failure: { kind: 'server', message: expect.stringContaining('exit code 3; expected 0') },
    },
    {
      title: 'FM02 a tool that is killed in the middle',
      pgDump: '"$REAL" "$@" | head -c 700; kill -KILL $$',
      failure: { kind: 'incomplete', hint: expect.stringContaining('memory') },
    },
    {
      title: 'FM04 a dump without its last line, from a tool that says that all is well',
      pgDump: '"$REAL" "$@" | sed "/PostgreSQL database dump complete/d"',
      failure: { kind: 'incomplete', message: expect.stringContaining('without its last line') },
    },
    {
      title: 'FM04 a dump that was cut, from a tool that says that all is well',
      pgDump: '"$REAL" "$@" | head -c 700',
      failure: { kind: 'incomplete' },
    },
    {
      title: 'FM05 a dump without any table of a database that has some',
      pgDump: '"$REAL" --exclude-table="*.*" "$@"',
      failure: { kind: 'incomplete', message: expect.stringContaining('no table is in the dump; expected 1') },
    },
    {
      title: 'FM01 a compressor that fails',
      igzip: 'cat >/dev/null; exit 1',
      failure: { kind: 'volume', message: expect.stringContaining('exit code 1 while it wrote the archive') },
    },
    {
      title: 'FM01 a compressor that says that all is well and loses bytes',
      igzip: 'tail -c +100 | gzip',
      failure: { kind: 'incomplete', message: expect.stringContaining('checksum') },
    },
  ]

  test.each(cases)('$title', async ({ failure, ...wanted }) => {
    using folder = backupFolder()
    const run = await failingRun(folder, wanted)

    expect(run.result.code).toBe(1)
    expect(run.failure).toMatchObject(failure)
    expect(filesOf(folder.volume)).toEqual(run.before)
    // The line that the run leaves in the history is not the archives' business.
    rmSync(`${folder.volume}/.backup/runs.jsonl`)
    expect(everythingIn(folder.volume, { archives: false })).toBe(run.contents)
  })

  test('FM01 FM25 a server that is gone', async () => {
    await using gone = await startPostgres()
    await gone.crash()
    using folder = backupFolder()
    const before = withOldArchives(folder, 'shop')
    folder.writeConf(`127.0.0.1:${gone.port}/shop`)
    const env = { ...backupEnvironment(gone, folder), DUMP_RETRIES: '0', ...COUNTS }

    const result = await runBackup(['-1', '--json'], { conf: folder.conf, env })

    expect(result.code).toBe(1)
    expect(outcomesOf(result)[0]?.failure).toMatchObject({
      kind: 'connection',
      message: expect.stringContaining('refused'),
    })
    expect(filesOf(folder.volume)).toEqual(before)
  })

  test('the same volume is pruned when the dump is good', async () => {
    using folder = backupFolder()

    const { result } = await failingRun(folder, {})

    expect(result.code).toBe(0)
    expect(archivePaths(folder.volume)).toHaveLength(1)
  })
})

describe('one database that fails', () => {
  test('FM42 FM38 neither stops nor hides the others, and each has one outcome', async () => {
    const port = server.port
    using folder = backupFolder(`127.0.0.1:${port}/shop\n127.0.0.1:${port}/no_such\n127.0.0.1:${port}/orders`)
    const env = backupEnvironment(server, folder, owner)

    const json = await runBackup(['-1', '--json'], { conf: folder.conf, env })
    const text = await runBackup(['-1'], { conf: folder.conf, env })

    expect([json.code, text.code]).toEqual([3, 3])
    expect(outcomesOf(json).map(each => [each.database.split('/')[1], each.result])).toEqual([
      ['shop', 'backed-up'],
      ['no_such', 'failed'],
      ['orders', 'backed-up'],
    ])
    expect(archivePaths(folder.volume)).toHaveLength(4)
    expect(text.stdout).toContain(`FAILED     127.0.0.1:${port}/no_such: `)
    expect(text.stdout).toContain('2 of 3 backed up, 1 failed')
    expect(logEvents(text.stderr).filter(event => event.event === 'database-failed')).toHaveLength(1)
  })

  test('FM08 FM42 because another session holds a table gives up after LOCK_WAIT_TIMEOUT', async () => {
    const port = server.port
    using folder = backupFolder(`127.0.0.1:${port}/ledger\n127.0.0.1:${port}/orders`)
    const holder = 'holds the lock of a table'
    const holding = server
      .query('ledger', `SET application_name = '${holder}'; BEGIN; LOCK TABLE customer; SELECT pg_sleep(120)`)
      .catch(() => {})
    const locks = "SELECT count(*) = 1 AS is FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
    await untilTrue(async () => (await server.query('ledger', locks))[0]?.is === true)
    const env = { ...backupEnvironment(server, folder, owner), LOCK_WAIT_TIMEOUT: '1s' }

    const result = await runBackup(['-1', '--json'], { conf: folder.conf, env })

    await server.query(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${holder}'`,
    )
    await holding
    expect(result.code).toBe(3)
    expect(outcomesOf(result)[0]?.failure).toMatchObject({
      kind: 'lock-timeout',
      hint: expect.stringContaining('LOCK_WAIT_TIMEOUT'),
    })
    expect(result.stderr).not.toContain('database-retried')
    expect(archivePaths(folder.volume)).toEqual([expect.stringContaining('-orders_')])
  })
})

describe('what pg_dump prints', () => {
  test('FM15 is no part of the dump', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const noise = 'i=0; while [ $i -lt 3000 ]; do echo "pg_dump: warning: noise" >&2; i=$((i+1)); done'
    const PATH = pathWithPgDump(folder, server, `${noise}; "$REAL" "$@"`)

    const result = await runBackup(['-1'], {
      conf: folder.conf,
      env: { ...backupEnvironment(server, folder, owner), PATH },
    })

    const [archive = ''] = archivePaths(folder.volume)
    expect(result.code).toBe(0)
    expect(textIn(folder.volume, archive)).not.toContain('noise')
    expect(result.stderr).toContain('noise')
  })

  test('FM83 quotes row data in the log of the pod and nowhere else', async () => {
    using folder = backupFolder()
    const script = `"$REAL" "$@" | head -c 700
      echo 'pg_dump: error: Dumping the contents of table "customer" failed: PQgetResult() failed.' >&2
      echo 'pg_dump: detail: Error message from server: ERROR:  invalid input syntax for type date: "${PLANTED}"' >&2
      echo 'DETAIL:  Failing row contains (${PLANTED}).' >&2
      echo 'CONTEXT:  COPY customer, line 1, column name: "${PLANTED}"' >&2
      echo 'pg_dump: detail: Command was: COPY public.customer TO stdout /* ${PLANTED} */' >&2; exit 1`

    const { result, failure, before } = await failingRun(folder, { pgDump: script })
    const asText = await failingRunText(folder)

    expect([result.code, asText.code]).toEqual([1, 1])
    expect(failure?.message).toContain('invalid input syntax for type date')
    expect(result.stderr).toContain(PLANTED)
    expect(result.stdout + asText.stdout).not.toContain(PLANTED)
    expect(filesOf(folder.volume)).toEqual(before)
    expect(everythingIn(folder.volume, { archives: false })).not.toContain(PLANTED)
  })

  test('FM83 quotes row data in warnings of a good backup, and none of it enters the manifest', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const warning = `echo 'pg_dump: warning: something about "${PLANTED}"' >&2; echo 'WARNING:  row (${PLANTED})' >&2`
    const PATH = pathWithPgDump(folder, server, `${warning}; "$REAL" "$@"`)

    const result = await runBackup(['-1'], {
      conf: folder.conf,
      env: { ...backupEnvironment(server, folder, owner), PATH },
    })

    expect(result.code).toBe(0)
    expect(result.stdout).not.toContain(PLANTED)
    expect(result.stderr).toContain(PLANTED)
    expect(manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '').notes.join()).toContain('something about')
    expect(everythingIn(folder.volume, { archives: false })).not.toContain(PLANTED)
  })
})

describe('tools', () => {
  test('FM82 of a newer version write a setting that the server refuses, and its archive loads all the same', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const add = 's/^SET lock_timeout = 0;$/&\\nSET transaction_timeout = 0;\\nSET of_the_future = on;/'
    const PATH = pathWithPgDump(folder, server, `"$REAL" "$@" | sed '${add}'`)

    const result = await runBackup(['-1'], {
      conf: folder.conf,
      env: { ...backupEnvironment(server, folder, owner), PATH },
    })

    const [archive = ''] = archivePaths(folder.volume)
    await server.createDatabase('loaded', { owner: owner.name })
    await server.sql('loaded', textIn(folder.volume, archive))
    expect(result.code).toBe(0)
    expect(await server.sql('loaded', 'SELECT count(*) FROM customer')).toBe('2')
    expect(manifestIn(folder.volume, archive).notes.join('\n')).toContain(
      'the server does not know the setting of_the_future',
    )
  })

  test('FM17 that fail on the roles cost the roles part, and the manifest says so', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const PATH = pathWithPgDump(folder, server, 'exec "$REAL" "$@"')
    folder.writeTool('pg_dumpall', 'exit 1')

    const result = await runBackup(['-1'], {
      conf: folder.conf,
      env: { ...backupEnvironment(server, folder, owner), PATH },
    })

    const manifest = manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '')
    expect(result.code).toBe(0)
    expect(manifest.parts[0]).toMatchObject({ part: 'roles', status: 'absent' })
    expect(manifest.notes.join()).toContain('pg_dumpall ended with exit code 1')
  })
})

async function failingRunText(folder: BackupFolder): Promise<ProgramResult> {
  const PATH = `${join(folder.path, 'bin')}:${process.env.PATH}`
  return await runBackup(['-1'], { conf: folder.conf, env: { ...backupEnvironment(server, folder, owner), PATH } })
}
