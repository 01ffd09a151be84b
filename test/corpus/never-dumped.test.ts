import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archiveText, manifestBeside, takeBackup } from '../support/archives.ts'
import { proofFolder, verifyAll } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf, runRestore } from '../support/restoring.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

describe('what pg_dump says nothing of', { timeout: 120_000 }, () => {
  test('FM137 a template without a schema public comes back as one, elsewhere and over itself', async () => {
    await server.createDatabase('bare')
    await server.sql(
      'bare',
      'CREATE SCHEMA own; CREATE TABLE own.t AS SELECT 1 AS n; DROP SCHEMA public; ALTER DATABASE bare IS_TEMPLATE true',
    )
    using folder = proofFolder()
    const archive = await takeBackup(server, folder, { database: 'bare' })

    const { outcomes } = await verifyAll(server, folder)
    const elsewhere = await runRestore(server, 'bare_copy', { folder, args: ['-f', archive, '--yes'] })
    const over = await runRestore(server, 'bare', { folder })
    const inPlace = await runRestore(server, 'bare', { folder, args: ['--in-place', '--yes'] })

    expect(outcomes).toMatchObject([{ verdict: 'proved', reasons: [], notes: [] }])
    for (const result of [elsewhere, over, inPlace])
      expect(result).toMatchObject({ code: 0, stdout: expect.not.stringContaining('left out') })
    for (const database of ['bare', 'bare_copy'])
      expect(await factsOf(database)).toEqual({ template: true, public: false })
    expect(over.stdout).toMatch(/ALTER DATABASE "bare_before_\d+_\d+" IS_TEMPLATE false; DROP DATABASE "bare_before_/)
    expect(archiveText(archive, 'database')).toMatch(/-- It is a template: .*\n\n-- It has no schema public: /)
    expect(await databasesOf(server)).not.toContain('bare')
  })

  test('FM137 what no archive brings back is listed', async () => {
    await server.createDatabase('odd')
    await server.sql(
      'odd',
      `CREATE TABLE t AS SELECT 1 AS n; INSERT INTO t VALUES (1);
       CREATE FUNCTION pg_catalog.ours() RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP EXTENSION plpgsql`,
    )
    await server.sql('odd', 'CREATE UNIQUE INDEX CONCURRENTLY twice ON t (n)').catch(() => {})
    using folder = proofFolder()

    const manifest = manifestBeside(await takeBackup(server, folder, { database: 'odd' }))

    expect(manifest.omitted).toMatchObject([{ kind: 'function', name: 'pg_catalog.ours' }])
    expect(manifest.notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^index public\.twice is invalid/),
        expect.stringMatching(/^the database has no language plpgsql/),
      ]),
    )
  })
})

async function factsOf(database: string): Promise<unknown> {
  const [row] = await server.query(
    database,
    `SELECT datistemplate AS template, EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') AS public
     FROM pg_database WHERE datname = current_database()`,
  )
  return row
}
