import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { takeBackup } from '../support/archives.ts'
import { proofFolder, verifyAll } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf, loadersOn, runRestore } from '../support/restoring.ts'
import { type Tampering, tamper } from '../support/tamper.ts'

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>
let archive: string

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('app')
  await server.sql('app', 'CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 9)')
}, 120_000)

afterAll(() => server?.stop())

beforeEach(async () => {
  folder = proofFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  archive = await takeBackup(server, folder, { database: 'app' })
})

/** As a pg_dump of 18 would have written it for a server of 18. */
function asOf18(dump: (text: string) => string = text => text): Tampering {
  return {
    dump: text =>
      dump(
        text
          .replaceAll(/^(-- Dumped (?:from database|by pg_dump) version) .*$/gm, '$1 18.1')
          .replace('SET statement_timeout = 0;', '$&\nSET transaction_timeout = 0;'),
      ),
    newFingerprint: true,
    manifest: manifest => ({
      ...manifest,
      server: { version: '18.1' },
      tools: { ...manifest.tools, pgDump: '18.1' },
    }),
  }
}

describe('an archive of a server that is newer than all that is installed', { timeout: 120_000 }, () => {
  test('FM64 FM72 can not be verified, and it is said what to install', async () => {
    tamper(archive, asOf18())

    const { code, outcomes } = await verifyAll(server, folder)

    expect(code).toBe(5)
    expect(outcomes).toMatchObject([
      {
        verdict: 'could-not-verify',
        reasons: [{ kind: 'tools', text: expect.stringMatching(/install postgresql-18/) }],
      },
    ])
  })

  test('FM64 FM82 is restored into an older server that understands all of it, with a warning before', async () => {
    tamper(archive, asOf18())

    const { code, stdout, stderr } = await runRestore(server, 'older', { folder, args: ['-f', archive, '--yes'] })

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/from PostgreSQL 18 to 15: the server is older than the one of the archive/)
    expect(stdout).toContain('what was loaded is what was dumped')
    expect(await server.query('older', 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 9 }])
  })

  test('FM64 FM68 is refused by an older server that does not understand it, and nothing is changed', async () => {
    const virtual = 'CREATE TABLE public.newer (a integer, b integer GENERATED ALWAYS AS ((a * 2)) VIRTUAL);'
    tamper(
      archive,
      asOf18(text => text.replace('CREATE TABLE', `${virtual}\n\n$&`)),
    )
    const before = await databasesOf(server)

    const { code, stderr } = await runRestore(server, 'app', { folder, args: ['--yes'] })

    expect(code).toBe(1)
    expect(stderr).toMatch(/TABLE public\.newer: the server does not understand it/)
    expect(await databasesOf(server)).toEqual(before)
    expect(await loadersOn(server)).toEqual([])
    expect(await server.query('app', 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 9 }])
  })
})

describe('an archive that can not be loaded without the rights of a superuser', { timeout: 120_000 }, () => {
  test('FM72 FM77 can not be verified, and it is said why', async () => {
    await server.createDatabase('rooted')
    await server.sql(
      'rooted',
      `CREATE FUNCTION root(double precision) RETURNS double precision LANGUAGE internal IMMUTABLE STRICT AS 'dsqrt';
       CREATE TABLE t (a double precision CHECK (root(a) > 1)); INSERT INTO t VALUES (9)`,
    )
    await takeBackup(server, folder, { database: 'rooted' })

    const { code, outcomes } = await verifyAll(server, folder)

    expect(code).toBe(5)
    expect(outcomes).toMatchObject([
      {
        verdict: 'could-not-verify',
        reasons: [
          { name: 'public.t', sqlstate: '42501', text: expect.stringMatching(/a right that only superusers have/) },
        ],
      },
    ])
  })

  test('FM69 an index that needs tables which an empty search_path hides fails, and is named', async () => {
    await server.createDatabase('hidden')
    await server.sql(
      'hidden',
      `CREATE TABLE rate (n integer); INSERT INTO rate VALUES (2);
       CREATE FUNCTION rated(integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 * max(n) FROM rate';
       CREATE TABLE t (a integer); INSERT INTO t VALUES (1); CREATE INDEX by_rate ON t (rated(a))`,
    )
    await takeBackup(server, folder, { database: 'hidden' })

    const { code, outcomes } = await verifyAll(server, folder)

    expect(code).toBe(4)
    expect(outcomes).toMatchObject([
      {
        verdict: 'failed',
        facts: { isWhatWasDumped: 'held', loads: 'broken' },
        reasons: [{ sqlstate: '42P01', text: expect.stringMatching(/INDEX .*by_rate/) }],
      },
    ])
  })
})
