import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identifyStatement } from '../../../../src/sources/postgres/sql/statement-identity.ts'
import { routeStatement } from '../../../../src/sources/postgres/sql/statement-route.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { statementsOf } from '../sql/record-dump.ts'
import { dumpBytes, emptyDatabase, loadInto } from './loading.ts'

const read = (name: string): string => readFileSync(path.join(import.meta.dirname, '../../..', name), 'utf8')

let server: PostgresServer
let hard: Buffer

beforeAll(async () => {
  server = await startPostgres({ settings: { wal_level: 'logical', max_connections: '60' } })
  await server.createDatabase('hard', { with: 'TEMPLATE template0' })
  await server.sql('hard', read('support/nasty-schema.sql'))
  await server.sql('hard', read('support/hard-objects.sql'))
  await server.sql('hard', read('support/hard-rights.sql'))
  hard = await dumpBytes(server, 'hard')
}, 120_000)

afterAll(() => server.stop())

describe('a database with all that is hard', () => {
  test('FM69 comes back byte for byte', async () => {
    const database = await emptyDatabase(server, 'hard_back')

    const report = await loadInto(database, hard)

    expect((await dumpBytes(server, 'hard_back')).toString()).toBe(hard.toString())
    expect(report).toMatchObject({ errors: [], skippedForRoles: [], notes: [], createdRoles: [] })
    expect(report.rows).toBeGreaterThan(100_000)
  })

  test('no statement of it is of an unknown kind', () => {
    const kinds = statementsOf(hard.toString('latin1')).map(text => identifyStatement(Buffer.from(text, 'latin1')).kind)

    expect(kinds).not.toContain('STATEMENT')
    expect(kinds.filter(kind => kind.startsWith('ALTER '))).toEqual([])
    expect(new Set(kinds).size).toBeGreaterThan(40)
    expect(
      new Set(statementsOf(hard.toString('latin1')).map(text => routeStatement(Buffer.from(text, 'latin1')))),
    ).not.toContain('refused')
  })
})
