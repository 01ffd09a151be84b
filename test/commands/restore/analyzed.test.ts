import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, loadersOn, runRestore } from '../../support/restoring.ts'

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: 'off' } })
  await server.createRole('shop_owner')
}, 120_000)

afterAll(() => server?.stop())

beforeEach(() => {
  folder = backupFolder()
  onTestFinished(async () => {
    folder[Symbol.dispose]()
    for (const database of await databasesOf(server))
      await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
  })
})

/** Code that only ANALYZE meets: `act` is what it does then. */
function whenAnalyzed(act: string): string {
  return `CREATE FUNCTION whenever(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
    IF pg_catalog.current_query() ~ '^ANALYZE' THEN ${act} END IF;
    RETURN $1; END $$;`
}

const SHOP = `
CREATE TABLE customer (id int PRIMARY KEY, name text);
INSERT INTO customer SELECT n, 'customer ' || n FROM generate_series(1, 200) n;
CREATE TABLE "Größe ""x""" (a int);
INSERT INTO "Größe ""x""" SELECT generate_series(1, 9);
CREATE MATERIALIZED VIEW names AS SELECT name FROM customer;
CREATE TABLE sale (at int, what text) PARTITION BY RANGE (at);
CREATE TABLE sale_1 PARTITION OF sale FOR VALUES FROM (0) TO (10);
CREATE TABLE sale_2 PARTITION OF sale FOR VALUES FROM (10) TO (20);
INSERT INTO sale SELECT n % 20, 'thing' FROM generate_series(1, 100) n;
CREATE EXTENSION hstore;`

async function archiveOf(content: string): Promise<void> {
  await server.createDatabase('shop', { owner: 'shop_owner' })
  await server.sql('shop', content)
  await takeBackup(server, folder, { database: 'shop' })
}

async function analyzedIn(database: string): Promise<readonly string[]> {
  const rows = await server.query(
    database,
    "SELECT DISTINCT tablename AS name FROM pg_stats WHERE schemaname = 'public' ORDER BY 1",
  )
  return rows.map(({ name }) => String(name))
}

const ALL = ['Größe "x"', 'customer', 'names', 'sale', 'sale_1', 'sale_2']

describe('the planner’s statistics of what was restored', { timeout: 120_000 }, () => {
  test.each([
    { way: 'beside the live one', args: ['--yes'] },
    { way: 'in its place', args: ['--in-place', '--unproved', '--yes'] },
  ])('FM142 are there after the swap, of all tables: $way', async ({ args }) => {
    await archiveOf(SHOP)

    const { code, stdout } = await runRestore(server, 'shop', { folder, args })

    expect({ code, analyzed: (await analyzedIn('shop')).toSorted() }).toEqual({ code: 0, analyzed: ALL })
    expect(stdout).toMatch(/loaded +as shop_restore_\d+_\d+, and analyzed$/m)
    expect(stdout).toContain('what was loaded is what was dumped')
    expect(stdout).not.toMatch(/^ {2}(note|left out|ignored)/m)
    expect(await loadersOn(server)).toEqual([])
  })

  test('FM142 are left out where --no-analyze says so, and the plan says it', async () => {
    await archiveOf(SHOP)

    const { code, stdout } = await runRestore(server, 'shop', { folder, args: ['--no-analyze', '--yes'] })

    expect({ code, analyzed: await analyzedIn('shop') }).toEqual({ code: 0, analyzed: [] })
    expect(stdout).toMatch(/loaded +as shop_restore_\d+_\d+, not analyzed \(--no-analyze\)$/m)
  })

  test('FM142 are a note that names the table where ANALYZE fails, and the restore is done, in place too', async () => {
    await archiveOf(`${SHOP} ${whenAnalyzed("RAISE EXCEPTION 'no';")} CREATE INDEX ON customer (whenever(id));`)

    const { code, stdout } = await runRestore(server, 'shop', { folder, args: ['--in-place', '--unproved', '--yes'] })

    expect({ code, analyzed: (await analyzedIn('shop')).toSorted() }).toEqual({
      code: 0,
      analyzed: ALL.filter(name => name !== 'customer'),
    })
    expect(stdout).toContain(
      'note     the planner has no statistics of public.customer (the server refused it, SQLSTATE P0001): ',
    )
    expect(await server.query('shop', 'SELECT count(*)::int AS n FROM customer')).toEqual([{ n: 200 }])
  })

  test('FM142 of a partition that fails take none of its sisters along', async () => {
    await archiveOf(`${SHOP} ${whenAnalyzed("RAISE EXCEPTION 'no';")} CREATE INDEX ON sale_1 (whenever(at));`)

    const { code, stdout } = await runRestore(server, 'shop', { folder })

    expect(code).toBe(0)
    expect(await analyzedIn('shop')).toContain('sale_2')
    expect(stdout).toMatch(/^ {2}note .*public\.sale \(.*public\.sale_1 \(/m)
  })

  test('FM142 are gathered before the comparison: what ANALYZE’s code changes is found, and sequences are set again', async () => {
    const draws = `CREATE SEQUENCE s; SELECT setval('s', 7);
      ${whenAnalyzed("PERFORM nextval('public.s');")} CREATE INDEX ON customer (whenever(id));`
    await archiveOf(`${SHOP} ${draws}`)

    const drawn = await runRestore(server, 'shop', { folder })

    expect(drawn.code).toBe(0)
    expect(await server.query('shop', 'SELECT last_value::int AS n FROM s')).toEqual([{ n: 7 }])
  })

  test('FM142 cost no row unseen: what their code adds to a table is a difference', async () => {
    const adds = `CREATE TABLE added (a int);
      CREATE FUNCTION add() RETURNS void LANGUAGE sql AS 'INSERT INTO public.added VALUES (1)';
      ${whenAnalyzed('PERFORM public.add();')} CREATE INDEX ON customer (whenever(id));`
    await archiveOf(`${SHOP} ${adds}`)

    const added = await runRestore(server, 'shop', { folder })

    expect(added.code).toBe(1)
    expect(added.stderr).toContain('what was loaded is not what was dumped: table public.added')
  })
})

describe('an index expression of an archive whose table is a superuser’s', { timeout: 120_000 }, () => {
  test('FM143 is called by ANALYZE with the rights of the loader, and never with those of the admin', async () => {
    const tells = `${whenAnalyzed(`RAISE LOG 'analyzed as % of %', current_user,
      (SELECT rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid)
       FROM pg_catalog.pg_roles r WHERE r.rolname = current_user);`)}
      ALTER TABLE customer OWNER TO ${server.superuser};
      CREATE INDEX ON customer (whenever(id));
      CREATE STATISTICS st ON (whenever(id)), name FROM customer;
      CREATE TABLE kept AS SELECT 1 AS a; CREATE INDEX ON kept (a) WHERE whenever(a) > 0;`
    await archiveOf(`${SHOP} ${tells}`)
    const before = server.log().length

    const { code } = await runRestore(server, 'shop', { folder })

    expect(code).toBe(0)
    const callers = new Set(
      [
        ...server
          .log()
          .slice(before)
          .matchAll(/analyzed as (.*)$/gm),
      ].map(([, who]) => who),
    )
    expect([...callers]).toEqual([expect.stringMatching(/^backup_loader_[0-9a-f]+ of f$/)])
    expect(
      await server.query('shop', "SELECT tableowner AS owner FROM pg_tables WHERE tablename = 'customer'"),
    ).toEqual([{ owner: server.superuser }])
  })

  test('FM143 is called where names mean what PostgreSQL has, whatever code of the archive did to its session', async () => {
    // Tables are known by their names, and a schema may have got the name of another one, that of an extension of the admin.
    const turns = `CREATE FUNCTION turn(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
        PERFORM pg_catalog.set_config('search_path', 'public', false); RETURN true; END $$;
      CREATE TABLE turned (a integer CHECK (turn(a))); INSERT INTO turned VALUES (1);
      ${whenAnalyzed("RAISE LOG 'analyzed in (%)', pg_catalog.current_setting('search_path');")}
      CREATE INDEX ON customer (turn(id)); CREATE INDEX ON turned (whenever(a));`
    await archiveOf(`${SHOP} ${turns}`)
    const before = server.log().length

    const { code } = await runRestore(server, 'shop', { folder })

    expect(code).toBe(0)
    const paths = new Set(
      [
        ...server
          .log()
          .slice(before)
          .matchAll(/analyzed in \((.*)\)$/gm),
      ].map(([, path]) => path),
    )
    expect([...paths]).toEqual(['pg_catalog'])
  })
})
