import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { archiveText, backupEnvironment, restoreWithPsql, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { runRestore } from '../../support/restoring.ts'

/** Each changes how a value or a statement is written or read, or what is done to rows. */
const ODD = {
  array_nulls: 'off',
  transform_null_equals: 'on',
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'America/Vancouver',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  xmlbinary: 'hex',
  xmloption: 'document',
  quote_all_identifiers: 'on',
  standard_conforming_strings: 'off',
  session_replication_role: 'replica',
  gin_fuzzy_search_limit: '1',
  default_transaction_isolation: 'serializable',
  row_security: 'on',
}

const CONTENT = `
CREATE TABLE value (id int PRIMARY KEY, a text[], d date, t timestamptz, i interval, m money, b bytea, x xml, f float8, r float4);
INSERT INTO value VALUES
  (1, '{NULL,"NULL",null,a}', '2026-02-03', '2026-02-03 04:05:06.789+00', '1 mon -2 days 03:04:05', '-1234.56', '\\x00ff5c27', '<a>b</a>', 0.1, 0.1),
  (2, '{{1,NULL},{NULL,2}}', '0044-03-15 BC', '1883-11-18 12:00 UTC', '-1 day +02:03', '0.50', 'a\\\\b', 'no <b>document</b>', 'NaN', '1e-38'),
  (3, '{}', 'infinity', '-infinity', '-1 year -2 mons +3 days', '9000000.00', '', NULL, 1e300, 3.4e38);
CREATE TABLE parameter (a int[] DEFAULT '{1,NULL}', p money DEFAULT '12.50', CHECK ((p = NULL) IS NULL));
CREATE VIEW compared AS SELECT id, (f = NULL) AS never FROM value;
CREATE INDEX words ON value USING gin (a);
CREATE MATERIALIZED VIEW found AS SELECT count(*) FROM value WHERE a @> '{NULL}' OR id > 0;`

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
}, 60_000)

afterAll(() => server?.stop())

beforeEach(() => {
  folder = backupFolder()
  // The user of the scratch server has to get through.
  chmodSync(folder.path, 0o755)
  onTestFinished(() => folder[Symbol.dispose]())
})

describe('where server, database and role have odd settings', () => {
  test('FM111 a backup has the same text, is proved, and comes back to the letter', async () => {
    await server.createDatabase('odd_values')
    await server.sql('odd_values', CONTENT)
    const usual = dumpText(await takeBackup(server, folder, { database: 'odd_values' }))
    await using _ = await oddSettings('odd_values')

    const archive = await takeBackup(server, folder, { database: 'odd_values' })
    const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: folder.path }
    const proof = await runBackup(['-v', 'all'], { conf: folder.conf, env })
    const restore = await runRestore(server, 'odd_values', { folder })
    const again = await takeBackup(server, folder, { database: 'odd_values' })

    expect(dumpText(archive)).toBe(usual)
    expect({ code: proof.code, reasons: proof.stdout.match(/reason .*/g) }).toEqual({ code: 0, reasons: null })
    expect({ code: restore.code, stderr: restore.stderr }).toMatchObject({ code: 0 })
    expect(dumpText(again)).toBe(usual)
  }, 120_000)

  test('FM111 psql alone brings it back to the letter', async () => {
    await server.createDatabase('by_hand')
    await server.sql('by_hand', CONTENT)
    const archive = await takeBackup(server, folder, { database: 'by_hand' })
    await server.sql('postgres', 'DROP DATABASE by_hand')
    await server.createDatabase('by_hand')
    await using _ = await oddSettings('by_hand')

    const { host, port, user, password } = server.target('by_hand')
    await restoreWithPsql(archive, '/usr/bin/psql', {
      PATH: '/usr/bin:/bin',
      ...{ PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password.reveal(), PGDATABASE: 'by_hand' },
    })

    expect(dumpText(await takeBackup(server, folder, { database: 'by_hand' }))).toBe(dumpText(archive))
  }, 120_000)
})

/** A part of them each, until it is disposed of. */
async function oddSettings(database: string): Promise<AsyncDisposable> {
  const places = ['SYSTEM', `DATABASE ${database}`, `ROLE ${server.superuser}`]
  const all = (words: readonly string[]): Promise<string> =>
    server.sql('postgres', [...words, 'SELECT pg_reload_conf()'].join(';\n'))
  await all(
    Object.entries(ODD).map(
      ([name, value], index) => `ALTER ${places[index % places.length]} SET ${name} = '${value}'`,
    ),
  )
  return {
    async [Symbol.asyncDispose]() {
      await all(places.map(place => `ALTER ${place} RESET ALL`))
    },
  }
}

/** Each pg_dump has another word behind its \restrict. */
function dumpText(archive: string): string {
  return archiveText(archive, 'dump').replace(/^\\(un)?restrict .*$/gm, '')
}
