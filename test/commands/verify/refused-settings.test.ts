import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { takeBackup } from '../../support/archives.ts'
import { proofFolder, verifyAll } from '../../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { tamper } from '../../support/tamper.ts'

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

beforeEach(() => {
  folder = proofFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

/** As a server has it that knows this locale or parameter: neither this one nor the scratch server does. */
async function settingOf(database: string, entry: string): Promise<void> {
  await server.createDatabase(database)
  await server.sql(
    database,
    `CREATE TABLE t AS SELECT 1 AS n; ALTER DATABASE ${database} SET work_mem = '5MB'; SET allow_system_table_mods = on;
     UPDATE pg_db_role_setting SET setconfig = ARRAY['${entry}']
     WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = '${database}')`,
  )
}

describe('a setting that the scratch server refuses', { timeout: 120_000 }, () => {
  test.each([
    ['of_locale', 'lc_monetary=xx_XX.UTF-8', 'setting lc_monetary of the database: the scratch server refuses it'],
    ['of_older', 'operator_precedence_warning=on', 'setting operator_precedence_warning of the database: the scratch'],
  ])('FM136 of a database is no fault of the archive: %s', async (database, entry, reason) => {
    await settingOf(database, entry)
    await takeBackup(server, folder, { database })

    const { code, outcomes } = await verifyAll(server, folder)

    expect(code).toBe(5)
    expect(outcomes).toMatchObject([
      {
        verdict: 'could-not-verify',
        facts: { isWhatWasDumped: 'held', loads: 'held', comesBack: 'unknown' },
        reasons: [{ kind: 'setting', text: expect.stringContaining(reason) }],
      },
    ])
  })

  test('FM136 and that is not what was dumped is one', async () => {
    await settingOf('tampered', 'work_mem=6MB')
    const archive = await takeBackup(server, folder, { database: 'tampered' })
    tamper(archive, { database: text => text.replace('6MB', '6XB') })

    const { code, outcomes } = await verifyAll(server, folder)

    expect(code).toBe(4)
    expect(outcomes[0]?.reasons).toMatchObject([
      { name: 'work_mem', text: expect.stringContaining('did not come back') },
    ])
  })

  test('FM136 of a function is no fault of the archive', async () => {
    await server.createDatabase('routine')
    await server.sql(
      'routine',
      `CREATE FUNCTION price() RETURNS text LANGUAGE sql SET lc_monetary = 'C' AS 'SELECT 1::text';
       SET allow_system_table_mods = on;
       UPDATE pg_proc SET proconfig = ARRAY['lc_monetary=xx_XX.UTF-8'] WHERE proname = 'price'`,
    )
    await takeBackup(server, folder, { database: 'routine' })

    const { code, outcomes } = await verifyAll(server, folder)

    expect(code).toBe(5)
    expect(outcomes).toMatchObject([
      {
        verdict: 'could-not-verify',
        facts: { isWhatWasDumped: 'held' },
        reasons: [{ text: expect.stringContaining('price') }],
      },
    ])
  })
})
