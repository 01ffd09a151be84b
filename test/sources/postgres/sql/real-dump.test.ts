import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fingerprinter, type FingerprintResult } from '../../../../src/sources/postgres/fingerprint/fingerprint.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { chunksOf, type DumpEvent, recordDump } from './record-dump.ts'

const SCHEMA = path.join(import.meta.dirname, '../../../support/nasty-schema.sql')
const LATIN1 = `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('nasty')
  await server.sql('nasty', readFileSync(SCHEMA, 'utf8'))
})

afterAll(() => server.stop())

describe('a dump that pg_dump made of a nasty schema', () => {
  test('FM89 the scanner tells the statements that psql sends, one by one', async () => {
    const dump = dumpOf('nasty', 'UTF8')
    await server.createDatabase('by_psql')

    const sent = echoOfPsql('by_psql', dump)

    expect(joined(recordDump(dump).events, 'utf8')).toBe(sent)
  })

  test('FM89 statements and data given one by one make the same database', async () => {
    const dump = dumpOf('nasty', 'UTF8')
    await server.createDatabase('by_events')

    await replay('by_events', recordDump(dump, [4096]).events)

    const original = fingerprintOf(dump, [65_536])
    expect(fingerprintOf(dumpOf('by_events', 'UTF8'), [65_536])).toEqual(original)
    expect(original.complete).toBe(true)
    expect(original.fingerprint.largeObjects.count).toBe(2)
    expect(original.fingerprint.tables.map(({ name, rows }) => `${name} ${rows}`)).toEqual(
      expect.arrayContaining(['"odd; -- schema".nothing 2', '"shop$1"."we""ird; TABLE" 9', 'public.narrow 100000']),
    )
  })

  test('the fingerprint does not depend on the chunks in which the dump arrives', () => {
    const dump = dumpOf('nasty', 'UTF8')
    const whole = fingerprintOf(dump, [dump.length])

    for (const size of [3, 4096, 65_537]) expect(fingerprintOf(dump, [size])).toEqual(whole)
  })

  test('FM04 no part of it is complete', () => {
    const dump = dumpOf('nasty', 'UTF8')
    const step = Math.floor(dump.length / 60)

    const cuts = Array.from({ length: 60 }, (_, index) => dump.subarray(0, index * step))

    for (const cut of cuts) expect(fingerprintOf(cut, [65_536]).complete).toBe(false)
    expect(fingerprintOf(dump.subarray(0, dump.lastIndexOf('\\unrestrict')), [65_536]).complete).toBe(false)
  })

  test('FM89 a database in LATIN1 is read byte for byte', async () => {
    await server.createDatabase('latin', { with: LATIN1 })
    await server.createDatabase('latin_copy', { with: LATIN1 })
    await server.sql('latin', `CREATE TABLE größe (é text DEFAULT 'ÿ;à'); INSERT INTO größe VALUES ('ü;\\'), ('ÿ');`)
    const dump = dumpOf('latin', 'LATIN1')

    const sent = echoOfPsql('latin_copy', dump)

    const { events } = recordDump(dump, [3])
    expect(joined(events, 'latin1')).toBe(sent)
    expect(events).toContainEqual({ copy: 'public."größe"', columns: ['"é"'], data: 'ü;\\\\\nÿ\n', rows: 2 })
    expect(fingerprintOf(dumpOf('latin_copy', 'LATIN1'), [5])).toEqual(fingerprintOf(dump, [65_536]))
  })

  test('FM89 functions named begin, which psql 15 trips over, are told apart', async () => {
    await server.createDatabase('begins')
    await server.createDatabase('begins_copy')
    await server.query('begins', 'CREATE FUNCTION public.begin() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$')
    await server.query('begins', 'CREATE TABLE public.behind (a int)')
    const dump = dumpOf('begins', 'UTF8')

    await replay('begins_copy', recordDump(dump).events)

    expect(fingerprintOf(dumpOf('begins_copy', 'UTF8'), [65_536])).toEqual(fingerprintOf(dump, [65_536]))
    expect(fingerprintOf(dump, [65_536]).complete).toBe(true)
  })
})

function dumpOf(database: string, encoding: string): Buffer {
  return runClient('pg_dump', ['--dbname', database], { PGCLIENTENCODING: encoding })
}

/** psql prints each query that it sends (-e) and drops what comes back. */
function echoOfPsql(database: string, dump: Buffer): string {
  const args = ['-X', '-q', '-e', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-d', database, '-f', '-']
  return withoutBlankLines(runClient('psql', args, {}, dump).toString('latin1'))
}

/** psql leaves blank lines within a statement out. */
function withoutBlankLines(text: string): string {
  return text.replaceAll(/\n\n+/g, '\n')
}

/** The events' statements as `psql -e` prints them: one after the other, each with a newline. */
function joined(events: readonly DumpEvent[], encoding: BufferEncoding): string {
  const statements = events.flatMap(event => {
    if ('statement' in event) return [`${event.statement}\n`]
    if ('copy' in event) return [`${Buffer.from(copyStatement(event), encoding).toString('latin1')}\n`]
    return []
  })
  return withoutBlankLines(statements.join(''))
}

/** As pg_dump writes it, a blank more where there is no column list. */
function copyStatement(copy: { readonly copy: string; readonly columns: readonly string[] }): string {
  const columns = copy.columns.length === 0 ? '' : `(${copy.columns.join(', ')})`
  return `COPY ${copy.copy} ${columns} FROM stdin;`
}

/** Gives each statement to the server alone: the extended protocol refuses two at once. COPY blocks go through psql. */
async function replay(database: string, events: readonly DumpEvent[]): Promise<void> {
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    user: server.superuser,
    password: server.password,
    database,
  })
  await client.connect()
  try {
    for (const event of events) {
      if ('statement' in event) await client.query(extended(event.statement))
      if ('copy' in event) echoOfPsql(database, blockOf(event))
    }
  } finally {
    await client.end()
  }
}

function blockOf(copy: Extract<DumpEvent, { copy: string }>): Buffer {
  return Buffer.concat([Buffer.from(`${copyStatement(copy)}\n`), Buffer.from(`${copy.data}\\.\n`, 'latin1')])
}

function extended(latin1: string): pg.QueryConfig {
  const text = Buffer.from(latin1, 'latin1').toString('utf8')
  return Object.assign({ text }, { queryMode: 'extended' })
}

function runClient(tool: string, args: readonly string[], env: Record<string, string>, input?: Buffer): Buffer {
  return execFileSync(path.join(server.binFolder, tool), args, {
    input: input ?? Buffer.alloc(0),
    maxBuffer: 1e9,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      LC_ALL: 'C.UTF-8',
      PGHOST: server.host,
      PGPORT: String(server.port),
      PGUSER: server.superuser,
      PGPASSWORD: server.password,
      PGTZ: 'UTC',
      PGOPTIONS:
        '-c bytea_output=hex -c quote_all_identifiers=off -c standard_conforming_strings=on -c xmlbinary=base64',
      ...env,
    },
  })
}

function fingerprintOf(dump: Buffer, sizes: readonly number[]): FingerprintResult {
  const fingerprinter = new Fingerprinter({ clientEncoding: 'UTF8' })
  for (const chunk of chunksOf(dump, sizes)) fingerprinter.write(chunk)
  return fingerprinter.end()
}
