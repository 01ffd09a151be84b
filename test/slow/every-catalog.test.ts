import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeBackup } from '../support/archives.ts'
import { catalogDifferences, catalogPictureOf } from '../support/catalog-picture.ts'
import { corpusSql, proofFolder } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { runRestore } from '../support/restoring.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

/** What comes back otherwise, by pg_dump's nature, and why; `docs/how-to/restore.md` says what of it matters. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  // Comments on what initdb has made.
  rights: ['pg_collation', 'pg_description'],
  // Columns that were dropped leave no gap, so that the numbers of all behind them differ.
  tables: ['pg_attrdef', 'pg_attribute', 'pg_class', 'pg_constraint', 'pg_depend', 'pg_index'],
  // How many dimensions a domain was declared with means nothing to PostgreSQL.
  types: ['pg_type'],
  // The order of options; the owner's own rights, which are those of everything new.
  admin: ['pg_foreign_server', 'pg_user_mapping'],
}

describe('every catalog', { timeout: 240_000 }, () => {
  test.each(['tables', 'types', 'code', 'names', 'rights', 'admin'])('FM137 of %s comes back', async group => {
    await server.createDatabase(group)
    await server.sql(group, corpusSql(group))
    using folder = proofFolder()
    const archive = await takeBackup(server, folder, { database: group })

    const { code, stderr } = await runRestore(server, `${group}_copy`, { folder, args: ['-f', archive, '--yes'] })

    expect({ code, stderr }).toMatchObject({ code: 0 })
    const [before, after] = [await catalogPictureOf(server, group), await catalogPictureOf(server, `${group}_copy`)]
    expect(Object.keys(catalogDifferences(before, after)).toSorted()).toEqual(KNOWN[group] ?? [])
  })
})
