import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../support/archives.ts'
import { runBackup } from '../support/backup-program.ts'
import { logEvents } from '../support/backups.ts'
import { proofFolder, verifyAll } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { runRestore } from '../support/restoring.ts'
import { tamper } from '../support/tamper.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

interface Unloadable {
  readonly sql: string
  readonly reason: RegExp
  /** What the reason says to do; null: it can't be tried here. */
  readonly mend: string | null
}

const UNLOADABLE: Readonly<Record<string, Unloadable>> = {
  plpgsql_call: {
    sql: `CREATE FUNCTION low(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
      CREATE FUNCTION slug(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN low(v); END';
      CREATE TABLE page (title text, slug text GENERATED ALWAYS AS (slug(title)) STORED);
      INSERT INTO page VALUES ('Café')`,
    reason:
      /^TABLE DATA public\.page: function low\(text\) is missing, which function public\.slug\(text\) looks for; .* in the source, ALTER FUNCTION public\.slug\(text\) SET search_path = .*; the file is whole$/,
    mend: 'ALTER FUNCTION public.slug(text) SET search_path = public',
  },
  inlined_type: {
    sql: `CREATE DOMAIN metre AS float8;
      CREATE FUNCTION doubled(float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT ($1 * 2)::metre';
      CREATE TABLE wall (length float8); INSERT INTO wall VALUES (1); CREATE INDEX near ON wall (doubled(length))`,
    reason:
      /^INDEX public\.wall near: type metre is missing, which function public\.doubled\(double precision\) looks for; it is public\.metre; .* in the source, ALTER FUNCTION public\.doubled\(double precision\) SET search_path = public, .*; the file is whole$/,
    mend: 'ALTER FUNCTION public.doubled(double precision) SET search_path = public',
  },
  inlined_call: {
    sql: `CREATE SCHEMA "Old Tools"; CREATE FUNCTION "Old Tools".low(v text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
      SET search_path = public, "Old Tools";
      CREATE FUNCTION slug(v text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT low($1)';
      CREATE FUNCTION slug(v integer) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN v; END';
      CREATE TABLE word (v text); INSERT INTO word VALUES ('a'); CREATE INDEX slugs ON word (slug(v))`,
    reason:
      /^INDEX public\.word slugs: function low\(text\) is missing, which function public\.slug\(v text\) looks for; it is "Old Tools"\.low\(v text\); .* ALTER FUNCTION public\.slug\(v text\) SET search_path = "Old Tools", .*; the file is whole$/,
    mend: 'ALTER FUNCTION public.slug(v text) SET search_path = "Old Tools"',
  },
  which_of_two: {
    sql: `CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.unit (n integer); CREATE TABLE b.unit (n integer);
      SET search_path = public, a;
      CREATE FUNCTION units(v integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT count(*) + $1 FROM unit';
      CREATE TABLE size (n integer); INSERT INTO size VALUES (1); CREATE INDEX sizes ON size (units(n))`,
    reason:
      /relation unit is missing, which function public\.units(\(v integer\))? looks for; it is a\.unit or b\.unit; .*the file is whole$/,
    mend: null,
  },
  check_order: {
    sql: `CREATE TABLE zz (v text); INSERT INTO zz VALUES ('a');
      CREATE FUNCTION known(text) RETURNS bool LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM public.zz WHERE v = $1)';
      CREATE TABLE aa (v text CONSTRAINT is_known CHECK (known(v))); INSERT INTO aa VALUES ('a')`,
    reason: /^TABLE DATA public\.aa: a row breaks the check is_known; .* as NOT VALID.*; the file is whole$/,
    mend: 'ALTER TABLE aa DROP CONSTRAINT is_known; ALTER TABLE aa ADD CONSTRAINT is_known CHECK (known(v)) NOT VALID',
  },
  data_in_cast: {
    sql: `CREATE TYPE hush AS ENUM ('a');
      CREATE FUNCTION typed(t text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN t::regtype IS NOT NULL; END';
      CREATE TABLE secret (t text CHECK (typed(t))); INSERT INTO secret VALUES ('hush')`,
    reason: /^TABLE DATA public\.secret: something that it needs is missing; expected it to load$/,
    mend: null,
  },
  data_in_query: {
    sql: `CREATE TABLE hush AS SELECT true AS ok;
      CREATE FUNCTION asked(t text) RETURNS bool LANGUAGE plpgsql AS
      $$DECLARE found bool; BEGIN EXECUTE 'SELECT ok FROM ' || t INTO found; RETURN found; END$$;
      CREATE TABLE secret (t text CHECK (asked(t))); INSERT INTO secret VALUES ('hush')`,
    reason: /^TABLE DATA public\.secret: a table that it needs is missing; expected it to load$/,
    mend: null,
  },
  data_in_words: {
    sql: `CREATE FUNCTION say(t text) RETURNS bool LANGUAGE plpgsql AS
      $$BEGIN IF current_setting('search_path') = '' THEN
        RAISE EXCEPTION 'type "%" does not exist', t USING ERRCODE = '42704'; END IF; RETURN true; END$$;
      CREATE TABLE secret (t text CHECK (say(t))); INSERT INTO secret VALUES ('hush')`,
    reason: /^TABLE DATA public\.secret: something that it needs is missing; expected it to load$/,
    mend: null,
  },
}

const REFUSED: Readonly<
  Record<string, { readonly sql: string; readonly damage: readonly [string, string]; readonly reason: string }>
> = {
  a_type: {
    sql: 'CREATE DOMAIN shade AS text; CREATE TABLE paint (c shade)',
    damage: ['c public.shade', 'c public.shadow'],
    reason: 'TABLE public.paint: type public.shadow is missing; expected it to load',
  },
  a_key: {
    sql: "CREATE TABLE person (name text CONSTRAINT only_one UNIQUE); INSERT INTO person VALUES ('hush'), ('b')",
    damage: ['\nb\n', '\nhush\n'],
    reason: 'CONSTRAINT public.person only_one: a row breaks the unique constraint only_one; expected it to load',
  },
  a_function: {
    sql: 'CREATE FUNCTION one() RETURNS integer LANGUAGE sql RETURN 1; CREATE VIEW seen AS SELECT one() AS n',
    damage: ['SELECT public.one()', 'SELECT public.two()'],
    reason: 'VIEW public.seen: function public.two() is missing; expected it to load',
  },
}

describe('what a server says of a statement that it refuses', { timeout: 120_000 }, () => {
  test.each(Object.entries(REFUSED))(
    'FM156 %s: the reason names the object, and the log of -v has the words',
    async (name, { sql, damage, reason }) => {
      await server.createDatabase(name)
      await server.sql(name, sql)
      using folder = proofFolder()
      const archive = await takeBackup(server, folder, { database: name })
      tamper(archive, { dump: text => text.replace(...damage), newFingerprint: true })

      const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: folder.scratch }
      const { code, stdout, stderr } = await runBackup(['-v', 'all'], { conf: folder.conf, env })

      expect(code, stdout).toBe(4)
      expect(stdout).toContain(reason)
      expect(stdout).not.toContain('hush')
      const stopped = logEvents(stderr).find(event => event.event === 'load-stopped')
      expect(stopped?.lines).toEqual(
        expect.arrayContaining([expect.stringMatching(/does not exist|could not create unique index/)]),
      )
    },
  )
})

describe('a database whose dump no empty search_path loads', { timeout: 240_000 }, () => {
  test.each(Object.entries(UNLOADABLE))(
    'FM138 FM167 %s: the reason says what is missing and what to change',
    async (name, given) => {
      await server.createDatabase(name)
      await server.sql(name, given.sql)
      using folder = proofFolder()
      const archive = await takeBackup(server, folder, { database: name })

      const { code, outcomes } = await verifyAll(server, folder)
      const restored = await runRestore(server, name, { folder, args: ['-f', archive, '--yes'] })

      expect(code).toBe(4)
      expect(outcomes).toMatchObject([
        {
          verdict: 'failed',
          facts: { isWhatWasDumped: 'held', loads: 'broken' },
          reasons: [{ text: expect.stringMatching(given.reason) }],
        },
      ])
      expect(restored.code).toBe(1)
      const own = restored.stderr.replaceAll(/"lines":.*/g, '')
      expect(restored.stdout + own).not.toContain('hush')
      if (given.mend === null) return
      expect(restored.stderr).toMatch(/in the source, ALTER/)
      await server.sql(name, given.mend)
      await takeBackup(server, folder, { database: name })
      expect((await verifyAll(server, folder)).outcomes).toMatchObject([{ verdict: 'proved' }])
    },
  )
})

const OWN_PATH: Readonly<Record<string, { readonly sql: string; readonly path: string; readonly rows: string }>> = {
  usual_path: { sql: UNLOADABLE.plpgsql_call?.sql ?? '', path: 'postgres, public', rows: 'TABLE public.page' },
  path_in_index: { sql: UNLOADABLE.inlined_type?.sql ?? '', path: 'postgres, public', rows: 'TABLE public.wall' },
  path_of_database: {
    sql: `CREATE SCHEMA "it's ""app"; SET search_path = "it's ""app"; ${UNLOADABLE.plpgsql_call?.sql};
      ALTER DATABASE path_of_database SET search_path = pg_catalog, "it's ""app", nowhere`,
    path: `it's "app, nowhere`,
    rows: `TABLE "it's ""app".page`,
  },
  path_of_owner: {
    sql: `CREATE ROLE landlord; CREATE SCHEMA landlord; SET search_path = landlord; ${UNLOADABLE.plpgsql_call?.sql};
      ALTER DATABASE path_of_owner OWNER TO landlord; ALTER DATABASE path_of_owner SET search_path = public;
      ALTER ROLE landlord IN DATABASE path_of_owner SET search_path = "$user"`,
    path: 'landlord',
    rows: 'TABLE landlord.page',
  },
}

describe('FM170 with --own-search-path', { timeout: 240_000 }, () => {
  test.each(Object.entries(OWN_PATH))('%s: it is restored and compared, and said so', async (name, given) => {
    await server.createDatabase(name)
    await server.sql(name, given.sql)
    using folder = proofFolder()
    const archive = await takeBackup(server, folder, { database: name })
    const before = await server.sql(name, given.rows)

    const refused = await runRestore(server, name, { folder, args: ['-f', archive, '--yes'] })
    await server.sql(name, given.rows.replace('TABLE', 'DELETE FROM'))
    const restored = await runRestore(server, name, { folder, args: ['-f', archive, '--yes', '--own-search-path'] })

    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('to have the rows now, backup -r … -f FILE --own-search-path')
    expect(restored.code, restored.stderr).toBe(0)
    expect(restored.stdout).toContain(
      `for names without a schema along the search_path of its database: ${given.path}\n`,
    )
    expect(restored.stdout).toContain('  compared what was loaded is what was dumped')
    expect(restored.stdout).toContain(`it was loaded along the search_path of its database (${given.path})`)
    expect(await server.sql(name, given.rows)).toBe(before)
  })

  test('what is nowhere along it is still missing, and it is not offered again', async () => {
    await server.createDatabase('path_elsewhere')
    await server.sql('path_elsewhere', `CREATE SCHEMA app; SET search_path = app; ${UNLOADABLE.plpgsql_call?.sql}`)
    using folder = proofFolder()
    const archive = await takeBackup(server, folder, { database: 'path_elsewhere' })
    const args = ['-f', archive, '--yes', '--own-search-path']

    const { code, stderr } = await runRestore(server, 'path_elsewhere', { folder, args })

    expect(code).toBe(1)
    expect(stderr).toContain('nor was it found along the search_path of the database, postgres, public')
    expect(stderr).not.toContain('to have the rows now')
  })
})
