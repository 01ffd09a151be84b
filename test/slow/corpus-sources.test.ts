import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { corpusSql, expectProved, expectRoundtrip, proofFolder } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

const TWISTS = [
  ['TimeZone', 'America/St_Johns'],
  ['bytea_output', 'escape'],
  ['quote_all_identifiers', 'on'],
  ['client_encoding', 'LATIN1'],
  ['DateStyle', 'German, DMY'],
  ['IntervalStyle', 'sql_standard'],
  ['extra_float_digits', '-15'],
  ['xmlbinary', 'hex'],
  ['standard_conforming_strings', 'off'],
  ['default_transaction_read_only', 'on'],
  ['default_transaction_isolation', 'serializable'],
  ['row_security', 'off'],
  ['search_path', 'kinds, public'],
  ['statement_timeout', '5min'],
  ['default_tablespace', 'pg_default'],
  ['lc_monetary', 'C'],
  ['array_nulls', 'off'],
  ['check_function_bodies', 'on'],
  ['session_replication_role', 'replica'],
]
const twists = (whose: string): string => TWISTS.map(([name, value]) => `${whose} SET ${name} = '${value}';`).join('\n')

describe('a source that is set up otherwise', { timeout: 240_000 }, () => {
  test('FM78 by settings of the database is proved and restored', async () => {
    await server.createDatabase('twisted')
    await server.sql('twisted', corpusSql('types'))
    await server.sql('postgres', twists('ALTER DATABASE twisted'))

    const outcome = await expectRoundtrip(server, 'twisted')

    expect(outcome.notes.join()).not.toContain('without')
  })

  test('FM78 by settings of the role that dumps and restores is proved and restored', async () => {
    const user = { name: 'twister', password: await server.createRole('twister', { attributes: 'SUPERUSER' }) }
    await server.createDatabase('plain')
    await server.sql('plain', corpusSql('types').replaceAll('kinds', 'other'))
    await server.sql('postgres', twists('ALTER ROLE twister'))

    await expectRoundtrip(server, 'plain', { user, admin: user })
  })

  test('FM80 by rows that were updated with values of other lengths, and by columns that came late, is proved', async () => {
    await server.createDatabase('updated')
    await server.sql(
      'updated',
      `CREATE TABLE wide (id integer PRIMARY KEY, v text) WITH (autovacuum_enabled = off);
       INSERT INTO wide SELECT n, 'short' FROM generate_series(1, 5000) n;
       UPDATE wide SET v = repeat('x', (id * 37) % 1500) WHERE id % 3 = 0;
       VACUUM wide;
       UPDATE wide SET v = repeat('y', (id * 13) % 900) WHERE id % 5 = 0;
       INSERT INTO wide SELECT n, repeat('z', 10000 + n) FROM generate_series(5001, 5050) n;
       CREATE TABLE parent (a integer); CREATE TABLE child (b integer) INHERITS (parent);
       ALTER TABLE parent ADD c integer, ADD d text DEFAULT 'd';
       INSERT INTO child (a, b, c) SELECT n, n + 1, n + 2 FROM generate_series(1, 1000) n;
       UPDATE child SET d = repeat('d', a % 700) WHERE a % 7 = 0;`,
    )

    const outcome = await expectRoundtrip(server, 'updated')

    expect(outcome.notes).toEqual([expect.stringMatching(/^public\.child has its columns in another order/)])
  })

  test('FM79 by expressions that are printed otherwise after one load is proved, with a note', async () => {
    using folder = proofFolder()
    await server.createDatabase('respelled')
    await server.sql('respelled', corpusSql('code'))

    const { outcome } = await expectProved(server, folder, 'respelled')

    expect(outcome.notes).toEqual([expect.stringMatching(/spelled/)])
  })
})

function tablespaceFolder(name: string): string {
  const folder = join(server.folder, name)
  mkdirSync(folder)
  if (server.owner !== null) chownSync(folder, server.owner.uid, server.owner.gid)
  return folder
}

describe('a database', { timeout: 240_000 }, () => {
  test.each([
    ['LATIN1', 'größe', 'é;à\\'],
    ['EUC_JP', '表', '日本\\;'],
    ['SQL_ASCII', 'größe', 'é;à\\'],
  ])('FM69 FM78 in %s, with such names of roles too, is proved and restored', async (encoding, name, text) => {
    const database = `in_${encoding.toLowerCase()}`
    await server.createDatabase(database, {
      with: `ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    })
    await server.sql(
      database,
      `${encoding === 'SQL_ASCII' ? "SET client_encoding = 'SQL_ASCII';" : ''}
       CREATE SCHEMA "${name};"; CREATE TABLE "${name};"."${name}" (id serial PRIMARY KEY, "${name}" text DEFAULT '${text}');
       INSERT INTO "${name};"."${name}" ("${name}") SELECT '${text}' || n FROM generate_series(1, 500) n;
       UPDATE "${name};"."${name}" SET "${name}" = repeat('${text}', id) WHERE id % 3 = 0;
       CREATE INDEX "${name};i" ON "${name};"."${name}" ("${name}");
       CREATE VIEW "${name};"."v${name}" AS SELECT * FROM "${name};"."${name}" WHERE "${name}"::varchar IN ('${text}', 'x');
       CREATE FUNCTION "${name};"."f${name}"(text) RETURNS text LANGUAGE sql IMMUTABLE LEAKPROOF AS $$ SELECT '${text}' || $1 $$;
       COMMENT ON TABLE "${name};"."${name}" IS '${text}';
       CREATE ROLE "${name}${encoding}"; ALTER TABLE "${name};"."${name}" OWNER TO "${name}${encoding}";
       GRANT SELECT ("${name}") ON "${name};"."${name}" TO PUBLIC;`,
    )

    await expectRoundtrip(server, database)
  })

  test('FM69 in SQL_ASCII, whose bytes mean nothing, is proved and restored', async () => {
    await server.createDatabase('bytes', {
      with: `ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    })
    await server.sql(
      'bytes',
      `SET client_encoding = 'SQL_ASCII';
       CREATE TABLE t (é text); INSERT INTO t VALUES (E'\\xfc;\\\\'), (E'\\xff\\xfe'), ('ü'), (E'\\x5c\\x2e');
       DO $do$ BEGIN EXECUTE E'COMMENT ON TABLE t IS ''\\xe9;''; CREATE TABLE "\\xc4" ("\\xe4;" text DEFAULT ''\\xdf'' CHECK ("\\xe4;" <> ''\\xff'')); INSERT INTO "\\xc4" VALUES (''\\xfe'')'; END $do$;`,
    )

    await expectRoundtrip(server, 'bytes')
  })

  test.each([
    `-c "o'dd" $1 größe \\x %s; --`,
    `${'sixty_three_bytes_'.repeat(3)}123456789`,
    '日本語日本語日本語日本語日本語日本語日本',
  ])('FM14 FM69 FM81 with the name %j is proved and restored', async name => {
    await server.createDatabase(name)
    await server.sql(name, 'CREATE TABLE t AS SELECT generate_series(1, 10) n')

    await expectRoundtrip(server, name)
  })

  test('FM61 FM69 with tables in a tablespace, and whose own is another than the default, is proved and restored', async () => {
    const [fast, slow] = ['fast; place', 'slow'].map(name => tablespaceFolder(name))
    await server.sql(
      'postgres',
      `CREATE TABLESPACE "fast; place" LOCATION '${fast}'; CREATE TABLESPACE slow LOCATION '${slow}'; CREATE DATABASE placed TABLESPACE slow`,
    )
    await server.sql(
      'placed',
      `CREATE TABLE here (n integer PRIMARY KEY) TABLESPACE "fast; place"; CREATE TABLE there (n integer UNIQUE USING INDEX TABLESPACE "fast; place");
       CREATE TABLE parts (n integer) PARTITION BY RANGE (n) TABLESPACE "fast; place"; CREATE TABLE part PARTITION OF parts DEFAULT;
       CREATE MATERIALIZED VIEW seen TABLESPACE "fast; place" AS SELECT 1 AS one; CREATE TABLE back (n integer) TABLESPACE pg_default;
       INSERT INTO here SELECT generate_series(1, 100); INSERT INTO there SELECT generate_series(1, 100); INSERT INTO parts VALUES (1)`,
    )

    const outcome = await expectRoundtrip(server, 'placed')

    expect(outcome.notes).toEqual([])
  })

  test.each([
    ['of ICU', "LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' LOCALE 'C.UTF-8'"],
    ['C', "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"],
  ])('FM61 with the locale %s is proved and restored', async (name, locale) => {
    const database = `locale ${name}`
    await server.createDatabase(database, { with: `${locale} TEMPLATE template0` })
    await server.sql(
      database,
      `CREATE TABLE t (a text PRIMARY KEY, b text COLLATE "C"); INSERT INTO t SELECT chr(96 + n) || 'ä', 'Z' FROM generate_series(1, 26) n; CREATE INDEX ON t (lower(b))`,
    )

    await expectRoundtrip(server, database)
  })

  test('FM69 whose event triggers refuse every command is proved and restored', async () => {
    await server.createDatabase('refusing')
    await server.sql(
      'refusing',
      `CREATE TABLE t (a integer); INSERT INTO t VALUES (1); COMMENT ON TABLE t IS 't'; GRANT SELECT ON t TO PUBLIC; CREATE SCHEMA s;
       CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no commands here'; END $$;
       CREATE EVENT TRIGGER at_start ON ddl_command_start EXECUTE FUNCTION no(); CREATE EVENT TRIGGER at_drop ON sql_drop EXECUTE FUNCTION no();`,
    )

    await expectRoundtrip(server, 'refusing')
  })

  test('FM05 FM71 without any table is proved, and a note asks whether that is right', async () => {
    using folder = proofFolder()
    await server.createDatabase('empty')

    const { outcome } = await expectProved(server, folder, 'empty')

    expect(outcome.notes).toEqual(['the archive holds no tables: is it of the right database?'])
  })
})
