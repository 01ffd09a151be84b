import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../../src/sources/postgres/connection/connection.ts'
import { backupEnvironment, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  folder = backupFolder()
  await server.createDatabase('shop')
  await server.sql(
    'shop',
    `CREATE TABLE customer AS SELECT n FROM generate_series(1, 100) n; CREATE TABLE sale AS SELECT n FROM generate_series(1, 50) n;
     CREATE TABLE "Größe ""x""" AS SELECT 1 AS n; CREATE TABLE same AS SELECT 1 AS n; CREATE TABLE leaves AS SELECT 1 AS n;
     CREATE EXTENSION hstore; CREATE TABLE parts (n integer) PARTITION BY RANGE (n); CREATE TABLE part PARTITION OF parts DEFAULT;
     INSERT INTO parts VALUES (1), (2); CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS n; ANALYZE`,
  )
  await takeBackup(server, folder, { database: 'shop' })
}, 120_000)
afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

function run(...args: readonly string[]): Promise<ProgramResult> {
  return runBackup(['--changes', 'shop', '--live', ...args], {
    conf: folder.conf,
    env: backupEnvironment(server, folder),
  })
}

test('what the newest archive has and what is there now, as counted', async () => {
  const before = await run()
  await server.sql(
    'shop',
    `TRUNCATE customer; INSERT INTO sale SELECT n FROM generate_series(1, 7) n; DELETE FROM "Größe ""x"""; DROP TABLE leaves;
     CREATE TABLE fresh AS SELECT 1 AS n; INSERT INTO parts VALUES (3)`,
  )

  const after = await run()
  const json = await run('--json')

  expect(before.code, before.stderr).toBe(0)
  expect(before.stdout).toContain('7 tables have as many rows as in the archive')
  expect(after.stdout).toContain(`
  TABLE                 IN THE ARCHIVE   NOW  DIFFERENCE
  public.customer                  100     0        -100
  public.sale                       50    57          +7
  public."Größe ""x"""               1     0          -1
  public.fresh                       -     1         new
  public.leaves                      1  gone          -1
  public.part                        2     3          +1

2 tables have as many rows as in the archive, which need not be the same rows.
`)
  expect(JSON.parse(json.stdout)).toMatchObject({
    database: `127.0.0.1:${server.port}/shop`,
    same: 2,
    notCounted: 0,
    different: [{ table: 'public.customer', inArchive: 100, now: 0, isEstimate: false }, {}, {}, {}, {}, {}],
  })
})

test('FM182 of a table that somebody holds locked it is the guess of the server, said to be one', async () => {
  const options = { env: {}, applicationName: 'locks' }
  await using holder = await connect(server.target('shop'), options, AbortSignal.timeout(60_000))
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE public.sale, public.same IN ACCESS EXCLUSIVE MODE')

  const { code, stdout } = await run()

  expect(code).toBe(0)
  expect(stdout).toMatch(/^~ is the server's guess: 2 were not counted for lack of time or rights\.$/m)
  expect(stdout).toMatch(/^ {2}public\.customer +100 +0 +-100$/m)
})

test('of a database that is not configured nobody knows as whom to log in', async () => {
  folder.writeConf(`127.0.0.1:${server.port}/another`)

  const { code, stderr } = await run()

  expect(code).toBe(2)
  expect(stderr).toContain(`--live: nobody knows as whom to log in to 127.0.0.1:${server.port}/shop; expected a line`)
})
