import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../../src/sources/postgres/connection/connection.ts'
import { withoutEventTriggers } from '../../../../src/sources/postgres/made/event-triggers.ts'
import { startEmbedded } from '../../../support/embedded-postgres.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { hostileDump } from './hostile-dump.ts'
import { dumpBytes, type EmptyDatabase, emptyDatabase, loadInto } from './loading.ts'

let server: PostgresServer
let folder: string

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole('victim')
  const [row] = await server.query('postgres', "SELECT current_setting('data_directory') AS folder")
  folder = String(row?.folder)
}, 120_000)

afterAll(() => server.stop())

describe('an archive full of attacks', () => {
  test('FM77 leaves no trace, neither while it loads nor when it is dumped again', async () => {
    const database = await emptyDatabase(server, 'hostile')
    const before = await serverState()

    await loadInto(database, hostileDump(folder, server.superuser), { ignoreErrors: true })
    await dumpBytes(server, 'hostile')
    await tidyUp(database)

    expect(traces()).toEqual([])
    expect(await serverState()).toEqual(before)
    // The code was there and was called: as the loader.
    expect(await server.query('hostile', 'SELECT a FROM public.triggered ORDER BY a')).toEqual([{ a: 1 }, { a: 2 }])
    expect(await server.query('hostile', 'SELECT evtname AS name FROM pg_event_trigger ORDER BY 1')).toEqual([
      { name: 'early' },
      { name: 'late' },
    ])
  })

  test('FM77 leaves its traces when a superuser loads it: the attacks work', async () => {
    await server.createDatabase('careless')

    await loadInto({ ...superuserFor('careless') }, hostileDump(folder, server.superuser), { ignoreErrors: true })

    const places = ['check', 'domain', 'default', 'generated', 'trigger', 'rule', 'matview', 'index1', 'view']
    expect(traces()).toEqual(expect.arrayContaining(places.map(place => `trace-${place}`)))
    // A block, which no dump has, is run by nobody.
    expect(traces()).not.toContain('trace-do')
    expect((await serverState()).roles).not.toContain('victim f')
    await server.query('postgres', `ALTER ROLE victim NOSUPERUSER; REVOKE ${server.superuser} FROM victim`)
  })
})

describe('a server of 17 or 18, where an event trigger may run when somebody connects', () => {
  test.each([17, 18] as const)('FM77 %d: attacks leave no trace', async major => {
    await using newer = await startEmbedded(major)
    await newer.createRole('victim')
    const [row] = await newer.query('postgres', "SELECT current_setting('data_directory') AS folder")
    const atLogin = `CREATE EVENT TRIGGER at_login ON login EXECUTE FUNCTION public.attack_command();\nALTER EVENT TRIGGER at_login ENABLE ALWAYS;\n`
    const database = await emptyDatabase(newer, 'hostile')

    await loadInto(database, `${hostileDump(String(row?.folder), newer.superuser)}${atLogin}`, { ignoreErrors: true })
    const session = { env: {}, applicationName: 'x', parameters: { event_triggers: 'off' } }
    await using admin = await connect(database.admin, session, new AbortController().signal)

    const [triggers] = await admin.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_event_trigger')
    expect(triggers).toEqual({ n: 3 })
    expect(readdirSync(String(row?.folder)).filter(name => name.startsWith('trace-'))).toEqual([])
    expect(await admin.query("SELECT rolsuper FROM pg_roles WHERE rolname = 'victim'")).toEqual([{ rolsuper: false }])
  })
})

describe('text that would reach further than the database is refused, even where errors are ignored', () => {
  test.each([
    [
      'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; CREATE EXTENSION hstore;',
      /behind functions/,
    ],
    ["CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p;", /SUBSCRIPTION s: it reaches outside/],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'x\\' WITH (connect = false); --' PUBLICATION p;",
      /SUBSCRIPTION s: it reaches outside/,
    ],
    ['CREATE DATABASE other;', /reaches outside/],
    ['\\! touch /tmp/x\n', /backslash command/],
    ['\\connect postgres\nSELECT 1;', /backslash command/],
    ["SET client_encoding = 'SJIS';", /its encoding is SJIS/],
    [
      'CREATE TABLE public.t (a int); COPY public.t (a) FROM stdin WHERE (a > 1);\n1\n\\.\n',
      /COPY statement with more/,
    ],
    ['CREATE TABLE public.t (a int', /ends inside a statement/],
  ])('%s', async (text, message) => {
    const database = await emptyDatabase(server, 'refusing')
    try {
      await expect(loadInto(database, text, { ignoreErrors: true })).rejects.toThrow(message)
    } finally {
      await server.query('postgres', 'DROP DATABASE refusing')
    }
  })
})

/** What a restore does in the database afterwards, as the admin. */
async function tidyUp(database: EmptyDatabase): Promise<void> {
  await using admin = await connect(database.admin, { env: {}, applicationName: 'x' }, new AbortController().signal)
  await withoutEventTriggers(admin, async () => {
    await admin.query(`REASSIGN OWNED BY ${database.loaderName} TO ${server.superuser}`)
    await admin.query(`DROP OWNED BY ${database.loaderName}`)
  })
}

function traces(): readonly string[] {
  return readdirSync(folder).filter(name => name.startsWith('trace-'))
}

function superuserFor(database: string): EmptyDatabase {
  const admin = server.target(database)
  return { admin, loader: admin, loaderName: server.superuser }
}

async function serverState() {
  const rows = async (text: string): Promise<readonly string[]> =>
    (await server.query('postgres', text)).map(row => String(Object.values(row)[0]))
  return {
    roles: await rows(
      "SELECT rolname || ' ' || rolsuper::text::char FROM pg_roles WHERE rolname !~ '^backup_loader_' ORDER BY 1",
    ),
    passwords: await rows(
      "SELECT rolname || coalesce(rolpassword, '') FROM pg_authid WHERE rolname !~ '^backup_loader_' ORDER BY 1",
    ),
    members: await rows("SELECT roleid::regrole || ' ' || member::regrole FROM pg_auth_members ORDER BY 1"),
    settings: await rows('SELECT setconfig::text FROM pg_db_role_setting'),
    comments: await rows('SELECT description FROM pg_shdescription ORDER BY 1'),
    databases: await rows(
      "SELECT datname || coalesce(datacl::text, '') FROM pg_database WHERE datname IN ('postgres', 'template1') ORDER BY 1",
    ),
  }
}
