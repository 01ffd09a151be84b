import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InventoryResult } from '../../../../src/sources/postgres/fingerprint/inventory.ts'
import { compareDatabase, dumpBytes, loadWithPsql, reloadStatements } from '../../../support/comparing.ts'
import { MUTATED_SCHEMA, MUTATIONS } from '../../../support/mutations.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

let server: PostgresServer
let archive: Buffer
let reloaded: InventoryResult

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole('mutant')
  await server.createDatabase('source')
  await server.sql('source', MUTATED_SCHEMA)
  archive = await dumpBytes(server, 'source')
  await loadWithPsql(server, 'restored', archive)
  reloaded = await reloadStatements(server, { archive })
}, 120_000)

afterAll(async () => {
  await server.stop()
}, 60_000)

describe('what came back', { timeout: 120_000 }, () => {
  test('FM79 is proved equal, although PostgreSQL prints some expressions in another way', async () => {
    const { words, respelled, reloads } = await compareDatabase(server, { archive, database: 'restored' })

    expect(words).toEqual([])
    // The table (a check and a generated column), a view, a partial index, a policy and a BEGIN ATOMIC body.
    expect(respelled).toBe(5)
    expect(reloads).toBe(1)
  })

  test.each(MUTATIONS.map((mutation, index) => ({ ...mutation, index })))('FM70 differs by $name', async mutation => {
    const database = `mutated_${mutation.index}`
    await server.createDatabase(database, { with: 'TEMPLATE restored' })
    await server.sql(database, mutation.sql)

    const { words } = await compareDatabase(server, { archive, database, reload: async () => reloaded })

    expect(words.filter(each => mutation.named.test(each))).not.toEqual([])
  })
})
