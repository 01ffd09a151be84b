import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareDatabase, dumpBytes, loadWithPsql } from '../../../support/comparing.ts'
import { expectProved, proofFolder } from '../../../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const RESET = 'pg_stat_statements_reset(oid, oid, bigint)'

/** What its script has made, and given to everybody, belongs to somebody else now; he gave it on. */
const GIVEN_AWAY = `
CREATE EXTENSION pg_stat_statements;
ALTER VIEW pg_stat_statements OWNER TO app; ALTER FUNCTION ${RESET} OWNER TO app;
GRANT SELECT ON pg_stat_statements TO other; GRANT UPDATE (query) ON pg_stat_statements TO "Odd; one" WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION ${RESET} TO other;
CREATE TABLE plain (n int); GRANT SELECT ON plain TO other`

let server: PostgresServer
let archive: Buffer

beforeAll(async () => {
  server = await startPostgres()
  await server.sql('postgres', 'CREATE ROLE app; CREATE ROLE other; CREATE ROLE "Odd; one"')
  await server.createDatabase('source')
  await server.sql('source', GIVEN_AWAY)
  archive = await dumpBytes(server, 'source')
}, 120_000)

afterAll(() => server?.stop())

describe('what an extension made and its owner gave away', { timeout: 60_000 }, () => {
  test('FM195 comes back from psql with the same rights by other statements: a note, and no difference', async () => {
    await loadWithPsql(server, 'loaded', archive)

    const { words, notes, reloads } = await compareDatabase(server, { archive, database: 'loaded' })

    expect(words).toEqual([])
    expect(reloads).toBe(0)
    expect(notes).toEqual([expect.stringMatching(/^the rights on TABLE public\.pg_stat_statements are the same/)])
  })

  test('FM195 is proved by the whole program', async () => {
    using folder = proofFolder()

    const { outcome } = await expectProved(server, folder, 'source')

    expect(outcome.notes).toEqual([expect.stringMatching(/pg_stat_statements_reset\(.*pg_dump keeps no owner of that/)])
  })

  test.each([
    [
      'a right of everybody that is gone',
      'REVOKE SELECT ON pg_stat_statements FROM PUBLIC',
      /statement GRANT SELECT ON/,
    ],
    [
      'a right of somebody that is gone',
      'REVOKE SELECT ON pg_stat_statements FROM other',
      /statement GRANT SELECT .* other/,
    ],
    ['a right of the old owner that is gone', 'REVOKE INSERT ON pg_stat_statements FROM app', /statement GRANT .* app/],
    [
      'a right on a column that is gone',
      'REVOKE UPDATE (query) ON pg_stat_statements FROM "Odd; one"',
      /UPDATE\(query\)/,
    ],
    [
      'a right that may no longer be given on',
      'REVOKE GRANT OPTION FOR UPDATE (query) ON pg_stat_statements FROM "Odd; one"',
      /UPDATE\(query\)/,
    ],
    ['a right that nobody had', 'GRANT DELETE ON pg_stat_statements TO other', /statement GRANT .*DELETE.* other/],
    ['a right that was taken away', 'GRANT ALL ON pg_stat_statements TO CURRENT_USER', /pg_stat_statements/],
    [
      'a right on a function that is gone',
      `REVOKE ALL ON FUNCTION ${RESET} FROM other`,
      /statement GRANT ALL ON FUNCTION/,
    ],
    [
      'a right on what no extension made',
      'REVOKE SELECT ON plain FROM other',
      /statement GRANT SELECT ON TABLE public\.plain/,
    ],
  ])('FM196 %s is a difference, and named', async (what, sql, named) => {
    const database = `lost ${what}`
    await loadWithPsql(server, database, archive)
    await server.sql(database, sql)

    const { words } = await compareDatabase(server, { archive, database })

    expect(words.join('\n')).toMatch(named)
  })
})
