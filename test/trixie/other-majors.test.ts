import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../support/archives.ts'
import { backupFolder, runBackup } from '../support/backup-program.ts'
import { corpusSql, expectRoundtrip, proofFolder, verifyAll } from '../support/corpus.ts'
import { startEmbedded } from '../support/embedded-postgres.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { runRestore } from '../support/restoring.ts'

let servers: { readonly of16: PostgresServer; readonly of18: PostgresServer }

beforeAll(async () => {
  const [of16, of18] = await Promise.all([startEmbedded(16), startEmbedded(18)])
  servers = { of16, of18 }
}, 120_000)

afterAll(() => Promise.all(Object.values(servers ?? {}).map(server => server.stop())))

/** Client tools and scratch server are of 17. */
describe('where PostgreSQL 17 is installed, a database of 16', () => {
  test.each(['tables', 'types', 'code', 'names'])('FM197 of %s is proved, and restored into 16', async group => {
    await servers.of16.createDatabase(group)
    await servers.of16.sql(group, corpusSql(group))

    const outcome = await expectRoundtrip(servers.of16, group)

    expect(outcome.rows).toBeGreaterThan(0)
  })

  test.each([
    ['admin', 'whose extensions are others in 17', /pg_stat_statements_reset/],
    ['rights', 'whose owner lacks a right, of which 17 has one more', /REVOKE .* ON TABLE rights\.t/],
  ])('FM197 of %s, %s, could not be verified, and it is said why', async (group, _, named) => {
    using folder = proofFolder()
    await servers.of16.createDatabase(group)
    await servers.of16.sql(group, corpusSql(group))
    await takeBackup(servers.of16, folder, { database: group })

    const { code, outcomes } = await verifyAll(servers.of16, folder)
    const restored = await runRestore(servers.of16, group, { folder })

    const reasons = outcomes[0]?.reasons.map(({ name, text }) => `${name}: ${text}`).join('\n')
    expect({ code, reasons }).toEqual({ code: 5, reasons: expect.stringMatching(named) })
    expect(reasons).toMatch(/is of PostgreSQL 16, and was loaded into 17, which may be why; install postgresql-16/)
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('what was loaded is what was dumped') })
  })
})

test('FM06 FM197 where PostgreSQL 17 is installed, a database of 18 is not dumped, and it is said what to install', async () => {
  using folder = backupFolder(`127.0.0.1:${servers.of18.port}/postgres`)

  const { code, stdout } = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(servers.of18, folder) })

  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('install postgresql-client-18') })
})
