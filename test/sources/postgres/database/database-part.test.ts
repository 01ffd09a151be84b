import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseFacts } from '../../../../src/sources/postgres/database/database-facts.ts'
import { databasePart } from '../../../../src/sources/postgres/database/database-part.ts'
import { inspectDatabase } from '../../../../src/sources/postgres/inspect/inspect.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const signal = new AbortController().signal
let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole('tob_app')
  await server.createRole('other_owner')
  await server.createRole(`re"ad'er $backup$`)
  await server.createDatabase(`so"urce's`, { owner: 'tob_app', with: 'CONNECTION LIMIT 7' })
  await server.sql(
    'postgres',
    `COMMENT ON DATABASE "so""urce's" IS 'it''s $backup$ 100 % "tob" \\';
     ALTER DATABASE "so""urce's" SET search_path = "$user", 'my schema', public;
     ALTER DATABASE "so""urce's" SET "my.setting" = 'a, b';
     ALTER DATABASE "so""urce's" SET application_name = 'back\\slash ''q''';
     ALTER ROLE "re""ad'er $backup$" IN DATABASE "so""urce's" SET work_mem = '9MB';
     REVOKE ALL ON DATABASE "so""urce's" FROM PUBLIC;
     REVOKE TEMPORARY ON DATABASE "so""urce's" FROM tob_app;
     GRANT TEMPORARY ON DATABASE "so""urce's" TO PUBLIC;
     GRANT CONNECT, CREATE ON DATABASE "so""urce's" TO "re""ad'er $backup$";
     GRANT CONNECT ON DATABASE "so""urce's" TO "re""ad'er $backup$" WITH GRANT OPTION;`,
  )
})
afterAll(() => server.stop())

describe('the database part', () => {
  test('FM86 settings, rights, comment and connection limit come back equal in a database of another name', async () => {
    const facts = await factsOf(`so"urce's`)
    await server.createDatabase('co"py', { owner: 'tob_app' })

    await server.sql('co"py', databasePart(facts))

    const copied = await factsOf('co"py')
    expect({ ...copied.database, name: '', sizeBytes: 0 }).toEqual({ ...facts.database, name: '', sizeBytes: 0 })
    expect(copied.database.settings).toHaveLength(4)
    expect(copied.database.acl).toHaveLength(3)
  })

  test('FM86 loading it twice changes nothing', async () => {
    const facts = await factsOf(`so"urce's`)
    await server.createDatabase('twice', { owner: 'tob_app' })

    await server.sql('twice', databasePart(facts) + databasePart(facts))

    expect((await factsOf('twice')).database.acl).toEqual(facts.database.acl)
  })

  test('FM86 under another owner the rights of the owner stay with the owner', async () => {
    const facts = await factsOf(`so"urce's`)
    await server.createDatabase('moved', { owner: 'other_owner' })

    await server.sql('moved', `SET ROLE other_owner;\n${databasePart(facts)}`)

    const { acl } = (await factsOf('moved')).database
    expect(acl[0]).toEqual({ grantee: 'other_owner', privileges: ['CONNECT', 'CREATE'], grantable: [] })
    expect(acl.map(item => item.grantee)).toEqual(['other_owner', null, `re"ad'er $backup$`])
  })

  test('FM86 somebody who owns nothing only gets warnings, and nothing changes', async () => {
    const facts = await factsOf(`so"urce's`)
    await server.createDatabase('foreign', { owner: 'tob_app' })
    await server.query('foreign', 'CREATE SCHEMA x')

    await server.sql('foreign', `SET ROLE other_owner;\n${databasePart(facts)}`)

    expect((await factsOf('foreign')).database).toMatchObject({
      settings: [],
      acl: [],
      comment: null,
      connectionLimit: -1,
    })
  })

  test('a role that is missing loses only what it had', async () => {
    const facts = await factsOf(`so"urce's`)
    const missing = databasePart({
      database: {
        ...facts.database,
        acl: facts.database.acl.map(item => ({ ...item, grantee: item.grantee === null ? null : `${item.grantee}` })),
      },
    })
    await server.createDatabase('without', { owner: 'tob_app' })

    await server.sql('without', missing.replaceAll(`re""ad''er`, 'nobody').replaceAll(`re""ad'er`, 'nobody'))

    const { database } = await factsOf('without')
    expect(database.acl.map(item => item.grantee)).toEqual(['tob_app', null])
    expect(database.comment).toBe(facts.database.comment)
  })

  test('a database with nothing of its own changes nothing', async () => {
    await server.createDatabase('plain', { owner: 'tob_app' })

    const part = databasePart(await factsOf('plain'))

    expect(part).not.toContain('DO $')
  })

  test('an owner from whom everything was taken stays without it', async () => {
    await server.createDatabase('bare', { owner: 'tob_app' })
    await server.createDatabase('bare copy', { owner: 'tob_app' })
    await server.sql('postgres', 'REVOKE ALL ON DATABASE bare FROM PUBLIC, tob_app')
    const facts = await factsOf('bare')

    await server.sql('bare copy', databasePart(facts))

    expect(facts.database.acl).toEqual([{ grantee: 'tob_app', privileges: [], grantable: [] }])
    expect((await factsOf('bare copy')).database.acl).toEqual(facts.database.acl)
  })
})

async function factsOf(database: string): Promise<DatabaseFacts> {
  return await inspectDatabase(server.target(database), { env: {}, applicationName: 'test' }, signal)
}
