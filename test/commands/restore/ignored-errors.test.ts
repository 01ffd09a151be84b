import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { takeBackup } from '../../support/archives.ts'
import { logEvents } from '../../support/backups.ts'
import { proofFolder, verifyAll } from '../../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { runRestore } from '../../support/restoring.ts'
import { tamper } from '../../support/tamper.ts'

/** One table cannot be made where no schema is looked into, one row of another breaks its check, and one is right. */
const CONTENT = `
CREATE DOMAIN short AS text;
CREATE FUNCTION fits(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1::short IS NOT NULL; END';
CREATE TABLE checked (t text CHECK (fits(t)));
CREATE TABLE good (n int);
INSERT INTO checked SELECT n FROM generate_series(1, 100) n;
INSERT INTO good SELECT generate_series(1, 9)`

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('partly')
  await server.sql('partly', CONTENT)
}, 120_000)

afterAll(() => server?.stop())

beforeEach(() => {
  folder = proofFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

describe('what -I goes past', { timeout: 120_000 }, () => {
  test('FM135 a restore counts what is there now, says of how much, and ends with 3', async () => {
    const archive = await takeBackup(server, folder, { database: 'partly' })

    const { code, stdout } = await runRestore(server, 'partly_again', { folder, args: ['-f', archive, '-I', '--yes'] })
    const json = await runRestore(server, 'partly_json', { folder, args: ['-f', archive, '-I', '--yes', '--json'] })

    expect(code).toBe(3)
    expect(stdout).toContain('partly_again: 2 tables, 9 rows of 2 and 109, in ')
    expect(await server.query('partly_again', 'SELECT count(*)::int AS n FROM checked')).toEqual([{ n: 0 }])
    expect(json.code).toBe(3)
    expect(JSON.parse(json.stdout)).toMatchObject({
      result: { tables: 2, rows: 9, held: { tables: 2, rows: 109 }, compared: 'different' },
    })
    expect(logEvents(json.stderr).filter(({ event }) => event === 'database-restored')).toMatchObject([
      { tables: 2, rows: 9 },
    ])
  })

  test('FM135 the same of an archive whose content is not what its manifest says', async () => {
    const archive = await takeBackup(server, folder, { database: 'partly' })
    tamper(archive, { dump: text => text.replace(/^9\n(?=\\\.)/m, '') })

    const { code, stdout } = await runRestore(server, 'partly_less', { folder, args: ['-f', archive, '-I', '--yes'] })

    expect(code).toBe(3)
    expect(stdout).toContain('partly_less: 2 tables, 8 rows of 2 and ')
  })

  test('FM135 a restore with -I that left nothing out ends with 0', async () => {
    await server.createDatabase('whole')
    await server.sql('whole', 'CREATE TABLE good AS SELECT 1 AS n')
    await takeBackup(server, folder, { database: 'whole' })

    const { code, stdout } = await runRestore(server, 'whole', { folder, args: ['-I', '--yes'] })

    expect(code).toBe(0)
    expect(stdout).toContain('whole: 1 table, 1 row, in ')
  })

  test('FM135 a proof counts what came back, and says of how much', async () => {
    await takeBackup(server, folder, { database: 'partly' })

    const { code, outcomes } = await verifyAll(server, folder, {}, ['-I'])

    expect(code).toBe(5)
    expect(outcomes).toMatchObject([
      {
        ...{ tables: 2, rows: 9 },
        notes: expect.arrayContaining(['came back: 2 tables, 9 rows of 2 and 109 in the archive']),
      },
    ])
  })
})
