import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OperatorError } from '../../../../src/errors.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { type EmptyDatabase, emptyDatabase, loadInto } from './loading.ts'

const HEAD = `SET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n`

const TEXT_OF = "CREATE FUNCTION public.text_of(bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '1'::text $$;"

let server: PostgresServer
let number = 0
const CLIENT = () => ({ host: server.host, port: server.port })
/** What code of a superuser would leave. */
let trace: string

beforeAll(async () => {
  server = await startPostgres()
  trace = join(server.folder, 'trace')
}, 120_000)

afterAll(() => server.stop())

async function fresh(): Promise<EmptyDatabase> {
  number += 1
  return await emptyDatabase(server, `loaded_${number}`)
}

const inFresh = (sql: string) => server.query(`loaded_${number}`, sql)

describe('routines that only a superuser may make', () => {
  test('are there after the load, as the archive says, and owned by whoever loads until their owner is given', async () => {
    const report = await loadInto(
      await fresh(),
      `${HEAD}CREATE FUNCTION public.tight(a integer) RETURNS boolean LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT a > 0';
       CREATE FUNCTION public."größe;"(a double precision) RETURNS double precision LANGUAGE internal STRICT AS 'dsqrt';
       CREATE FUNCTION public.kept(a double precision) RETURNS double precision LANGUAGE internal STRICT AS 'dsqrt';
       CREATE FUNCTION public.alike(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE SUPPORT pg_catalog.textlike_support AS 'SELECT a LIKE b';
       CREATE PROCEDURE public.quiet(a integer) LANGUAGE plpgsql SET log_statement TO 'none' SET search_path TO '' SET session_replication_role TO 'replica' AS 'BEGIN END';
       CREATE FUNCTION public.ranked() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
       CREATE TABLE public.t (a integer CHECK (public.tight(a)));
       COPY public.t (a) FROM stdin;\n1\n\\.
       REVOKE ALL ON FUNCTION public.kept(a double precision) FROM PUBLIC;
       ALTER FUNCTION public.tight(a integer) OWNER TO CURRENT_USER;`,
      { ignoreErrors: false },
    )

    expect(report.withheld).toEqual([])
    expect(
      await inFresh(
        `SELECT proname, lanname, proleakproof AS tight, prosupport::text, proconfig::text, prosrc, prokind::text AS kind, proowner::regrole::text LIKE 'backup_loader_%' AS loaders,
         has_function_privilege('pg_monitor', p.oid, 'EXECUTE') AS open
         FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE pronamespace = 'public'::regnamespace ORDER BY 1`,
      ),
    ).toEqual([
      { ...ROUTINE, proname: 'alike', lanname: 'sql', prosupport: 'textlike_support', prosrc: 'SELECT a LIKE b' },
      { ...ROUTINE, proname: 'größe;', lanname: 'internal', prosrc: 'dsqrt' },
      { ...ROUTINE, proname: 'kept', lanname: 'internal', prosrc: 'dsqrt', open: false },
      {
        ...{ ...ROUTINE, proname: 'quiet', lanname: 'plpgsql', prosrc: 'BEGIN END', kind: 'p' },
        proconfig: '{log_statement=none,"search_path=\\"\\"",session_replication_role=replica}',
      },
      { ...ROUTINE, proname: 'ranked', lanname: 'internal', prosrc: 'window_row_number', kind: 'w' },
      { ...ROUTINE, proname: 'tight', lanname: 'sql', tight: true, prosrc: 'SELECT a > 0' },
    ])
  })

  test('an extension behind a function of the archive is refused', async () => {
    const load = loadInto(
      await fresh(),
      `${HEAD}CREATE FUNCTION public.f(integer) RETURNS float8 LANGUAGE internal AS 'dsqrt'; CREATE EXTENSION hstore;`,
    )

    expect(await operatorError(load)).toMatchObject({ kind: 'rights', object: 'hstore' })
  })
})

const ROUTINE = {
  ...{ tight: false, prosupport: '-', proconfig: null, kind: 'f', loaders: true, open: true },
}

/** Code that says who runs it, in a file of the server where that is a superuser. */
const ATTACK = `CREATE FUNCTION public.attack() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
  BEGIN EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'cat >TRACE'$q$; EXCEPTION WHEN OTHERS THEN NULL; END; RETURN true; END $$;
CREATE DOMAIN public.d AS text CHECK (public.attack());
`

describe('code that would run with the rights of the admin', () => {
  test.each([
    [
      'a function in a language that is not trusted, called by a check',
      `CREATE FUNCTION public.read(text) RETURNS text LANGUAGE internal AS 'pg_read_file_all';
       CREATE TABLE public.t (a text CHECK (public.read(a) IS NULL));
       COPY public.t (a) FROM stdin;\n/etc/hostname\n\\.\n`,
    ],
    [
      'a function in a language that is not trusted, called as a cast, where no right to it is asked for',
      `CREATE TYPE public.mood AS ENUM ('good');
       CREATE FUNCTION public.as_json(public.mood) RETURNS json LANGUAGE internal AS 'pg_advisory_lock_shared_int8';
       CREATE CAST (public.mood AS json) WITH FUNCTION public.as_json(public.mood);
       CREATE TABLE public.t (a json);
       INSERT INTO public.t SELECT to_json('good'::public.mood);`,
    ],
    [
      'a function that is leakproof and runs as its owner',
      `CREATE FUNCTION public.f() RETURNS boolean LANGUAGE plpgsql LEAKPROOF SECURITY DEFINER AS $$ BEGIN EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'cat >TRACE'$q$; RETURN true; END $$;
       CREATE TABLE public.t (a integer CHECK (public.f()));
       COPY public.t (a) FROM stdin;\n1\n\\.\n`,
    ],
  ])('FM91 is not called: %s', async (_, statements) => {
    const error = await operatorError(loadInto(await fresh(), HEAD + statements.replace('TRACE', trace)))

    expect(error).toMatchObject({ kind: 'rights', sqlstate: '42501', hint: expect.stringContaining('superuser') })
    expect(existsSync(trace)).toBe(false)
    expect(await server.query('postgres', "SELECT FROM pg_locks WHERE locktype = 'advisory'")).toEqual([])
  })

  test.each([
    [
      'the default of a parameter, which is read where the function is made',
      `CREATE FUNCTION public.f(a public.d[] DEFAULT '{x}'::public.d[]) RETURNS integer LANGUAGE sql LEAKPROOF AS 'SELECT 1';`,
    ],
    [
      'the default of a parameter of a function in a language that is not trusted',
      `CREATE FUNCTION public.f(a double precision, b public.d[] DEFAULT '{x}'::public.d[]) RETURNS double precision LANGUAGE internal AS 'dsqrt';`,
    ],
    [
      'a body of SQL whose check fails for the loader',
      `CREATE FUNCTION public.strict() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         IF current_setting('is_superuser') = 'on' THEN RETURN public.attack(); END IF; RAISE EXCEPTION 'not yet'; END $$;
       CREATE DOMAIN public.later AS text CHECK (public.strict());
       CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql LEAKPROOF BEGIN ATOMIC SELECT array_length('{x}'::public.later[], 1); END;`,
    ],
    [
      'rows of a table that code of the archive made one of an extension',
      `CREATE TABLE public.evil (a integer CHECK (public.attack()));
       CREATE FUNCTION public.join() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         EXECUTE 'CREATE EXTENSION hstore WITH SCHEMA public'; EXECUTE 'ALTER EXTENSION hstore ADD TABLE public.evil'; RETURN true; END $$;
       CREATE DOMAIN public.joining AS text CHECK (public.join());
       CREATE TABLE public.z (x public.joining[] DEFAULT '{x}'::public.joining[]);
       COPY public.evil (a) FROM stdin;\n1\n\\.\n`,
      'CREATE EXTENSION pg_trgm WITH SCHEMA public;',
    ],
    [
      'rows of a table in the place of one of an extension',
      `CREATE TABLE b.pg_buffercache (a integer CHECK (public.attack()));
       CREATE FUNCTION public.swap() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         EXECUTE 'ALTER SCHEMA a RENAME TO c; ALTER SCHEMA b RENAME TO a; ALTER SCHEMA c RENAME TO b'; RETURN true; END $$;
       CREATE TABLE public.first (a integer CHECK (public.swap()));
       COPY public.first (a) FROM stdin;\n1\n\\.
       COPY a.pg_buffercache (a) FROM stdin;\n1\n\\.\n`,
      'CREATE SCHEMA a; CREATE SCHEMA b; CREATE EXTENSION pg_buffercache WITH SCHEMA a;',
    ],
    [
      'the script of an extension that meets a type of nobody',
      `CREATE TYPE s.cube AS (x public.d);
       CREATE FUNCTION s.cube_dim(s.cube) RETURNS integer LANGUAGE sql AS 'SELECT 1';
       CREATE FUNCTION s.give() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         EXECUTE 'GRANT ALL ON SCHEMA s, public TO pg_database_owner'; EXECUTE 'ALTER TYPE s.cube OWNER TO pg_database_owner';
         EXECUTE 'ALTER FUNCTION s.cube_dim(s.cube) OWNER TO pg_database_owner'; EXECUTE 'ALTER DOMAIN public.d OWNER TO pg_database_owner';
         EXECUTE 'ALTER FUNCTION public.attack() OWNER TO pg_database_owner'; EXECUTE 'ALTER FUNCTION s.give() OWNER TO pg_database_owner'; RETURN true; END $$;
       SELECT s.give();
       CREATE EXTENSION earthdistance WITH SCHEMA s;`,
      'CREATE EXTENSION cube WITH SCHEMA public; CREATE SCHEMA s;',
    ],
    [
      'the script of an extension that meets what was added to one of the loader',
      `CREATE FUNCTION public.join() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         EXECUTE 'CREATE EXTENSION hstore WITH SCHEMA public'; EXECUTE 'ALTER EXTENSION hstore ADD FUNCTION public.attack()';
         EXECUTE 'ALTER EXTENSION hstore ADD DOMAIN public.d'; EXECUTE 'ALTER EXTENSION hstore ADD FUNCTION public.join()'; RETURN true; END $$;
       SELECT public.join();
       CREATE EXTENSION pg_trgm WITH SCHEMA public;`,
    ],
    [
      'the condition of a publication',
      `CREATE TABLE public.t (a integer PRIMARY KEY, b public.d[]);
       CREATE PUBLICATION p; ALTER PUBLICATION p ADD TABLE ONLY public.t WHERE (b = '{x}');`,
    ],
  ])('FM90 runs as the loader at the most: %s', async (_, statements, before = '') => {
    const dump = (HEAD + before + ATTACK + statements).replaceAll('TRACE', trace)

    await loadInto(await fresh(), dump, { ignoreErrors: true }).catch((error: unknown) => {
      // An extension that comes too late ends the load.
      if (!(error instanceof OperatorError) || error.kind !== 'rights') throw error
    })

    expect(existsSync(trace)).toBe(false)
  })

  test('FM90 nothing of an extension is replaced or given away by a name that the archive has moved', async () => {
    const load = loadInto(
      await fresh(),
      `${HEAD}CREATE SCHEMA a; CREATE SCHEMA b; CREATE EXTENSION postgres_fdw WITH SCHEMA a;
       ${ATTACK.replace('TRACE', trace)} CREATE VIEW public.v AS SELECT public.attack() AS x;
       CREATE FUNCTION public.swap() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         EXECUTE 'ALTER SCHEMA a RENAME TO c; ALTER SCHEMA b RENAME TO a; ALTER SCHEMA c RENAME TO b'; RETURN true; END $$;
       CREATE FUNCTION b.postgres_fdw_validator(text[], oid) RETURNS void LANGUAGE internal AS 'database_to_xml';
       CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;
       CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'x');
       CREATE TABLE public.first (a integer CHECK (public.swap()));
       COPY public.first (a) FROM stdin;\n1\n\\.\n`,
    )

    expect(await operatorError(load)).toMatchObject({ kind: 'rights', message: expect.stringContaining('renamed') })
    expect(existsSync(trace)).toBe(false)
  })

  test('FM91 a routine that is no longer the one that was made is not completed', async () => {
    const load = loadInto(
      await fresh(),
      `${HEAD}CREATE FUNCTION public.victim(double precision) RETURNS double precision LANGUAGE internal SECURITY DEFINER AS 'dsqrt';
       CREATE FUNCTION public.drop() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         EXECUTE 'DROP FUNCTION public.victim(double precision)'; RETURN true; END $$;
       SELECT public.drop();`,
    )

    expect(await operatorError(load)).toMatchObject({ kind: 'rights', object: 'public.victim(double precision)' })
    expect(await inFresh("SELECT FROM pg_proc WHERE proname = 'victim'")).toEqual([])
  })

  test.each([
    "quote_ident(text) RETURNS text LANGUAGE sql LEAKPROOF AS 'SELECT $1'",
    "obj_description(oid, name) RETURNS text LANGUAGE sql SET log_statement TO 'none' AS 'SELECT NULL::text'",
  ])('FM91 a routine without its schema does not change one of the server: %s', async routine => {
    const facts = `SELECT md5(string_agg(p::text, ',' ORDER BY oid)) AS all FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace`
    const database = await fresh()
    const before = await inFresh(facts)

    await loadInto(database, `${HEAD}SET search_path = public; CREATE FUNCTION ${routine};`, { ignoreErrors: true })

    expect(await inFresh(facts)).toEqual(before)
  })

  test('FM91 a session that others hold in the database of a restore ends before anything is completed, and none comes after', async () => {
    const database = await fresh()
    const password = await server.createRole(`guest_${number}`)
    const guest = new pg.Client({ ...CLIENT(), database: `loaded_${number}`, user: `guest_${number}`, password })
    const ended = new Promise<void>(resolve => guest.on('error', () => resolve()))
    await guest.connect()

    await loadInto(database, `${HEAD}CREATE TABLE public.t (a integer);`, { missingRoles: 'skip' })
    await ended
    const again = new pg.Client({ ...CLIENT(), database: `loaded_${number}`, user: `guest_${number}`, password })

    await expect(again.connect()).rejects.toThrow(/permission denied for database/)
  })

  test('FM91 the loader cannot log in any more, and has no password, before anything of the archive is there', async () => {
    const database = await fresh()

    await loadInto(
      database,
      `${HEAD}CREATE FUNCTION public.known() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         EXECUTE format('ALTER ROLE %I PASSWORD ''known''', current_user); RETURN true; END $$;
       SELECT public.known();`,
    )

    expect(
      await server.query('postgres', `SELECT rolcanlogin FROM pg_roles WHERE rolname = '${database.loaderName}'`),
    ).toEqual([{ rolcanlogin: false }])
  })
})

describe('what is of no extension and only a superuser can make', () => {
  test.each([
    [
      'CAST (bigint AS text)',
      `${TEXT_OF} CREATE CAST (bigint AS text) WITH FUNCTION public.text_of(bigint) AS IMPLICIT;`,
    ],
    ['CAST (bytea AS jsonb)', 'CREATE CAST (bytea AS jsonb) WITHOUT FUNCTION;'],
    [
      'FUNCTION public.f(text, text)',
      "CREATE FUNCTION public.f(text, text) RETURNS real LANGUAGE c AS '$libdir/pg_trgm', 'similarity';",
    ],
    ['FUNCTION public.f()', "CREATE FUNCTION public.f() RETURNS integer LANGUAGE C AS '/tmp/lib.so', 'f';"],
    [
      'FUNCTION public.f()',
      `CREATE FUNCTION public.f() RETURNS integer LANGUAGE "c" LEAKPROOF AS '$libdir/pg_trgm', 'similarity';`,
    ],
    [
      'FUNCTION pg_catalog.lower(text)',
      "CREATE OR REPLACE FUNCTION pg_catalog.lower(text) RETURNS text LANGUAGE sql LEAKPROOF AS 'SELECT NULL::text';",
    ],
    ['TYPE public.base', 'CREATE TYPE public.base;'],
    [
      'AGGREGATE public.a("any")',
      'CREATE AGGREGATE public.a("any") (SFUNC = ordered_set_transition, STYPE = internal);',
    ],
    ['OPERATOR FAMILY public.o USING btree', 'CREATE OPERATOR FAMILY public.o USING btree;'],
    [
      'OPERATOR CLASS public.o USING btree',
      'CREATE OPERATOR CLASS public.o FOR TYPE integer USING btree AS OPERATOR 3 =, FUNCTION 1 pg_catalog.btint8cmp(bigint, bigint);',
    ],
    ['PROCEDURAL LANGUAGE own', 'CREATE TRUSTED PROCEDURAL LANGUAGE own HANDLER pg_catalog.plpgsql_call_handler;'],
    ['ACCESS METHOD own', 'CREATE ACCESS METHOD own TYPE TABLE HANDLER pg_catalog.heap_tableam_handler;'],
    ['TEXT SEARCH TEMPLATE public.t', 'CREATE TEXT SEARCH TEMPLATE public.t (LEXIZE = dsimple_lexize);'],
    [
      'TEXT SEARCH PARSER public.p',
      'CREATE TEXT SEARCH PARSER public.p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);',
    ],
    [
      'TRANSFORM integer sql',
      'CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION pg_catalog.prsd_lextype(internal));',
    ],
    ['FOREIGN DATA WRAPPER w', 'CREATE FOREIGN DATA WRAPPER w VALIDATOR pg_catalog.postgresql_fdw_validator;'],
    [
      'FOREIGN TABLE public.run',
      `CREATE EXTENSION file_fdw WITH SCHEMA public; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
       CREATE TABLE public.parent (a text);
       CREATE FOREIGN TABLE public.run (a text) INHERITS (public.parent) SERVER files OPTIONS (program 'touch TRACE');
       CREATE MATERIALIZED VIEW public.m AS SELECT a FROM public.parent;`,
    ],
  ])('FM91 is named and not made: %s', async (name, statements) => {
    const before = await server.query('postgres', 'SELECT pg_postmaster_start_time() AS at')

    const report = await loadInto(await fresh(), `${HEAD}${statements.replace('TRACE', trace)}`)

    expect(report.withheld.map(remark => remark.name)).toEqual([name])
    expect(existsSync(trace)).toBe(false)
    expect(await server.query('postgres', 'SELECT pg_postmaster_start_time() AS at')).toEqual(before)
  })

  test('FM91 all of them are named, and the rest of the dump is read', async () => {
    const text = `${HEAD}CREATE TYPE public.base; CREATE TABLE public.t (a integer);
      COPY public.t (a) FROM stdin;\n1\n\\.
      CREATE ACCESS METHOD own TYPE TABLE HANDLER heap_tableam_handler;`
    const read: Buffer[] = []

    const report = await loadInto(await fresh(), text, { observe: chunk => void read.push(chunk) })

    expect(report.withheld.map(remark => remark.name)).toEqual(['TYPE public.base', 'ACCESS METHOD own'])
    expect(Buffer.concat(read).toString()).toBe(text)
    expect(await inFresh("SELECT FROM pg_class WHERE relname = 't'")).toEqual([])
  })

  test('where errors are passed over it is one of them, and the rest is loaded', async () => {
    const report = await loadInto(await fresh(), `${HEAD}CREATE TYPE public.base; CREATE TABLE public.t (a integer);`, {
      ignoreErrors: true,
    })

    expect(report.errors).toMatchObject([{ kind: 'TYPE', identity: 'public.base', sqlstate: null }])
    expect(await inFresh("SELECT FROM pg_class WHERE relname = 't'")).toHaveLength(1)
  })

  test('is made by the admin where a person said so, and routines belong to whoever loads', async () => {
    const report = await loadInto(
      await fresh(),
      `${HEAD}CREATE FUNCTION public.f(a text, b text DEFAULT 'x') RETURNS real LANGUAGE c STRICT AS '$libdir/pg_trgm', 'similarity';
       CREATE TABLE public.t (a text, b text CHECK (public.f(a, b) >= 0));
       COPY public.t (a, b) FROM stdin;\nabc\tabd\n\\.
       ${TEXT_OF} CREATE CAST (bytea AS json) WITHOUT FUNCTION;`,
      { superuserObjects: async () => 'trusted' },
    )

    expect(report).toMatchObject({ withheld: [], rows: 1 })
    expect(
      await inFresh(
        "SELECT proowner::regrole::text LIKE 'backup_loader_%' AS loaders FROM pg_proc WHERE proname = 'f'",
      ),
    ).toEqual([{ loaders: true }])
    expect(
      await inFresh(
        "SELECT castmethod FROM pg_cast WHERE castsource = 'bytea'::regtype AND casttarget = 'json'::regtype",
      ),
    ).toEqual([{ castmethod: 'b' }])
  })

  test('FM91 a routine that is closed until the end is called by nobody before', async () => {
    const load = loadInto(
      await fresh(),
      `${HEAD}CREATE FUNCTION public.f(text, text) RETURNS real LANGUAGE c STRICT AS '$libdir/pg_trgm', 'similarity';
       CREATE TABLE public.t (a text CHECK (public.f(a, a) >= 0));
       COPY public.t (a) FROM stdin;\nabc\n\\.\n`,
      { superuserObjects: async () => 'closed' },
    )

    expect(await operatorError(load)).toMatchObject({ kind: 'rights', sqlstate: '42501' })
  })
})

describe('what an admin makes that calls nothing', () => {
  test('publications of tables by their owner, with their conditions, and of everything', async () => {
    await loadInto(
      await fresh(),
      `${HEAD}CREATE TABLE public.t (a integer PRIMARY KEY, v text);
       CREATE PUBLICATION few WITH (publish = 'insert');
       CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert');
       ALTER PUBLICATION few ADD TABLE ONLY public.t (a) WHERE ((a > 1));
       ALTER PUBLICATION few OWNER TO CURRENT_USER;`,
    )

    expect(await inFresh('SELECT pubname, puballtables FROM pg_publication ORDER BY 1')).toEqual([
      { pubname: 'everything', puballtables: true },
      { pubname: 'few', puballtables: false },
    ])
  })

  test("PL/pgSQL's parts from before it was an extension", async () => {
    const report = await loadInto(
      await fresh(),
      `${HEAD}CREATE OR REPLACE PROCEDURAL LANGUAGE plpgsql;
       CREATE FUNCTION public.plpgsql_call_handler() RETURNS language_handler\n    LANGUAGE c\n    AS '$libdir/plpgsql', 'plpgsql_call_handler';`,
    )

    expect(report.withheld).toEqual([])
    expect(await inFresh("SELECT FROM pg_proc WHERE pronamespace = 'public'::regnamespace")).toHaveLength(1)
  })
})
