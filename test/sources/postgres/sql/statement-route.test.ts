import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexedTable, parentTables } from '../../../../src/sources/postgres/sql/indexed-table.ts'
import { rolesNamedBy } from '../../../../src/sources/postgres/sql/named-roles.ts'
import { isSafeEncoding, sessionSetting } from '../../../../src/sources/postgres/sql/session-settings.ts'
import { routeStatement } from '../../../../src/sources/postgres/sql/statement-route.ts'

const OLD_HANDLER = `CREATE FUNCTION public.plpgsql_call_handler() RETURNS language_handler
    LANGUAGE c
    AS '$libdir/plpgsql', 'plpgsql_call_handler';`

const route = (text: string): string => routeStatement(Buffer.from(text))

describe('who runs a statement, and when', () => {
  test.each([
    ['both', "SET client_encoding = 'UTF8';"],
    ['both', 'SET default_tablespace = "a b";'],
    ['both', "SET default_tablespace = '';"],
    ['both', "SELECT pg_catalog.set_config('search_path', '', false);"],
    ['loader', 'CREATE TABLE public.t (a integer);'],
    ['loader', 'CREATE SCHEMA s;'],
    ['loader', "CREATE TYPE public.mood AS ENUM ('a');"],
    ['loader', 'CREATE TYPE public.r AS RANGE (subtype = integer);'],
    ['loader', 'CREATE TYPE public.c AS (a integer);'],
    ['loader', 'CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;'],
    ['loader', 'CREATE AGGREGATE public.a(integer) (SFUNC = int4pl, STYPE = integer);'],
    ['loader', 'CREATE OPERATOR public.-/ (FUNCTION = int4pl, LEFTARG = integer);'],
    ['loader', 'ALTER TABLE ONLY public.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES public.u(a);'],
    ['loader', 'ALTER TABLE public.t ADD CONSTRAINT c CHECK ((a > 0));'],
    ['loader', 'ALTER INDEX public.i ATTACH PARTITION public.j;'],
    ['loader', 'ALTER TABLE ONLY public.t REPLICA IDENTITY FULL;'],
    ['loader', 'REFRESH MATERIALIZED VIEW public.m;'],
    ['loader', "SELECT pg_catalog.lo_create('70001');"],
    ['loader', 'INSERT INTO public.t VALUES (1);'],
    ['admin', 'CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;'],
    ['admin', 'CREATE OR REPLACE PROCEDURAL LANGUAGE plperl;'],
    ['superuser', 'CREATE TRUSTED PROCEDURAL LANGUAGE x HANDLER public.h;'],
    ['admin', 'CREATE FOREIGN DATA WRAPPER w;'],
    ['admin', 'CREATE SERVER s FOREIGN DATA WRAPPER w;'],
    ['loader', 'CREATE PUBLICATION p FOR ALL TABLES;'],
    ['loader', 'ALTER PUBLICATION p ADD TABLE ONLY public.t;'],
    ['admin', "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false, slot_name = 's');"],
    ['superuser', 'CREATE FOREIGN DATA WRAPPER w HANDLER public.h;'],
    ['superuser', 'CREATE FOREIGN DATA WRAPPER w VALIDATOR public.v;'],
    ['superuser', 'CREATE ACCESS METHOD m TYPE TABLE HANDLER heap_tableam_handler;'],
    ['superuser', 'CREATE OPERATOR FAMILY public.f USING btree;'],
    ['superuser', 'CREATE TEXT SEARCH PARSER public.p (START = x);'],
    ['superuser', 'CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE plpgsql HANDLER public.plpgsql_call_handler;'],
    ['admin', OLD_HANDLER],
    ['superuser', OLD_HANDLER.replace('public.plpgsql', 'shop.plpgsql')],
    ['superuser', OLD_HANDLER.replace("', '", "', 'other_")],
    ['superuser', OLD_HANDLER.replace('()', '(text)')],
    [
      'superuser',
      "CREATE FUNCTION public.f(a text DEFAULT 'x') RETURNS integer\n    LANGUAGE c IMMUTABLE STRICT\n    AS '$libdir/x', 'y';",
    ],
    ['superuser', 'CREATE AGGREGATE public.a(integer) (SFUNC = f, STYPE = internal, FINALFUNC = g);'],
    ['superuser', "CREATE AGGREGATE public.a(integer) (SFUNC = f, STYPE = internal, MSTYPE = d, MINITCOND = 'x');"],
    ['superuser', 'CREATE AGGREGATE public.a(integer) (SFUNC = f, STYPE = json, MSTYPE = internal);'],
    ['superuser', 'CREATE TYPE public.base;'],
    ['superuser', 'CREATE TYPE public.base (INPUT = public.i, OUTPUT = public.o);'],
    ['loader', 'CREATE CAST (public.point3 AS text) WITH INOUT;'],
    ['superuser', 'CREATE OPERATOR CLASS public.c FOR TYPE t USING btree AS STORAGE t;'],
    ['superuser', 'ALTER OPERATOR FAMILY public.f USING btree ADD FUNCTION 1 (a, a) b(a);'],
    ['superuser', 'CREATE TEXT SEARCH TEMPLATE public.t (LEXIZE = x);'],
    ['deferred', 'ALTER TABLE public.t OWNER TO x;'],
    ['deferred', 'ALTER TABLE public.t OWNER TO "current_user";'],
    ['deferred', 'ALTER FUNCTION public.f(a integer, b text[]) OWNER TO "x y";'],
    ['deferred', 'ALTER OPERATOR public.-/ (integer, integer) OWNER TO x;'],
    ['deferred', 'ALTER OPERATOR CLASS public.c USING btree OWNER TO x;'],
    ['deferred', 'ALTER LARGE OBJECT 70001 OWNER TO x;'],
    ['deferred', 'ALTER SUBSCRIPTION s OWNER TO x;'],
    ['deferred', 'GRANT SELECT,INSERT(a) ON TABLE public.t TO x WITH GRANT OPTION;'],
    ['deferred', 'REVOKE ALL ON SCHEMA public FROM PUBLIC;'],
    ['deferred', 'ALTER DEFAULT PRIVILEGES FOR ROLE x GRANT SELECT ON TABLES TO y;'],
    ['deferred', "COMMENT ON TABLE public.t IS 'x';"],
    ['deferred', "SECURITY LABEL FOR p ON TABLE public.t IS 'x';"],
    ['deferred', "SET SESSION AUTHORIZATION 'x';"],
    ['deferred', 'RESET SESSION AUTHORIZATION;'],
    ['mapping', 'CREATE USER MAPPING FOR x SERVER s;'],
    ['late', 'CREATE POLICY p ON public.t TO x USING (true);'],
    ['late', 'ALTER TABLE ONLY public.t FORCE ROW LEVEL SECURITY;'],
    ['last', 'CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION public.f();'],
    ['last', 'ALTER EVENT TRIGGER e DISABLE;'],
    ['last', 'ALTER EVENT TRIGGER e OWNER TO x;'],
    ['last', "COMMENT ON EVENT TRIGGER e IS 'x';"],
    ['parallel', 'CREATE UNIQUE INDEX i ON public.t USING btree (a);'],
    ['parallel', 'ALTER TABLE ONLY public.t ADD CONSTRAINT k PRIMARY KEY (a);'],
    ['parallel', 'ALTER TABLE ONLY public.t ADD CONSTRAINT k UNIQUE NULLS NOT DISTINCT (a);'],
    ['parallel', 'ALTER TABLE ONLY public.t ADD CONSTRAINT k EXCLUDE USING gist (a WITH &&);'],
    ['parallel', 'ALTER TABLE public.t CLUSTER ON k;'],
    ['parallel', 'ALTER TABLE ONLY public.t REPLICA IDENTITY USING INDEX k;'],
    ['sequence-value', "SELECT pg_catalog.setval('public.\"s'';\"', -7, false);"],
    ['large-object', "SELECT pg_catalog.lowrite(0, '\\x00');"],
    ['transaction', 'BEGIN;'],
    ['server', 'CREATE ROLE x;'],
    ['server', "ALTER ROLE x WITH SUPERUSER PASSWORD 'y';"],
    ['server', 'GRANT a TO b WITH ADMIN OPTION GRANTED BY c;'],
    ['server', 'GRANT CREATE ON DATABASE d TO x;'],
    ['server', 'GRANT SET ON PARAMETER log_statement TO x;'],
    ['server', "CREATE TABLESPACE t LOCATION '/x';"],
    ['server', "COMMENT ON ROLE x IS 'y';"],
    ['server', "SECURITY LABEL FOR p ON DATABASE d IS 'x';"],
    ['refused', 'CREATE DATABASE d;'],
    ['refused', "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;"],
    ['refused', 'ALTER SUBSCRIPTION s ENABLE;'],
  ])('%s: %s', (expected, text) => {
    expect(route(text)).toBe(expected)
  })

  test.each([
    'DO $$ BEGIN END $$;',
    'SET ROLE postgres;',
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;',
    "SET work_mem = '1GB';",
    "SET client_encoding = 'a' || f();",
    'SET SESSION standard_conforming_strings TO off;',
    "SELECT pg_catalog.set_config('search_path', f(), false);",
    "SELECT pg_catalog.setval('public.s', (SELECT 1), true);",
    'ALTER TABLE public.t OWNER TO CURRENT_USER;',
    'ALTER FUNCTION public.f() OWNER TO session_user;',
    'ALTER TABLE public.t OWNER TO Current_Role;',
    'ALTER TABLE public.t ADD COLUMN a integer DEFAULT f(), OWNER TO x;',
    'ALTER TABLE public.t OWNER TO x, ADD COLUMN a integer DEFAULT f();',
    "CREATE FUNCTION public.f() RETURNS text LANGUAGE 'c' AS 'x';",
    'CREATE FUNCTION public.f() RETURNS text LANGUAGE "C" AS \'x\';',
    "CREATE FUNCTION public.f() RETURNS text LANGUAGE c AS '/tmp/x', 'y';",
    "CREATE FUNCTION public.f() RETURNS text LANGUAGE c AS '../x', 'y';",
    "CREATE FUNCTION public.f(language c) RETURNS text LANGUAGE sql AS 'x';",
    "CREATE FUNCTION public.f() RETURNS text LANGUAGE internal AS 'pg_read_file_all';",
    "CREATE FUNCTION public.f() RETURNS text LANGUAGE plpython3u AS 'x';",
    'CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS $$ CREATE EXTENSION x; $$;',
    "CREATE FUNCTION public.f() RETURNS void /* LANGUAGE c AS 'x'; */ LANGUAGE sql AS 'x';",
    'TRUNCATE public.t;',
    'EXPLAIN ANALYZE CREATE EXTENSION x;',
    '(SELECT 1);',
    '',
  ])('the loader, who may do nothing else: %s', text => {
    expect(route(text)).toBe('loader')
  })

  test('nothing within literals, names and comments makes a statement the admin’s', () => {
    const text = fc.constantFrom(
      'CREATE EXTENSION x;',
      "COMMENT ON TABLE t IS 'x';",
      'ALTER TABLE t OWNER TO x;',
      'LANGUAGE c',
      "';",
      '$$',
    )
    const wrapped = fc.oneof(
      text.map(inner => `'${inner.replaceAll("'", "''")}'`),
      text.map(inner => `"${inner}"`),
      text.map(inner => `$q$${inner}$q$`),
      text.map(inner => `/* ${inner} */ x`),
      text.map(inner => `-- ${inner}\n x`),
    )

    fc.assert(
      fc.property(wrapped, wrapped, (one, other) => {
        expect(route(`DO ${one};`)).toBe('loader')
        expect(route(`CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS ${one} ${other};`)).toBe('loader')
        expect(route(`CREATE VIEW public.v AS SELECT ${one}, ${other};`)).toBe('loader')
      }),
    )
  })
})

test.each([
  ['GRANT SELECT ON TABLE public.t TO a, "B; c" WITH GRANT OPTION;', ['a', 'B; c']],
  ['REVOKE ALL ON FUNCTION public.f("to" integer) FROM PUBLIC;', []],
  ['GRANT ALL ON TABLE public.t TO A GRANTED BY b;', ['a', 'b']],
  ['ALTER TABLE public.t OWNER TO "x""y";', ['x"y']],
  ['ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA b GRANT SELECT ON TABLES TO c, PUBLIC;', ['a', 'c']],
  ['ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE ALL ON FUNCTIONS FROM d;', ['a', 'd']],
  ['CREATE POLICY p ON public.t AS RESTRICTIVE FOR SELECT TO a, b USING (x TO y);', ['a', 'b']],
  ['CREATE POLICY "to" ON public.t USING (true);', []],
  ['CREATE USER MAPPING FOR a SERVER b;', ['a']],
  ["SET SESSION AUTHORIZATION 'it''s';", ["it's"]],
  ['SET SESSION AUTHORIZATION DEFAULT;', []],
  ["COMMENT ON TABLE public.t IS 'OWNER TO x';", []],
])('the roles that %s names', (text, roles) => {
  expect(rolesNamedBy(Buffer.from(text))).toEqual(roles)
})

test.each([
  ['CREATE INDEX ON public.t USING btree (a);', 'public.t'],
  ['CREATE UNIQUE INDEX "i on" ON ONLY "a b"."c" USING btree (a);', '"a b"."c"'],
  ['ALTER TABLE ONLY public.t ADD CONSTRAINT k PRIMARY KEY (a);', 'public.t'],
  ['ALTER INDEX public.i CLUSTER;', null],
])('the table of %s', (text, table) => {
  expect(indexedTable(Buffer.from(text))).toBe(table)
})

test.each([
  ["ALTER TABLE ONLY a.p ATTACH PARTITION a.c FOR VALUES FROM ('x') TO ('y');", ['a.p']],
  ['CREATE TABLE a.c (\n x integer\n)\nINHERITS (a.p, "b c".q)\nWITH (fillfactor=70);', ['a.p', '"b c".q']],
  ['CREATE TABLE a.p (\n x integer\n)\nPARTITION BY RANGE (x);', ['a.p']],
  ['CREATE UNLOGGED TABLE a.t (x integer);', []],
  ['ALTER TABLE a.c INHERIT a.p;', ['a.p']],
])('the parents that %s makes', (text, parents) => {
  expect(parentTables(Buffer.from(text))).toEqual(parents)
})

test.each([
  ['SET statement_timeout = 0;', { name: 'statement_timeout', value: '0' }],
  ["SET default_tablespace = 'it''s';", { name: 'default_tablespace', value: "it's" }],
  ['SET default_tablespace = "a""b";', { name: 'default_tablespace', value: 'a"b' }],
  ["SET default_tablespace = '';", { name: 'default_tablespace', value: '' }],
  ['SET xmloption = content;', { name: 'xmloption', value: 'content' }],
  ["SET session_preload_libraries = 'x';", null],
  ['SET xmloption = content; SELECT 1;', null],
  ["SET client_encoding = 'UTF8\\';", null],
])('the setting of %s', (text, setting) => {
  expect(sessionSetting(Buffer.from(text))).toEqual(setting)
})

test('only encodings that a server can have are read', () => {
  expect(['UTF8', 'LATIN1', 'SQL_ASCII', 'EUC_JP', 'WIN1252', 'KOI8R', 'ISO_8859_5'].every(isSafeEncoding)).toBe(true)
  expect(['SJIS', 'BIG5', 'GBK', 'UHC', 'GB18030', 'JOHAB', 'SHIFT_JIS_2004', ''].some(isSafeEncoding)).toBe(false)
  expect(['WIN932', 'WIN936', 'WIN949', 'WIN950'].some(isSafeEncoding)).toBe(false)
})
