import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { corpusSql, expectRoundtrip } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

/** `objects`: what other tests have, with extensions that PostgreSQL trusts owners with. */
function sqlOf(group: string): string {
  return group === 'objects'
    ? read('../support/nasty-schema.sql') + read('../support/hard-objects.sql')
    : corpusSql(group)
}

describe('what the owner of a database may make', { timeout: 240_000 }, () => {
  test.each(['tables', 'types', 'code', 'names'])('FM69 of %s is proved and restored by a superuser', async group => {
    await server.createDatabase(group)
    await server.sql(group, corpusSql(group))

    const outcome = await expectRoundtrip(server, group, { copy: `${group} copy` })

    expect(outcome.rows).toBeGreaterThan(0)
  })

  test.each(['tables', 'types', 'code', 'names', 'objects'])(
    'FM69 FM76 of %s is dumped by its owner, proved, and restored by him',
    async group => {
      const owner = `${group}_owner`
      const user = { name: owner, password: await server.createRole(owner, { attributes: 'CREATEDB' }) }
      const database = `owned ${group}`
      await server.createDatabase(database, { owner })
      await server.sql(database, `SET SESSION AUTHORIZATION "${owner}";\n${sqlOf(group)}`)

      const outcome = await expectRoundtrip(server, database, { user, admin: user })

      expect(outcome.notes.join()).not.toContain('without')
    },
  )
})
