import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseClientTools, findClientTools } from '../../../../src/sources/postgres/client-tools/client-tools.ts'
import { dumpBack, type LoadedDatabase } from '../../../../src/sources/postgres/round-trip/dump-back.ts'
import { createEarlyData } from '../../../../src/sources/postgres/round-trip/early-data.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const SIGNAL = new AbortController().signal
const ENV = { PATH: process.env.PATH }

let server: PostgresServer
let loaded: LoadedDatabase

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  await server.sql(
    'shop',
    `CREATE TABLE customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
     INSERT INTO customer (name) SELECT 'customer ' || i FROM generate_series(1, 100) i;
     CREATE MATERIALIZED VIEW names AS SELECT name FROM customer;
     SELECT lo_from_bytea(0, 'content');`,
  )
  const { tools } = chooseClientTools(await findClientTools(ENV, SIGNAL), server.majorVersion)
  loaded = {
    target: server.target('shop'),
    hiddenFromCatalog: false,
    ...{ tools, env: ENV, applicationName: 'test', clientEncoding: 'UTF8', parameters: {}, clock: systemClock },
  }
}, 120_000)

afterAll(async () => {
  await server.stop()
})

describe('the early dump of the data', () => {
  test('and that of the rest are together the dump of the whole database', async () => {
    await using early = createEarlyData(loaded, {}, SIGNAL)
    early.start()

    const found = await early.finish(() => false)

    expect(found.fingerprint).toEqual((await dumpBack(loaded, {}, SIGNAL)).fingerprint)
    expect(found.complete).toBe(true)
  })

  test('is not used when it is stale', async () => {
    await using early = createEarlyData(loaded, {}, SIGNAL)
    early.start()
    let rowsThen = 0

    const found = await early.finish(({ fingerprint }) => {
      rowsThen = fingerprint.tables[0]?.rows ?? 0
      return true
    })

    expect(rowsThen).toBe(100)
    expect(found.fingerprint).toEqual((await dumpBack(loaded, {}, SIGNAL)).fingerprint)
  })

  test('is not needed: without it the whole database is dumped at the end', async () => {
    await using early = createEarlyData(loaded, {}, SIGNAL)

    const found = await early.finish(() => {
      throw new Error('there is nothing to judge')
    })

    expect(found.fingerprint.tables.map(({ name, rows }) => [name, rows])).toEqual([['public.customer', 100]])
  })
})
