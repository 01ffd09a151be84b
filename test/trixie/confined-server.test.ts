import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, connect } from '../../src/sources/postgres/connection/connection.ts'
import { createTablespaces } from '../../src/sources/postgres/prove/scratch-tablespaces.ts'
import { confinementText } from '../../src/sources/postgres/scratch/confinement.ts'
import { libraryToMake } from '../../src/sources/postgres/scratch/preload.ts'
import { type ScratchServer, startScratchServer } from '../../src/sources/postgres/scratch/scratch-server.ts'
import { backupFolder } from '../support/backup-program.ts'
import { scratchInput, type VerificationDir, verificationDir } from '../support/scratch.ts'

const patience = (): AbortSignal => AbortSignal.timeout(120_000)

let folder: VerificationDir
let server: ScratchServer
let admin: Connection

beforeAll(async () => {
  folder = verificationDir()
  server = await startScratchServer(await scratchInput(folder.path), patience())
  const options = { env: {}, applicationName: 'test' }
  admin = await connect(server.target('postgres'), options, AbortSignal.timeout(600_000))
  await admin.query('SET search_path = public')
})

afterAll(async () => {
  await admin?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  folder?.[Symbol.dispose]()
})

/** Runs the statements one by one; the rows of the last one as text. */
async function last(...statements: readonly string[]): Promise<string> {
  let rows: readonly object[] = []
  for (const statement of statements) rows = await admin.query(statement)
  return JSON.stringify(rows)
}

describe('a scratch server under Landlock has all that a proof needs', () => {
  test('is confined', () => {
    expect(confinementText(server.confinement)).toBe('confinement: files and processes (Landlock)')
  })

  test('locales of the C library and of ICU', async () => {
    await last("CREATE DATABASE en TEMPLATE template0 ENCODING 'UTF8' LOCALE 'en_CA.UTF-8'")
    await last(
      "CREATE DATABASE de TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' LOCALE 'C'",
    )
    for (const name of ['en', 'de']) {
      await using session = await connect(server.target(name), { env: {}, applicationName: 'test' }, patience())
      expect(await session.query("SELECT 'a' < 'B' AS sorted, upper('ä') AS upper")).toEqual([
        { sorted: true, upper: 'Ä' },
      ])
    }
  })

  test('time zones, old names among them', async () => {
    const at = (zone: string): Promise<string> =>
      last(`SELECT timestamptz '2026-07-20 00:00Z' AT TIME ZONE '${zone}' AS at`)

    expect(await at('America/Vancouver')).toBe(await at('US/Pacific'))
    expect(await last("SET TimeZone = 'localtime'", 'RESET TimeZone', 'SELECT 1 AS one')).toBe('[{"one":1}]')
  })

  test('every extension that the server offers and that needs no library preloaded', async () => {
    const offered = await admin.query<{ name: string }>('SELECT name FROM pg_available_extensions ORDER BY name')

    // Those are in extensions.test.ts; PostGIS is offered by names of its versions too.
    const plain = offered.filter(
      ({ name }) => libraryToMake(name) === null && !/^(address_|postgis|pglogical)/.test(name),
    )
    for (const { name } of plain) await last(`CREATE EXTENSION IF NOT EXISTS "${name}" CASCADE`)

    expect(offered.length).toBeGreaterThan(40)
    expect(await last("SELECT encode(digest('a', 'md5'), 'hex') AS md5")).toContain('0cc175b9c0f1b6a831c399e269772661')
    expect(
      await last(
        'SELECT lives->0 AS first FROM (SELECT jsonb_build_array(uuid_generate_v4() IS NOT NULL)) AS t (lives)',
      ),
    ).toContain('true')
  })

  test('parallel queries, sorts on disk, large objects, truncation', async () => {
    await last('CREATE TABLE wide AS SELECT n, md5(n::text) AS t FROM generate_series(1, 300000) n')
    await last('SET work_mem = 64', 'SET parallel_setup_cost = 0', 'SET min_parallel_table_scan_size = 0')

    expect(await last('SELECT count(DISTINCT t) AS n FROM wide')).toContain('300000')
    expect(await last('SELECT sum(n) AS n FROM (SELECT n FROM wide ORDER BY t) AS sorted')).toContain('45000150000')
    expect(await last('TRUNCATE wide', "SELECT lo_from_bytea(4711, 'x') AS oid")).toContain('4711')
  })

  test.each([17, 14])('FM61 tablespaces, those that a server of version %s takes', async major => {
    const name = `space "${major}"`

    await createTablespaces({ ...server, major }, { names: [name], applicationName: 'test' }, patience())

    const quoted = `"${name.replaceAll('"', '""')}"`
    expect(await last(`CREATE TABLE t${major} TABLESPACE ${quoted} AS SELECT 1 AS one`, `TABLE t${major}`)).toContain(
      '1',
    )
  })

  test('leaves nothing behind', async () => {
    using backups = backupFolder()
    const other = await startScratchServer(await scratchInput(backups.volume), patience())

    await other[Symbol.asyncDispose]()

    expect(other.exited.aborted).toBe(false)
  })
})
