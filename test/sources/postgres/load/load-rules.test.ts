import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OperatorError } from '../../../../src/errors.ts'
import { loadDump } from '../../../../src/sources/postgres/load/load-dump.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { dumpBytes, emptyDatabase, loadInto } from './loading.ts'

const HEAD = `SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nSELECT pg_catalog.set_config('search_path', '', false);\n`
const LATIN1 = `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`

let server: PostgresServer
let number = 0

beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: '60' } })
}, 120_000)

afterAll(() => server.stop())

const fresh = (shape?: string) => emptyDatabase(server, `loaded_${++number}`, shape)
const inFresh = (text: string) => server.query(`loaded_${number}`, text)

/** A source database with this in it, dumped as we dump. */
async function dumpOfSource(sql: string, shape = '', encoding = 'UTF8'): Promise<Buffer> {
  const name = `source_${++number}`
  await server.createDatabase(name, { with: `TEMPLATE template0 ${shape}` })
  await server.sql(name, sql)
  return await dumpBytes(server, name, encoding)
}

describe('roles that a dump names and the server lacks', () => {
  const dump = `${HEAD}CREATE TABLE public.t (a integer);
ALTER TABLE public.t OWNER TO "Nobody; here";
CREATE POLICY p ON public.t TO stranger USING (true);
GRANT SELECT ON TABLE public.t TO PUBLIC;
SET SESSION AUTHORIZATION stranger;
GRANT SELECT ON TABLE public.t TO postgres;
RESET SESSION AUTHORIZATION;
COMMENT ON TABLE public.t IS 'said as the admin';
`

  test('are left out and listed', async () => {
    const report = await loadInto(await fresh(), dump, { missingRoles: 'skip' })

    expect(report.skippedForRoles.map(({ kind, name, text }) => `${kind} ${name}: ${text}`)).toEqual([
      'POLICY public.t p: the role stranger does not exist',
      'OWNER public.t: the role Nobody; here does not exist',
      'SESSION AUTHORIZATION : the role stranger does not exist',
    ])
    expect(report.createdRoles).toEqual([])
    expect(
      await inFresh(
        "SELECT obj_description('public.t'::regclass) AS said, relacl::text LIKE '%=r/%' AS granted FROM pg_class WHERE oid = 'public.t'::regclass",
      ),
    ).toEqual([{ said: 'said as the admin', granted: true }])
  })

  test('are made, unable to log in', async () => {
    const report = await loadInto(await fresh(), dump.replace(/^SET SESSION.*\n.*\n.*\n/m, ''))

    expect(report.createdRoles).toEqual(['stranger', 'Nobody; here'])
    expect(
      await inFresh("SELECT rolcanlogin OR rolsuper AS dangerous FROM pg_roles WHERE rolname = 'stranger'"),
    ).toEqual([{ dangerous: false }])
    expect(await inFresh("SELECT tableowner AS owner FROM pg_tables WHERE tablename = 't'")).toEqual([
      { owner: 'Nobody; here' },
    ])
  })
})

describe('an archive of the bash tool, with the roles of the server in it', () => {
  const roles = `CREATE ROLE old_app;
ALTER ROLE old_app WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS PASSWORD 'SCRAM-SHA-256$4096:secret';
CREATE ROLE ${'backup_test'};
ALTER ROLE backup_test WITH SUPERUSER LOGIN;
ALTER ROLE old_app SET search_path TO 'x';
GRANT backup_test TO old_app GRANTED BY postgres;
CREATE TABLESPACE fast OWNER old_app LOCATION '/nowhere';
`
  const dump = `${HEAD}CREATE TABLE public.t (a integer);\nALTER TABLE public.t OWNER TO old_app;\nCOPY public.t (a) FROM stdin;\n1\n\\.\n`

  test.each([
    ['first', `${roles}${dump}`],
    ['last', `${dump}${roles}`],
  ])(
    'FM60 FM145 roles %s: the load makes none and changes none, as a restore has made those that it needs',
    async (_where, text) => {
      await server.query('postgres', 'CREATE ROLE backup_test; CREATE ROLE old_app')

      const report = await loadInto(await fresh(), text, { missingRoles: 'skip' })

      expect(report).toMatchObject({ rows: 1, errors: [], skippedForRoles: [] })
      expect(
        await inFresh(
          `SELECT rolname, rolsuper, rolcreatedb, rolcanlogin, rolpassword FROM pg_authid WHERE rolname IN ('old_app', 'backup_test') ORDER BY 1`,
        ),
      ).toEqual([
        { rolname: 'backup_test', rolsuper: false, rolcreatedb: false, rolcanlogin: false, rolpassword: null },
        { rolname: 'old_app', rolsuper: false, rolcreatedb: false, rolcanlogin: false, rolpassword: null },
      ])
      await inFresh('ALTER TABLE public.t OWNER TO postgres; DROP ROLE old_app; DROP ROLE backup_test').catch(
        async () => {
          await server.query(`loaded_${number}`, 'DROP OWNED BY old_app')
          await server.query('postgres', 'DROP ROLE old_app')
          await server.query('postgres', 'DROP ROLE backup_test')
        },
      )
    },
  )
})

describe('errors', () => {
  const dump = `${HEAD}CREATE TABLE public.t (a integer);
CREATE VIEW public.v AS SELECT missing FROM public.t;
COPY public.t (a) FROM stdin;
1
planted-secret
\\.
COPY public.gone (a) FROM stdin;
1
\\.
CREATE TABLE public.u (a integer);
COPY public.u (a) FROM stdin;
1
2
\\.
ALTER TABLE ONLY public.gone ADD CONSTRAINT k PRIMARY KEY (a);
COMMENT ON TABLE public.gone IS 'x';
`

  test('FM58 the first one ends the load and is named without data', async () => {
    const error = await loadInto(await fresh(), dump).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(OperatorError)
    expect(error).toMatchObject({ kind: 'server', sqlstate: '42703', object: 'public.v' })
    expect(String(error)).toMatch(/VIEW public\.v: the server refused it; expected it to load$/)
  })

  test('FM58 with ignoreErrors all are listed, and the rest is loaded', async () => {
    const report = await loadInto(await fresh(), dump, { ignoreErrors: true })

    expect(report.errors.map(({ kind, identity, sqlstate }) => `${kind} ${identity} ${sqlstate}`)).toEqual([
      'VIEW public.v 42703',
      'TABLE DATA public.t 22P02',
      'TABLE DATA public.gone 42P01',
      'CONSTRAINT public.gone k 42P01',
      'COMMENT TABLE public.gone 42P01',
    ])
    expect(JSON.stringify(report.errors.map(({ logOnly: _, ...rest }) => rest))).not.toContain('planted-secret')
    expect(report.rows).toBe(2)
  })

  test('a refused row in the middle of many ends that COPY alone', async () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => (index === 1_000 ? 'x' : String(index))).join('\n')
    const text = `${HEAD}CREATE TABLE public.t (a integer);\nCOPY public.t (a) FROM stdin;\n${rows}\n\\.\nCREATE TABLE public.u ();\n`

    const report = await loadInto(await fresh(), text, { ignoreErrors: true })

    expect(report.errors).toMatchObject([{ kind: 'TABLE DATA', identity: 'public.t' }])
    expect(await inFresh('SELECT count(*)::int AS n FROM public.t')).toEqual([{ n: 0 }])
    expect(await inFresh('SELECT * FROM public.u')).toEqual([])
  })

  test('an abort ends the load with its reason', async () => {
    const database = await fresh()
    const stop = new AbortController()
    const reason = new Error('stopped')
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${HEAD}CREATE TABLE public.t (a integer);\nCOPY public.t (a) FROM stdin;\n`)
      for (let row = 0; ; row++) {
        if (row === 50) stop.abort(reason)
        yield Buffer.from('1\n'.repeat(10_000))
      }
    }

    const load = loadDump(
      {
        ...{ admin: database.admin, loader: database.loader, dump: endless(), clientEncoding: null, jobs: 1 },
        ...{
          connect: { env: {}, applicationName: 'x' },
          data: 'with-rows',
          ignoreErrors: true,
          missingRoles: 'create',
          superuserObjects: async () => 'never',
        },
      },
      stop.signal,
    )

    await expect(load).rejects.toBe(reason)
  })
})

describe('what is loaded is what was dumped', () => {
  test('FM80 the order of rows is kept where tables were updated with values of other lengths', async () => {
    const dump = await dumpOfSource(`CREATE TABLE public.t (a integer, b text);
INSERT INTO public.t SELECT n, repeat('x', n % 50) FROM generate_series(1, 3000) n;
UPDATE public.t SET b = repeat('y', a % 700) WHERE a % 3 = 0;
DELETE FROM public.t WHERE a % 7 = 0;`)

    await loadInto(await fresh(), dump)

    expect((await dumpBytes(server, `loaded_${number}`)).equals(dump)).toBe(true)
  })

  test('sequences have their values although a materialized view draws from one while it is filled', async () => {
    const dump = await dumpOfSource(`CREATE SEQUENCE public.s; SELECT setval('public.s', 41);
CREATE MATERIALIZED VIEW public.m AS SELECT nextval('public.s') FROM generate_series(1, 5);
SELECT setval('public.s', 41);`)

    await loadInto(await fresh(), dump)

    expect(await inFresh('SELECT last_value::int AS n FROM public.s')).toEqual([{ n: 41 }])
    expect((await dumpBytes(server, `loaded_${number}`)).equals(dump)).toBe(true)
  })

  test.each([
    ['LATIN1', LATIN1, 'größe', 'ÿ;à'],
    ['SQL_ASCII', LATIN1.replace('LATIN1', 'SQL_ASCII'), 'gr\u0081', '\u0090\u00ff'],
  ])('a database in %s comes back byte for byte', async (encoding, shape, name, value) => {
    const source = `source_${++number}`
    await server.createDatabase(source, { with: `TEMPLATE template0 ${shape}` })
    await server.sql(
      source,
      `CREATE TABLE public.t (a text DEFAULT '${encoding === 'LATIN1' ? value : 'x'}');
COMMENT ON TABLE public.t IS '${encoding === 'LATIN1' ? name : 'x'}';
CREATE ROLE "${encoding === 'LATIN1' ? name : 'ascii'}"; GRANT SELECT ON public.t TO "${encoding === 'LATIN1' ? name : 'ascii'}";`,
    )
    if (encoding === 'SQL_ASCII') await server.query(source, `INSERT INTO public.t VALUES (E'\\\\x81\\\\x90')`)
    const dump = await dumpBytes(server, source, encoding)

    await loadInto(await fresh(shape), dump, { clientEncoding: encoding })

    expect((await dumpBytes(server, `loaded_${number}`, encoding)).equals(dump)).toBe(true)
  })

  test('an archive in another encoding than the database is converted by the server', async () => {
    const text = Buffer.from(
      `SET client_encoding = 'LATIN1';\nCREATE TABLE public."größe" (a text);\nCOPY public."größe" (a) FROM stdin;\nÿ\n\\.\nCOMMENT ON TABLE public."größe" IS 'é';\n`,
      'latin1',
    )

    await loadInto(await fresh(), text)

    expect(await inFresh(`SELECT a, obj_description('public."größe"'::regclass) AS said FROM public."größe"`)).toEqual([
      { a: 'ÿ', said: 'é' },
    ])
  })

  test('only the statements are loaded when only they are wanted', async () => {
    const dump =
      await dumpOfSource(`CREATE TABLE public.t (a serial PRIMARY KEY); INSERT INTO public.t SELECT FROM generate_series(1, 5);
SELECT lo_from_bytea(70001, 'abc');`)

    const report = await loadInto(await fresh(), dump, { data: 'statements-only' })

    expect(report.rows).toBe(0)
    expect(await inFresh('SELECT count(*)::int AS n FROM public.t')).toEqual([{ n: 0 }])
    expect(await inFresh('SELECT length(lo_get(oid)) AS n FROM pg_largeobject_metadata')).toEqual([{ n: 0 }])
    expect(await inFresh('SELECT is_called AS c FROM public.t_a_seq')).toEqual([{ c: false }])
  })

  test('a setting that the server does not know is noted and passed over', async () => {
    const report = await loadInto(
      await fresh(),
      `SET transaction_timeout = 0;\nSET default_tablespace = nowhere;\nCREATE TABLE public.t ();\n`,
    )

    expect(report.notes.map(({ name, sqlstate }) => `${name} ${sqlstate}`)).toEqual([
      'transaction_timeout 42704',
      'default_tablespace 22023',
    ])
  })
})

describe('indexes', () => {
  test('of many tables, partitions and parents among them, are the same made side by side or in order', async () => {
    const tables = Array.from(
      { length: 12 },
      (_, n) => `CREATE TABLE public.t${n} (a integer PRIMARY KEY, b text UNIQUE, c integer);
INSERT INTO public.t${n} SELECT n, 'x' || n, n % 7 FROM generate_series(1, ${n * 200}) n;
CREATE INDEX ON public.t${n} (c); ALTER TABLE public.t${n} CLUSTER ON t${n}_pkey; ALTER TABLE public.t${n} REPLICA IDENTITY USING INDEX t${n}_pkey;
COMMENT ON INDEX public.t${n}_pkey IS 'x'; ALTER INDEX public.t${n}_c_idx SET (fillfactor = 70);`,
    )
    const dump = await dumpOfSource(`${tables.join('\n')}
CREATE TABLE public.p (id integer, at integer, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
${Array.from({ length: 6 }, (_, n) => `CREATE TABLE public.p${n} PARTITION OF public.p FOR VALUES FROM (${n}) TO (${n + 1});`).join('\n')}
CREATE INDEX ON public.p (at); CREATE INDEX ON public.p ((id + at)); INSERT INTO public.p SELECT n, n % 6 FROM generate_series(1, 3000) n;
ALTER TABLE public.t2 REPLICA IDENTITY FULL; ALTER TABLE public.t1 ADD FOREIGN KEY (a) REFERENCES public.t5 (a);
CREATE INDEX expr ON public.t3 ((c + 1)); ALTER INDEX public.expr ALTER COLUMN 1 SET STATISTICS 9;`)
    const calls: string[] = []

    await loadInto(await fresh(), dump, {
      jobs: 4,
      onStep: step => calls.push(step),
      afterIndexes: () => calls.push('after'),
    })
    const parallel = await dumpBytes(server, `loaded_${number}`)
    await loadInto(await fresh(), dump, { jobs: 1 })

    expect(parallel.equals(dump)).toBe(true)
    expect((await dumpBytes(server, `loaded_${number}`)).equals(dump)).toBe(true)
    expect(calls).toEqual(['loading', 'indexes', 'rest', 'after'])
  })

  test('the first one that fails ends the load and names it', async () => {
    const text = `${HEAD}CREATE TABLE public.t (a integer);\nCREATE TABLE public.u (a integer);
COPY public.t (a) FROM stdin;\n1\n1\n\\.\nALTER TABLE ONLY public.u ADD CONSTRAINT u_key UNIQUE (a);
ALTER TABLE ONLY public.t ADD CONSTRAINT t_key UNIQUE (a);\nCREATE VIEW public.v AS SELECT 1;\n`

    await expect(loadInto(await fresh(), text, { jobs: 3 })).rejects.toMatchObject({
      sqlstate: '23505',
      object: 'public.t t_key',
    })
  })
})

describe('an admin who is no superuser', () => {
  test('FM76 loads as the owner of the database, and what is not allowed is listed', async () => {
    const password = await server.createRole('plain_owner', { attributes: 'CREATEDB' })
    await server.createDatabase('of_owner', { owner: 'plain_owner', with: 'TEMPLATE template0' })
    const target = server.target('of_owner', 'plain_owner', password)
    const dump =
      await dumpOfSource(`CREATE EXTENSION hstore; CREATE TABLE public.t (a integer PRIMARY KEY); INSERT INTO public.t VALUES (1);
ALTER TABLE public.t OWNER TO plain_owner; CREATE TABLE public.u (); GRANT SELECT ON public.t TO PUBLIC; COMMENT ON EXTENSION hstore IS 'ours';`)

    const report = await loadInto({ admin: target, loader: target, loaderName: 'plain_owner' }, dump, {
      missingRoles: 'skip',
    })

    expect(report.rows).toBe(1)
    expect(report.skippedForRoles).toMatchObject([{ kind: 'OWNER', name: 'public.u', sqlstate: '42501' }])
  })
})

describe('what only an admin owns', () => {
  test('rows and sequences of extensions are added to what came with the extension', async () => {
    const database = await fresh()
    await inFresh(`CREATE EXTENSION hstore; CREATE TABLE public.conf (a integer); INSERT INTO public.conf VALUES (1); CREATE SEQUENCE public.conf_s;
ALTER EXTENSION hstore ADD TABLE public.conf; ALTER EXTENSION hstore ADD SEQUENCE public.conf_s`)
    const text = `${HEAD}CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;
COPY public.conf (a) FROM stdin;\n2\n\\.\nSELECT pg_catalog.setval('public.conf_s', 7, true);\n`

    await loadInto(database, text)

    expect(await inFresh('SELECT a FROM public.conf ORDER BY a')).toEqual([{ a: 1 }, { a: 2 }])
    expect(await inFresh('SELECT last_value::int AS n FROM public.conf_s')).toEqual([{ n: 7 }])
  })

  test('a tablespace is used, and the right to it is taken back', async () => {
    await server.sql('postgres', 'SET allow_in_place_tablespaces = on;\nCREATE TABLESPACE "fast; one" LOCATION \'\';')
    const dump =
      await dumpOfSource(`SET default_tablespace = "fast; one"; CREATE TABLE public.t (a integer PRIMARY KEY); SET default_tablespace = '';
CREATE TABLE public.u (a integer); CREATE INDEX i ON public.u (a) TABLESPACE "fast; one"; CREATE INDEX j ON public.u (a);`)

    await loadInto(await fresh(), dump)

    expect((await dumpBytes(server, `loaded_${number}`)).equals(dump)).toBe(true)
    expect(
      await inFresh(`SELECT spcacl::text NOT LIKE '%loader%' AS clean FROM pg_tablespace WHERE spcname = 'fast; one'`),
    ).toEqual([{ clean: true }])
  })
})
