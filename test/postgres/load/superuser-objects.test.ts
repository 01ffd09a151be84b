import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operatorError } from '../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { type EmptyDatabase, emptyDatabase, loadInto } from './loading.ts'

const HEAD = `SET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n`

let server: PostgresServer
let number = 0
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

describe('functions and tables that only a superuser may make', () => {
  test('are there after the load, as the archive says', async () => {
    await loadInto(
      await fresh(),
      `${HEAD}CREATE FUNCTION public.tight(a integer) RETURNS boolean LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT a > 0';
       CREATE FUNCTION public."größe;"(a double precision) RETURNS double precision LANGUAGE internal STRICT AS 'dsqrt';
       CREATE FUNCTION public.kept(a double precision) RETURNS double precision LANGUAGE internal STRICT AS 'dsqrt';
       CREATE TABLE public.t (a integer CHECK (public.tight(a)));
       COPY public.t (a) FROM stdin;\n1\n\\.
       REVOKE ALL ON FUNCTION public.kept(a double precision) FROM PUBLIC;
       ALTER FUNCTION public.tight(a integer) OWNER TO CURRENT_USER;`,
      { ignoreErrors: false },
    )

    const functions = await inFresh(
      `SELECT proname, proleakproof, proowner::regrole::text LIKE 'backup_loader_%' AS loaders, has_function_privilege('pg_monitor', oid, 'EXECUTE') AS open
       FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1`,
    )
    expect(functions).toEqual([
      { proname: 'größe;', proleakproof: false, loaders: false, open: true },
      { proname: 'kept', proleakproof: false, loaders: false, open: false },
      { proname: 'tight', proleakproof: true, loaders: true, open: true },
    ])
  })

  test.each([
    [
      'a function in a language that is not trusted, called by a check',
      `CREATE FUNCTION public.read(text) RETURNS text LANGUAGE internal AS 'pg_read_file_all';
       CREATE TABLE public.t (a text CHECK (public.read(a) IS NULL));
       COPY public.t (a) FROM stdin;\n/etc/hostname\n\\.\n`,
    ],
    [
      'a foreign table that is a program, read by a materialized view',
      `CREATE EXTENSION file_fdw WITH SCHEMA public; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
       CREATE FOREIGN TABLE public.run (a text) SERVER files OPTIONS (program 'touch TRACE');
       CREATE MATERIALIZED VIEW public.m AS SELECT a FROM public.run;`,
    ],
    [
      'a function that is leakproof and runs as its owner',
      `CREATE FUNCTION public.f() RETURNS boolean LANGUAGE plpgsql LEAKPROOF SECURITY DEFINER AS $$ BEGIN EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'touch TRACE'$q$; RETURN true; END $$;
       CREATE TABLE public.t (a integer CHECK (public.f()));
       COPY public.t (a) FROM stdin;\n1\n\\.\n`,
    ],
    [
      'a function among those of the server',
      `CREATE FUNCTION pg_catalog.lower(integer) RETURNS text LANGUAGE sql LEAKPROOF AS 'SELECT NULL::text';`,
    ],
    [
      'a function that replaces one of the server',
      `CREATE OR REPLACE FUNCTION pg_catalog.lower(text) RETURNS text LANGUAGE sql LEAKPROOF AS 'SELECT NULL::text';`,
    ],
  ])('FM77 run for nobody: %s', async (_, statements) => {
    await server.query('postgres', 'CREATE ROLE victim')
    try {
      const error = await operatorError(loadInto(await fresh(), HEAD + statements.replace('TRACE', trace)))

      expect(error).toMatchObject({ kind: 'rights', sqlstate: '42501', hint: expect.stringContaining('superuser') })
      expect(existsSync(trace)).toBe(false)
      expect(await inFresh("SELECT rolsuper FROM pg_roles WHERE rolname = 'victim'")).toEqual([{ rolsuper: false }])
    } finally {
      await server.query('postgres', 'DROP ROLE victim')
    }
  })

  test('FM77 an extension behind such a function is refused', async () => {
    const load = loadInto(
      await fresh(),
      `${HEAD}CREATE FUNCTION public.f(integer) RETURNS float8 LANGUAGE internal AS 'dsqrt'; CREATE EXTENSION hstore;`,
    )

    expect(await operatorError(load)).toMatchObject({ kind: 'rights', object: 'hstore' })
  })
})
