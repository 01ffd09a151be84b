import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CopyOutSession, openCopyOut } from '../../../../src/sources/postgres/round-trip/copy-out.ts'
import { dumpBytes, inventoryOfDump } from '../../../support/comparing.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const signal = new AbortController().signal
let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('hard')
  const read = (name: string): string => readFileSync(path.join(import.meta.dirname, '../../..', name), 'utf8')
  await server.sql('hard', read('support/nasty-schema.sql'))
  await server.sql('hard', read('support/hard-objects.sql'))
  await server.sql(
    'hard',
    `ALTER DATABASE hard SET TimeZone = 'America/Vancouver';
     ALTER DATABASE hard SET bytea_output = 'escape';
     ALTER DATABASE hard SET extra_float_digits = 0;
     ALTER DATABASE hard SET IntervalStyle = 'iso_8601';
     ALTER DATABASE hard SET row_security = on;
     CREATE TABLE public.config (id integer, note text);
     INSERT INTO public.config VALUES (1, 'of the extension'), (2, 'mine'), (3, 'mine too');
     ALTER EXTENSION citext ADD TABLE public.config;
     UPDATE pg_extension SET extconfig = ARRAY['public.config'::regclass], extcondition = ARRAY['WHERE id > 1'] WHERE extname = 'citext';
     CREATE TABLE public.many AS SELECT n, repeat('x', 1000) AS v FROM generate_series(1, 20000) n;`,
  )
}, 120_000)

afterAll(async () => {
  await server.stop()
}, 60_000)

async function open(stop: AbortSignal = signal): Promise<CopyOutSession> {
  const options = { env: {}, applicationName: 'copy-out-test', clientEncoding: 'UTF8' }
  return await openCopyOut(server.target('hard'), options, stop)
}

async function digest(rows: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of rows) hash.update(chunk)
  return hash.digest('hex')
}

describe('rows that are read by COPY', { timeout: 120_000 }, () => {
  test('FM78 are those of pg_dump, of every table and whatever the settings of the database', async () => {
    const { tables } = inventoryOfDump(await dumpBytes(server, 'hard')).fingerprint
    await using session = await open()

    const read: Record<string, string> = {}
    for (const { name, columns } of tables) read[name] = await digest(session.rows(name, columns))

    expect(read).toEqual(Object.fromEntries(tables.map(({ name, sha256 }) => [name, sha256])))
    expect(tables.length).toBeGreaterThan(15)
    expect(tables.find(({ name }) => name === 'public.config')?.rows).toBe(2)
  })

  test('come in the order of columns that is asked for', async () => {
    await using session = await open()

    const rows: Buffer[] = []
    for await (const chunk of session.rows('public.config', ['note', 'id'])) rows.push(chunk)

    expect(Buffer.concat(rows).toString()).toBe('mine\t2\nmine too\t3\n')
  })

  test('may be left early: nothing is left open, and the server is no longer asked', async () => {
    await using session = await open()

    for await (const _ of session.rows('public.many', ['n', 'v'])) break

    await expect(digest(session.rows('public.config', ['id']))).rejects.toThrow()
  })

  test('end with the reason of an abort', async () => {
    const stopping = new AbortController()
    const reason = new Error('enough')
    await using session = await open(stopping.signal)

    const reading = (async () => {
      for await (const _ of session.rows('public.many', ['n', 'v'])) stopping.abort(reason)
    })()

    await expect(reading).rejects.toBe(reason)
  })

  test('of a table that is not there are a failure that names the database', async () => {
    await using session = await open()

    await expect(digest(session.rows('public.none', ['a']))).rejects.toMatchObject({
      name: 'OperatorError',
      sqlstate: '42P01',
      message: expect.stringContaining('/hard'),
    })
  })
})
