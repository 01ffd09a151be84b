import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identifyStatement } from '../../../../src/sources/postgres/sql/statement-identity.ts'

const identity = (text: string): string => {
  const found = identifyStatement(Buffer.from(text))
  return `${found.kind}: ${found.identity}`
}

describe('the kind and the identity of a statement', () => {
  test.each([
    ['CREATE TABLE shop.customer (\n    id integer\n);', 'TABLE: shop.customer'],
    ['CREATE UNLOGGED TABLE public."a.b" ();', 'TABLE: public."a.b"'],
    ["CREATE FOREIGN TABLE public.far (a integer OPTIONS (b 'c')) SERVER s;", 'FOREIGN TABLE: public.far'],
    ['CREATE VIEW public."view;" WITH (security_barrier) AS SELECT 1;', 'VIEW: public."view;"'],
    ['CREATE OR REPLACE VIEW public.v AS SELECT 1;', 'VIEW: public.v'],
    ['CREATE MATERIALIZED VIEW public.m AS SELECT 1 WITH NO DATA;', 'MATERIALIZED VIEW: public.m'],
    ['CREATE SEQUENCE public."s\';"\n    START WITH 7;', 'SEQUENCE: public."s\';"'],
    ['ALTER SEQUENCE public.s OWNED BY public.t.a;', 'SEQUENCE OWNED BY: public.s'],
    ["ALTER TABLE ONLY public.t ALTER COLUMN a SET DEFAULT nextval('public.s'::regclass);", 'DEFAULT: public.t a'],
    ['CREATE INDEX i ON shop.customer USING btree (name);', 'INDEX: shop.customer i'],
    ['CREATE UNIQUE INDEX "i x" ON ONLY shop.customer USING btree (name);', 'INDEX: shop.customer "i x"'],
    [
      'ALTER TABLE ONLY shop.customer\n    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);',
      'CONSTRAINT: shop.customer customer_pkey',
    ],
    ['ALTER TABLE ONLY a.b ADD CONSTRAINT c FOREIGN KEY (d) REFERENCES e(f);', 'FK CONSTRAINT: a.b c'],
    ['ALTER TABLE a.b ADD CONSTRAINT c CHECK ((d > 0)) NOT VALID;', 'CHECK CONSTRAINT: a.b c'],
    ['ALTER TABLE a.b ADD CONSTRAINT c NOT NULL d NOT VALID;', 'CONSTRAINT: a.b c'],
    ['ALTER DOMAIN a.b ADD CONSTRAINT c CHECK ((VALUE > 0)) NOT VALID;', 'CHECK CONSTRAINT: a.b c'],
    [
      'CREATE TRIGGER "touch;" BEFORE INSERT OR UPDATE OF a ON public.empty FOR EACH ROW EXECUTE FUNCTION public.t();',
      'TRIGGER: public.empty "touch;"',
    ],
    ['CREATE CONSTRAINT TRIGGER c AFTER INSERT ON public.empty FROM public.b DEFERRABLE;', 'TRIGGER: public.empty c'],
    ['ALTER TABLE public.parent DISABLE TRIGGER "stamp; it";', 'TRIGGER STATE: public.parent "stamp; it"'],
    ['ALTER TABLE public.parent ENABLE ALWAYS TRIGGER t;', 'TRIGGER STATE: public.parent t'],
    [
      'CREATE EVENT TRIGGER "noticed;" ON ddl_command_end EXECUTE FUNCTION public.noticed();',
      'EVENT TRIGGER: "noticed;"',
    ],
    ['ALTER EVENT TRIGGER quiet DISABLE;', 'EVENT TRIGGER STATE: quiet'],
    [
      "CREATE FUNCTION public.f(a integer, VARIADIC b text[] DEFAULT '{secret}'::text[]) RETURNS text\n LANGUAGE sql",
      'FUNCTION: public.f(a integer, VARIADIC b text[])',
    ],
    [
      "CREATE FUNCTION public.g(a text DEFAULT ARRAY['x, y'::text, (1)::text], b integer DEFAULT (1 + 2), c numeric(3,1)) RETURNS void",
      'FUNCTION: public.g(a text, b integer, c numeric(3, 1))',
    ],
    ['CREATE PROCEDURE public.p()\n LANGUAGE sql AS $$ SELECT 1; $$;', 'PROCEDURE: public.p()'],
    ['CREATE AGGREGATE public.total(integer) (\n    SFUNC = int4pl\n);', 'AGGREGATE: public.total(integer)'],
    ['CREATE AGGREGATE public.everything(*) (SFUNC = int4pl);', 'AGGREGATE: public.everything(*)'],
    ["CREATE TYPE public.mood AS ENUM ('a');", 'TYPE: public.mood'],
    ['CREATE DOMAIN public.code AS text;', 'DOMAIN: public.code'],
    ['CREATE SCHEMA "odd; -- schema";', 'SCHEMA: "odd; -- schema"'],
    ['CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;', 'EXTENSION: hstore'],
    ["COMMENT ON EXTENSION hstore IS 'secret';", 'COMMENT: EXTENSION hstore'],
    ['COMMENT ON COLUMN public.t."a.b" IS \'x\';', 'COMMENT: COLUMN public.t."a.b"'],
    ["COMMENT ON CONSTRAINT c ON DOMAIN public.d IS 'x';", 'COMMENT: CONSTRAINT public.d c'],
    ["COMMENT ON TRIGGER t ON public.x IS 'y';", 'COMMENT: TRIGGER public.x t'],
    ["COMMENT ON LARGE OBJECT 70001 IS 'x';", 'COMMENT: BLOB 70001'],
    ["COMMENT ON FUNCTION public.f(integer) IS 'x';", 'COMMENT: FUNCTION public.f(integer)'],
    ["COMMENT ON OPERATOR public.-/ (integer, NONE) IS 'x';", 'COMMENT: OPERATOR public.-/(integer, NONE)'],
    ['ALTER TABLE shop.customer OWNER TO "App Owner";', 'OWNER: shop.customer'],
    ['ALTER FUNCTION public.f(a integer) OWNER TO x;', 'OWNER: FUNCTION public.f(a integer)'],
    ['ALTER LARGE OBJECT 70001 OWNER TO x;', 'OWNER: BLOB 70001'],
    ['ALTER OPERATOR public.-/ (integer, integer) OWNER TO x;', 'OWNER: OPERATOR public.-/(integer, integer)'],
    ['ALTER OPERATOR CLASS public.c USING btree OWNER TO x;', 'OWNER: OPERATOR CLASS public.c USING btree'],
    [
      'GRANT SELECT,INSERT(a) ON TABLE shop.customer TO "a b" WITH GRANT OPTION;',
      'GRANT: SELECT, INSERT(a) ON TABLE shop.customer TO "a b" WITH GRANT OPTION',
    ],
    ['REVOKE ALL ON FUNCTION public.stamp() FROM PUBLIC;', 'REVOKE: ALL ON FUNCTION public.stamp() FROM PUBLIC'],
    [
      'ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA b GRANT SELECT ON TABLES TO c;',
      'DEFAULT ACL: FOR ROLE a IN SCHEMA b GRANT SELECT ON TABLES TO c',
    ],
    ['CREATE POLICY "p;" ON public.empty USING ((a > 1));', 'POLICY: public.empty "p;"'],
    ['ALTER TABLE public.empty ENABLE ROW LEVEL SECURITY;', 'ROW SECURITY: public.empty'],
    ['ALTER TABLE ONLY public.empty FORCE ROW LEVEL SECURITY;', 'ROW SECURITY: public.empty'],
    ['CREATE RULE twice AS\n    ON UPDATE TO public.empty DO ALSO NOTIFY x;', 'RULE: public.empty twice'],
    ['CREATE STATISTICS public.s (dependencies) ON a, b FROM public.t;', 'STATISTICS: public.s'],
    ['ALTER STATISTICS public.s SET STATISTICS 7;', 'STATISTICS TARGET: public.s'],
    ['CREATE PUBLICATION "all;" WITH (publish = \'insert\');', 'PUBLICATION: "all;"'],
    ['ALTER PUBLICATION p ADD TABLE ONLY public.narrow;', 'PUBLICATION TABLE: p public.narrow'],
    ['ALTER PUBLICATION p ADD TABLES IN SCHEMA "a b";', 'PUBLICATION TABLES IN SCHEMA: p "a b"'],
    ["CREATE SUBSCRIPTION s CONNECTION 'password=secret' PUBLICATION p WITH (connect = false);", 'SUBSCRIPTION: s'],
    ['CREATE SERVER "elsewhere;" FOREIGN DATA WRAPPER w OPTIONS (dbname \'secret\');', 'SERVER: "elsewhere;"'],
    ["CREATE USER MAPPING FOR reader SERVER s OPTIONS (password 'secret');", 'USER MAPPING: reader s'],
    ['CREATE FOREIGN DATA WRAPPER w HANDLER public.h;', 'FOREIGN DATA WRAPPER: w'],
    ['CREATE OR REPLACE PROCEDURAL LANGUAGE plperl;', 'PROCEDURAL LANGUAGE: plperl'],
    ['CREATE TRUSTED LANGUAGE x HANDLER h;', 'PROCEDURAL LANGUAGE: x'],
    ['CREATE CAST (public.point3 AS text) WITH INOUT;', 'CAST: (public.point3 AS text)'],
    ['CREATE OPERATOR public.-/ (\n    FUNCTION = int4pl\n);', 'OPERATOR: public.-/'],
    [
      'CREATE OPERATOR CLASS public.c\n    DEFAULT FOR TYPE t USING btree FAMILY f AS',
      'OPERATOR CLASS: public.c USING btree',
    ],
    ['CREATE OPERATOR FAMILY public.f USING hash;', 'OPERATOR FAMILY: public.f USING hash'],
    [
      'ALTER OPERATOR FAMILY public.f USING hash ADD FUNCTION 1 (a, a) b(a);',
      'OPERATOR FAMILY MEMBERS: public.f USING hash',
    ],
    ["CREATE COLLATION public.bytes (provider = libc, locale = 'C');", 'COLLATION: public.bytes'],
    ["CREATE DEFAULT CONVERSION public.c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;", 'CONVERSION: public.c'],
    [
      'CREATE TEXT SEARCH CONFIGURATION public."plain;" (PARSER = pg_catalog."default");',
      'TEXT SEARCH CONFIGURATION: public."plain;"',
    ],
    ['ALTER TEXT SEARCH CONFIGURATION public.c ADD MAPPING FOR asciiword WITH simple;', 'MAPPING: public.c asciiword'],
    ['CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = pg_catalog.simple);', 'TEXT SEARCH DICTIONARY: public.d'],
    [
      'CREATE TRANSFORM FOR public.hstore LANGUAGE plperl (FROM SQL WITH FUNCTION a(internal));',
      'TRANSFORM: public.hstore plperl',
    ],
    ['CREATE ACCESS METHOD am TYPE INDEX HANDLER h;', 'ACCESS METHOD: am'],
    ["SECURITY LABEL FOR dummy ON TABLE public.t IS 'secret';", 'SECURITY LABEL: TABLE public.t'],
    ["SELECT pg_catalog.setval('public.\"s'';\"', 7, true);", 'SEQUENCE SET: public."s\';"'],
    ["SELECT pg_catalog.lo_create('70001');", 'BLOB: 70001'],
    ["SELECT pg_catalog.lo_open('70001', 131072);", 'BLOB DATA: 70001'],
    ["SELECT pg_catalog.lowrite(0, '\\x00');", 'BLOB DATA: '],
    ['REFRESH MATERIALIZED VIEW public.m;', 'MATERIALIZED VIEW DATA: public.m'],
    [
      "ALTER TABLE ONLY a.parent ATTACH PARTITION a.child FOR VALUES FROM ('x') TO ('y');",
      'TABLE ATTACH: a.parent a.child',
    ],
    ['ALTER INDEX a.parent_i ATTACH PARTITION a.child_i;', 'INDEX ATTACH: a.parent_i a.child_i'],
    ['ALTER INDEX public.i ALTER COLUMN 1 SET STATISTICS 5;', 'STATISTICS TARGET: public.i 1'],
    ['ALTER TABLE a.t CLUSTER ON i;', 'CLUSTER: a.t i'],
    ['ALTER TABLE ONLY a.t REPLICA IDENTITY USING INDEX i;', 'REPLICA IDENTITY: a.t i'],
    ['ALTER TABLE ONLY a.t REPLICA IDENTITY FULL;', 'REPLICA IDENTITY: a.t FULL'],
    ['ALTER TABLE ONLY a.t INHERIT a.p;', 'INHERIT: a.t a.p'],
    ['ALTER TABLE ONLY a.t ALTER COLUMN c SET STORAGE EXTERNAL;', 'COLUMN STORAGE: a.t c'],
    ['ALTER TABLE ONLY a.t ALTER COLUMN c SET STATISTICS 7;', 'STATISTICS TARGET: a.t c'],
    ['ALTER TABLE a.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME a.s);', 'IDENTITY: a.t id'],
    ["ALTER FOREIGN TABLE ONLY a.t ALTER COLUMN c OPTIONS (column_name 'x');", 'COLUMN OPTIONS: a.t c'],
    ['INSERT INTO a.t VALUES (1);', 'TABLE DATA: a.t'],
    ["SET client_encoding = 'UTF8';", 'SET: client_encoding'],
    ["SET SESSION AUTHORIZATION 'x';", 'SESSION AUTHORIZATION: '],
    ['CREATE /* a; */ TABLE -- b\n a.t ();', 'TABLE: a.t'],
    ['DO $$ BEGIN END $$;', 'DO: '],
    ['', 'STATEMENT: '],
  ])('%s is %s', (text, expected) => {
    expect(identity(text)).toBe(expected)
  })

  test('any name is read whole, whatever stands in it', () => {
    const quoted = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .map(name => `"${name.replaceAll('\0', '').replaceAll('"', '""')}x"`)

    fc.assert(
      fc.property(quoted, quoted, quoted, (schema, table, part) => {
        const text = `ALTER TABLE ONLY ${schema}.${table}\n    ADD CONSTRAINT ${part} UNIQUE (a);`

        expect(identifyStatement(Buffer.from(text))).toEqual({
          kind: 'CONSTRAINT',
          identity: `${schema}.${table} ${part}`,
        })
      }),
    )
  })

  test('no bytes at all make it fail', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(typeof identifyStatement(Buffer.from(bytes)).kind).toBe('string')
      }),
    )
  })

  test('names in LATIN1 are read one character per byte', () => {
    expect(identifyStatement(Buffer.from('CREATE TABLE public."größe" ();', 'latin1')).identity).toBe('public."größe"')
  })

  test('a statement that goes on behind the first 4 KiB is known by them', () => {
    const text = `CREATE VIEW public.v AS SELECT '${'x'.repeat(10_000)}';`

    expect(identity(text)).toBe('VIEW: public.v')
  })
})
