import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeBackup } from '../support/archives.ts'
import { corpusSql, expectRoundtrip, proofFolder, verifyAll } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf, runRestore } from '../support/restoring.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements' } })
}, 120_000)

afterAll(() => server?.stop())

/** Those of the corpus by which code of an archive could get a superuser's rights, in the order in which a dump has them. */
const WITHHELD = [
  'TRANSFORM integer sql',
  'TYPE ext.base',
  'TYPE ext.shell',
  'FUNCTION ext.native(text, text)',
  'AGGREGATE ext.rank_of(VARIADIC "any" ORDER BY VARIADIC "any")',
  'ACCESS METHOD own_heap',
  'OPERATOR FAMILY ext.absolute USING btree',
  'OPERATOR CLASS ext.abs_ops USING btree',
  'OPERATOR FAMILY ext.empty_family USING hash',
  'TEXT SEARCH PARSER ext.parser',
  'TEXT SEARCH TEMPLATE ext.template',
  'FOREIGN DATA WRAPPER own',
]

describe('what only a superuser may make', { timeout: 240_000 }, () => {
  test('FM69 of extensions, foreign data, event triggers, publications and routines is proved and restored', async () => {
    await server.createDatabase('admin')
    await server.sql('admin', corpusSql('admin'))

    const outcome = await expectRoundtrip(server, 'admin', { copy: 'admin copy' })

    expect(outcome.notes).toEqual([])
  })

  test('FM69 of owners, rights, comments and large objects of many roles is proved and restored', async () => {
    await server.createDatabase('rights')
    await server.sql('rights', corpusSql('rights'))

    const outcome = await expectRoundtrip(server, 'rights', { copy: 'other name' })

    // A policy lists its roles in the order in which the server made them, which no archive knows.
    expect(outcome.notes).toEqual([expect.stringMatching(/^1 statement is spelled differently/)])
  })

  test('FM91 of native objects, casts and operator classes is named and not proved, and restored where it is there already or wanted', async () => {
    using folder = proofFolder()
    await server.createDatabase('native')
    const csv = server.writeFile('corpus.csv', '1,one\n2,two\n')
    await server.sql('native', corpusSql('superuser').replace('CSV_FILE', csv))
    const archive = await takeBackup(server, folder, { database: 'native' })
    const restore = (name: string, ...args: string[]) =>
      runRestore(server, name, { folder, args: ['-f', archive, '--yes', ...args] })

    const { code, outcomes } = await verifyAll(server, folder)
    const elsewhere = await restore('native copy')
    const there = await databasesOf(server)
    const wanted = await restore('native copy', '--with-superuser-objects')
    const again = await restore('native')

    expect({ code, verdict: outcomes[0]?.verdict }).toEqual({ code: 5, verdict: 'could-not-verify' })
    expect(outcomes[0]?.reasons.map(({ name }) => name)).toEqual(WITHHELD)
    expect(elsewhere).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/TRANSFORM integer sql: only a superuser .*--with-superuser-objects/s),
    })
    expect(there).not.toContain('native copy')
    expect(wanted).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/warning .*as postgres.*compared what was loaded is what was dumped/s),
    })
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('compared what was loaded is what was dumped'),
    })
  })
})
