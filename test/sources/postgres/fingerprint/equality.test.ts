import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareTables } from '../../../../src/sources/postgres/fingerprint/compare-tables.ts'
import { mergeInventories } from '../../../../src/sources/postgres/fingerprint/inventory.ts'
import { dumpBack } from '../../../../src/sources/postgres/round-trip/dump-back.ts'
import {
  type Compared,
  compareDatabase,
  dumpBytes,
  inventoryOfDump,
  loadedDatabase,
  loadWithPsql,
} from '../../../support/comparing.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

let server: PostgresServer
let count = 0

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(async () => {
  await server.stop()
}, 60_000)

interface Loaded {
  readonly archive: Buffer
  readonly database: string
}

/** Makes a source of this SQL, dumps it and loads the dump with psql. */
async function loaded(
  sql: string,
  given: { readonly options?: string; readonly encoding?: string } = {},
): Promise<Loaded> {
  count += 1
  const [source, database] = [`source_${count}`, `restored_${count}`]
  await server.createDatabase(source, { with: `TEMPLATE template0 ${given.options ?? ''}` })
  await server.sql(source, sql.replaceAll('CURRENT_DB', source))
  const archive = await dumpBytes(server, source, given.encoding)
  await loadWithPsql(server, database, archive, given.options)
  return { archive, database }
}

async function backTables(database: string) {
  return inventoryOfDump(await dumpBytes(server, database)).fingerprint.tables
}

const compare = async ({ archive, database }: Loaded): Promise<Compared> =>
  await compareDatabase(server, { archive, database })

describe('a right restore', { timeout: 120_000 }, () => {
  test('FM80 may have rows in another order, and not other rows', async () => {
    const restored = await loaded(`
      CREATE TABLE public.wide (id integer, v text) WITH (autovacuum_enabled = off);
      INSERT INTO public.wide SELECT n, 'short' FROM generate_series(1, 2000) n;
      UPDATE public.wide SET v = repeat('x', (id * 37) % 1500) WHERE id % 3 = 0;
      VACUUM public.wide;
      UPDATE public.wide SET v = repeat('y', (id * 13) % 900) WHERE id % 5 = 0;`)
    const { secondLooks } = compareTables(
      inventoryOfDump(restored.archive).fingerprint.tables,
      await backTables(restored.database),
    )

    const right = await compare(restored)
    await server.sql(restored.database, "UPDATE public.wide SET v = 'sh0rt' WHERE id = 1")
    const wrong = await compare(restored)

    expect(secondLooks).toMatchObject([{ table: 'public.wide', how: 'sort' }])
    expect(right).toMatchObject({ words: [], notes: [expect.stringContaining('public.wide')] })
    expect(wrong.words).toEqual(['table public.wide: other data than expected (2000 rows; expected 2000 rows)'])
  })

  test('FM80 may have columns in another order, and not other values in them', async () => {
    const restored = await loaded(`
      CREATE TABLE public.parent (a integer);
      CREATE TABLE public.child (b integer) INHERITS (public.parent);
      ALTER TABLE public.parent ADD c integer;
      INSERT INTO public.child (a, b, c) SELECT n, n + 1, n + 2 FROM generate_series(1, 100) n;`)
    const { secondLooks } = compareTables(
      inventoryOfDump(restored.archive).fingerprint.tables,
      await backTables(restored.database),
    )

    const right = await compare(restored)
    await server.sql(restored.database, 'UPDATE public.child SET b = b WHERE a = 7')
    const moved = await compare(restored)
    await server.sql(restored.database, 'UPDATE public.child SET b = c, c = b WHERE a = 50')
    const wrong = await compare(restored)

    expect(secondLooks).toMatchObject([{ table: 'public.child', columns: ['a', 'b', 'c'], how: 'columns' }])
    expect(right).toMatchObject({ words: [], notes: [expect.stringContaining('columns in another order')] })
    expect(moved).toMatchObject({ words: [], notes: [expect.stringContaining('rows in another order')] })
    expect(wrong.words).toEqual(['table public.child: other data than expected (100 rows; expected 100 rows)'])
  })

  test('FM78 may come from a database with other settings of TimeZone, bytea_output, quoting and encoding', async () => {
    await server.createRole('latin', { attributes: 'SUPERUSER' })
    const restored = await loaded(`
      ALTER DATABASE CURRENT_DB SET TimeZone = 'America/Vancouver';
      ALTER DATABASE CURRENT_DB SET DateStyle = 'SQL, DMY';
      ALTER DATABASE CURRENT_DB SET IntervalStyle = 'sql_standard';
      ALTER DATABASE CURRENT_DB SET bytea_output = 'escape';
      ALTER DATABASE CURRENT_DB SET quote_all_identifiers = on;
      ALTER DATABASE CURRENT_DB SET xmlbinary = 'hex';
      ALTER DATABASE CURRENT_DB SET extra_float_digits = 0;
      ALTER DATABASE CURRENT_DB SET standard_conforming_strings = off;
      ALTER DATABASE CURRENT_DB SET client_encoding = 'LATIN1';
      CREATE TABLE public.times (at timestamptz DEFAULT '2026-03-08 02:30:00-07', raw bytea, i interval, f float8, x xml, t text DEFAULT E'a\\\\b');
      INSERT INTO public.times VALUES (now(), '\\x00ff27', '1 day -2 hours', 0.1::float8 + 0.2, '<a/>', 'é');
      CREATE VIEW public.late AS SELECT at AT TIME ZONE 'UTC' AS "when", raw FROM public.times WHERE at > '2026-01-01 00:00+00';`)

    const { words, notes, reloads } = await compare(restored)

    expect({ words, notes, reloads }).toEqual({ words: [], notes: [], reloads: 0 })
  })

  test('FM79 may print expressions in another way wherever one can stand', async () => {
    const known = (column: string): string => `${column} IN ('a', 'b')`
    const restored = await loaded(`
      CREATE DOMAIN public.code AS varchar CHECK (${known('VALUE')});
      CREATE FUNCTION public.pick(a varchar, b boolean DEFAULT ('x'::varchar ${known('').trim()}), c text DEFAULT 'd, e)')
        RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT b';
      CREATE PROCEDURE public.run(a boolean DEFAULT ('x'::varchar ${known('').trim()})) LANGUAGE sql AS 'SELECT 1';
      CREATE TABLE public.t (
        s varchar, flag boolean DEFAULT ('x'::varchar ${known('').trim()}), n integer,
        EXCLUDE USING btree (n WITH =) WHERE (${known('s')}));
      CREATE TABLE public.parts (s varchar, n integer) PARTITION BY LIST ((${known('s')}));
      CREATE TABLE public.parts_yes PARTITION OF public.parts FOR VALUES IN (true);
      CREATE VIEW public.late AS SELECT s FROM public.t WHERE ${known('s')};
      ALTER VIEW public.late ALTER s SET DEFAULT CASE WHEN 'x'::varchar ${known('').trim()} THEN 'a' END;
      CREATE VIEW public.early AS SELECT pg_catalog.count(*), n FROM public.t GROUP BY n HAVING pg_catalog.bool_or(${known('s')});
      CREATE MATERIALIZED VIEW public.kept AS SELECT s FROM public.t WHERE ${known('s')};
      CREATE FUNCTION public.noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER known BEFORE UPDATE ON public.t FOR EACH ROW WHEN (${known('NEW.s')}) EXECUTE FUNCTION public.noop();
      CREATE RULE known AS ON INSERT TO public.t WHERE ${known('NEW.s')} DO NOTHING;
      CREATE STATISTICS public.known ON (${known('s')}), n FROM public.t;
      CREATE INDEX known_index ON public.t ((${known('s')}));
      CREATE PUBLICATION known FOR TABLE public.t WHERE (n IN (1, 2)) WITH (publish = 'insert');
      ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;
      CREATE POLICY known ON public.t USING (${known('s')}) WITH CHECK (${known('s')});
      ALTER TABLE public.t ADD CONSTRAINT late CHECK (${known('s')}) NOT VALID;`)

    const { words, reloads, respelled } = await compare(restored)

    expect({ words, reloads }).toEqual({ words: [], reloads: 1 })
    expect(respelled).toBeGreaterThan(12)
  })

  test('FM79 of another major of pg_dump is judged by loading the statements again', async () => {
    const restored = await loaded("CREATE TABLE public.t (s varchar CHECK (s IN ('a', 'b')), i integer DEFAULT 1)")

    const right = await compareDatabase(server, { ...restored, sameTool: false })
    await server.sql(restored.database, 'ALTER TABLE public.t ALTER i SET DEFAULT 2')
    const wrong = await compareDatabase(server, { ...restored, sameTool: false })

    expect(right).toMatchObject({ words: [], reloads: 1, respelled: 1 })
    expect(wrong.words).toEqual(['statement TABLE public.t: it came back as another one than the archive says'])
  })

  test('FM78 FM80 of a latin1 database may have names that are no UTF-8', async () => {
    const options = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    const restored = await loaded(
      `CREATE SCHEMA "Größe";
       CREATE TABLE "Größe"."tür" (id integer, "größe" text);
       INSERT INTO "Größe"."tür" SELECT n, 'wert é ' || n FROM generate_series(1, 50) n;`,
      { options, encoding: 'LATIN1' },
    )
    const input = { ...restored, encoding: 'LATIN1', createOptions: options }
    await server.sql(restored.database, 'UPDATE "Größe"."tür" SET id = id WHERE id = 3')

    const right = await compareDatabase(server, input)
    await server.sql(restored.database, `UPDATE "Größe"."tür" SET "größe" = 'wert è 4' WHERE id = 4`)
    const wrong = await compareDatabase(server, input)

    expect(right).toMatchObject({ words: [], notes: [expect.stringContaining('tür')] })
    expect(wrong.words).toEqual(['table "Größe"."tür": other data than expected (50 rows; expected 50 rows)'])
  })

  test('FM69 of hard objects is byte for byte the same, in one dump or in two', async () => {
    const read = (name: string): string => readFileSync(path.join(import.meta.dirname, '../../..', name), 'utf8')
    const restored = await loaded(
      `${read('support/nasty-schema.sql')}\n${read('support/hard-objects.sql')}
       COMMENT ON LARGE OBJECT 70001 IS 'it''s'; GRANT SELECT ON LARGE OBJECT 70003 TO PUBLIC;`,
    )
    const database = loadedDatabase(server, restored.database)
    const signal = new AbortController().signal

    const { words } = await compare(restored)
    const whole = await dumpBack(database, {}, signal)
    const data = await dumpBack(database, { sections: ['data'] }, signal)
    const rest = await dumpBack(database, { sections: ['pre-data', 'post-data'] }, signal)

    expect(words).toEqual([])
    expect(data.statements.count).toBe(0)
    expect(data.sequences.count).toBe(whole.sequences.count)
    expect(rest.fingerprint.tables).toEqual([])
    // Which partitions there are stands in the other of the two.
    const tables = whole.fingerprint.tables.map(({ root: _, ...table }) => table)
    expect(mergeInventories(data, rest).fingerprint).toEqual({ ...whole.fingerprint, tables })
  })
})
