import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { corpusSql, expectRoundtrip } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements' } })
}, 120_000)

afterAll(() => server?.stop())

describe('what only a superuser may make', { timeout: 240_000 }, () => {
  test('FM69 of extensions, foreign data, event triggers, publications and native objects is proved and restored', async () => {
    const csv = server.writeFile('corpus.csv', '1,one\n2,two\n')
    await server.createDatabase('admin')
    await server.sql('admin', corpusSql('admin').replace('CSV_FILE', csv))

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
})
