import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { VerificationOutcome } from '../../../src/events.ts'
import { backupEnvironment, takeBackup } from '../../support/archives.ts'
import { runBackup } from '../../support/backup-program.ts'
import { proofFolder } from '../../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { tamper } from '../../support/tamper.ts'

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>
let archive: string

beforeAll(async () => {
  server = await startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements' } })
  await server.createDatabase('watched')
  await server.sql(
    'watched',
    `CREATE EXTENSION pg_stat_statements; CREATE TABLE t AS SELECT 1 AS n;
     CREATE MATERIALIZED VIEW slowest AS SELECT query, calls FROM pg_stat_statements`,
  )
}, 120_000)

afterAll(() => server?.stop())

beforeEach(async () => {
  folder = proofFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  archive = await takeBackup(server, folder, { database: 'watched' })
})

async function verify(): Promise<VerificationOutcome | undefined> {
  const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: folder.scratch }
  const { stdout } = await runBackup(['-v', 'all', '--json'], { conf: folder.conf, env })
  return (JSON.parse(stdout) as { readonly databases: readonly VerificationOutcome[] }).databases[0]
}

test('FM178 -c --check says that a source can be proved here', async () => {
  const { stdout } = await runBackup(['-c', '--check'], { conf: folder.conf, env: backupEnvironment(server, folder) })

  expect(stdout).toMatch(/works +127\.0\.0\.1:\d+\/watched +PostgreSQL .*everything readable as .*; can be proved here/)
})

describe('what this server refuses is no fault of the archive', () => {
  test('FM175 a view over pg_stat_statements is proved: the library is preloaded', async () => {
    expect(await verify()).toMatchObject({ verdict: 'proved' })
  })

  test('FM175 where nobody knew that, it could not be verified, and the library is named', async () => {
    tamper(archive, { manifest: manifest => ({ ...manifest, database: { ...manifest.database, extensions: [] } }) })

    expect(await verify()).toMatchObject({
      verdict: 'could-not-verify',
      facts: { isWhatWasDumped: 'held', loads: 'unknown' },
      reasons: [{ text: expect.stringContaining("shared_preload_libraries = 'pg_stat_statements'") }],
    })
  })

  test('FM175 a file for searching texts that is not there is named', async () => {
    const dictionary =
      "CREATE TEXT SEARCH DICTIONARY public.own (TEMPLATE = pg_catalog.simple, stopwords = 'own_words');"
    tamper(archive, { dump: text => text.replace('CREATE TABLE', `${dictionary}\n\n$&`), newFingerprint: true })

    expect(await verify()).toMatchObject({
      verdict: 'could-not-verify',
      reasons: [{ text: expect.stringContaining('stop-word file own_words.stop is missing') }],
    })
  })

  test('FM175 an archive that lacks what its own extension needs has failed all the same', async () => {
    const statement = 'CREATE EXTENSION IF NOT EXISTS earthdistance WITH SCHEMA public;'
    tamper(archive, {
      dump: text => text.replace('CREATE MATERIALIZED VIEW', `${statement}\n\n$&`),
      newFingerprint: true,
    })

    expect(await verify()).toMatchObject({ verdict: 'failed' })
  })
})
