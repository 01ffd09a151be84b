import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, connect } from '../../../../src/sources/postgres/connection/connection.ts'
import { openReader, type Reader } from '../../../../src/sources/postgres/made/reader-role.ts'
import { startEmbedded } from '../../../support/embedded-postgres.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { loadersOn } from '../../../support/restoring.ts'

const SIGNAL = new AbortController().signal
const OPTIONS = { env: {}, applicationName: 'reader-test' }

function readerOn(server: PostgresServer): Promise<Reader> {
  const parameters = server.majorVersion >= 17 ? { event_triggers: 'off' } : {}
  return openReader({ admin: server.target('postgres'), connect: { ...OPTIONS, parameters } }, SIGNAL)
}

function sessionOf(reader: Reader, database: string): Promise<Connection> {
  return connect(reader.target(database), reader.connect, SIGNAL)
}

/** SQLSTATE of what the statements end with. */
async function refusal(session: Connection, statements: string): Promise<string | undefined> {
  return (await operatorError(session.query(statements))).sqlstate
}

describe('a reader', { timeout: 60_000 }, () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres()
    await server.createRole('owner')
    await server.createDatabase('shop', { owner: 'owner' })
    await server.sql(
      'shop',
      `CREATE SCHEMA closed AUTHORIZATION owner;
       SET ROLE owner;
       CREATE TABLE closed.secret AS SELECT 1 AS n;
       ALTER TABLE closed.secret ENABLE ROW LEVEL SECURITY;
       ALTER TABLE closed.secret FORCE ROW LEVEL SECURITY;
       SELECT lo_from_bytea(4711, 'large');`,
    )
  }, 120_000)

  afterAll(() => server?.stop())

  test('FM119 reads what is closed to others, and large objects of others', async () => {
    await using reader = await readerOn(server)
    await using session = await sessionOf(reader, 'shop')

    const rows = await session.query(
      "SELECT n, pg_catalog.convert_from(lo_get('4711'), 'UTF8') AS lo FROM closed.secret",
    )

    expect(rows).toEqual([{ n: 1, lo: 'large' }])
  })

  test('FM119 writes nothing, becomes nobody else and stays what it is', async () => {
    await using reader = await readerOn(server)
    await using session = await sessionOf(reader, 'shop')

    expect(await refusal(session, 'DELETE FROM closed.secret')).toBe('25006')
    expect(await refusal(session, 'BEGIN READ WRITE; DELETE FROM closed.secret')).toBe('42501')
    await session.query('ROLLBACK')
    expect(await refusal(session, 'SET ROLE owner')).toBe('42501')
    expect(await refusal(session, `SET ROLE "${server.superuser}"`)).toBe('42501')
    expect(await refusal(session, 'ALTER ROLE CURRENT_USER SUPERUSER')).toMatch(/25006|42501/)
    expect(await refusal(session, "COPY (SELECT 1) TO '/tmp/never'")).toBe('42501')
  })

  test('FM119 comes into a database that lets nobody in, and leaves its rights as they were', async () => {
    await server.sql('postgres', 'REVOKE ALL ON DATABASE shop FROM PUBLIC')
    const rights = (): Promise<unknown> =>
      server.query('postgres', "SELECT datacl::text FROM pg_database WHERE datname = 'shop'")
    const before = await rights()
    {
      await using reader = await readerOn(server)
      expect((await operatorError(sessionOf(reader, 'shop'))).sqlstate).toBe('42501')
      await using _admitted = await reader.admit('shop', SIGNAL)
      await using session = await sessionOf(reader, 'shop')
      expect(await session.query('SELECT n FROM closed.secret')).toHaveLength(1)
    }

    expect(await rights()).toEqual(before)
    expect(await loadersOn(server)).toEqual([])
  })

  test('is the admin where he is no superuser', async () => {
    const password = await server.createRole('admin', { attributes: 'CREATEROLE CREATEDB' })

    await using reader = await openReader(
      { admin: server.target('postgres', 'admin', password), connect: OPTIONS },
      SIGNAL,
    )

    expect(reader.isOurs).toBe(false)
    expect(reader.target('shop')).toMatchObject({ user: 'admin', database: 'shop' })
  })

  test('FM119 is told of when it can not be removed', async () => {
    const told: string[] = []
    await using reader = await openReader(
      { admin: server.target('postgres'), connect: OPTIONS, onLeftBehind: statement => told.push(statement) },
      SIGNAL,
    )
    const { user } = reader.target('shop')
    await server.sql('shop', `CREATE TABLE left_behind (); ALTER TABLE left_behind OWNER TO "${user}"`)

    await reader[Symbol.asyncDispose]()

    expect(told).toEqual([`DROP ROLE IF EXISTS "${user}";`])
    const roles = await server.query('postgres', `SELECT rolcanlogin FROM pg_roles WHERE rolname = '${user}'`)
    expect(roles).toEqual([{ rolcanlogin: false }])
    await server.sql('shop', 'DROP TABLE left_behind')
  })
})

describe('a reader on 17', { timeout: 120_000 }, () => {
  test('FM119 runs no event trigger, not even one on logins', async () => {
    await using server = await startEmbedded(17)
    const admin = await connect(server.target('postgres'), OPTIONS, SIGNAL)
    await admin.query('CREATE DATABASE trapped')
    await admin[Symbol.asyncDispose]()
    await using owner = await connect(server.target('trapped'), OPTIONS, SIGNAL)
    await owner.query(`
      CREATE FUNCTION public.taken() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'bait taken by %', current_user; END $$;
      CREATE EVENT TRIGGER at_login ON login EXECUTE FUNCTION public.taken();
      ALTER EVENT TRIGGER at_login ENABLE ALWAYS`)
    await using reader = await readerOn(server)
    const { user } = reader.target('trapped')

    await using session = await sessionOf(reader, 'trapped')

    expect(await session.query("SELECT pg_catalog.current_setting('event_triggers') AS on")).toEqual([{ on: 'off' }])
    expect(await refusal(session, 'SET event_triggers = on')).toBe('42501')
    // Before 16 a transaction that only reads may write these.
    await owner.query("SELECT pg_catalog.lo_from_bytea('4711', 'large')")
    expect(await refusal(session, "SELECT pg_catalog.lo_put('4711', 0, 'x')")).toBe('25006')
    expect(server.log()).not.toContain(`bait taken by ${user}`)
    await using _bait = await connect(server.target('trapped'), OPTIONS, SIGNAL)
    expect(server.log()).toContain(`bait taken by ${server.superuser}`)
  })
})
