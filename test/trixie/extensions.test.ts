import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VerificationOutcome } from '../../src/events.ts'
import { connect } from '../../src/sources/postgres/connection/connection.ts'
import { CRON_DATABASES } from '../../src/sources/postgres/scratch/preload.ts'
import { startScratchServer } from '../../src/sources/postgres/scratch/scratch-server.ts'
import { backupEnvironment, takeBackup } from '../support/archives.ts'
import { runBackup } from '../support/backup-program.ts'
import { proofFolder } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { runRestore } from '../support/restoring.ts'
import { scratchInput, verificationDir } from '../support/scratch.ts'

const PRELOADED = ['pg_cron', 'pg_squeeze', 'pg_stat_statements', 'pgaudit', 'pglogical', 'timescaledb']

/** Databases with extensions as people have them. */
const DATABASES: Readonly<Record<string, string>> = {
  postgis: `CREATE EXTENSION postgis; CREATE EXTENSION postgis_raster; CREATE EXTENSION postgis_topology;
CREATE EXTENSION fuzzystrmatch; CREATE EXTENSION postgis_tiger_geocoder;
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) VALUES (990001, 'CUSTOM', 990001, '', '+proj=utm +zone=10 +datum=NAD83 +units=m +no_defs');
CREATE TABLE parcel (id int PRIMARY KEY, g geometry(Polygon, 3005) CHECK (ST_IsValid(g)));
INSERT INTO parcel SELECT i, ST_SetSRID(ST_Buffer(ST_MakePoint(i % 100, i / 100), 0.4), 3005) FROM generate_series(1, 500) i;
ALTER TABLE parcel ADD srid int NOT NULL DEFAULT 990001 REFERENCES spatial_ref_sys;
CREATE INDEX parcel_g ON parcel USING gist (g); CREATE INDEX parcel_f ON parcel USING gist (ST_Transform(g, 4326));
SELECT topology.CreateTopology('city', 3005, 0.01)`,
  // It has no more what the script of the extension sets.
  'postgis without a search_path': `CREATE EXTENSION postgis; CREATE EXTENSION fuzzystrmatch; CREATE EXTENSION postgis_tiger_geocoder;
ALTER DATABASE "postgis without a search_path" RESET search_path`,
  pgvector: `CREATE EXTENSION vector; CREATE TABLE v (id int, e vector(3)); INSERT INTO v VALUES (1, '[1,2,3]');
CREATE INDEX ON v USING hnsw (e vector_l2_ops)`,
  pg_partman: `CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman;
CREATE TABLE ser (id bigint NOT NULL, v text) PARTITION BY RANGE (id); SELECT partman.create_parent('public.ser', 'id', '1000');
INSERT INTO ser SELECT i, 'x' FROM generate_series(1, 3000) i`,
  age: 'CREATE EXTENSION age; CREATE TABLE t AS SELECT 1 AS n',
  h3: 'CREATE EXTENSION h3; CREATE TABLE cells (c h3index PRIMARY KEY)',
  pgtt: 'CREATE EXTENSION pgtt; CREATE TABLE t AS SELECT 1 AS n',
  orafce: "CREATE EXTENSION orafce; CREATE TABLE t (v oracle.varchar2(20)); INSERT INTO t VALUES ('v')",
  types: `CREATE EXTENSION debversion; CREATE EXTENSION hll; CREATE EXTENSION ip4r; CREATE EXTENSION prefix;
CREATE EXTENSION roaringbitmap; CREATE EXTENSION semver; CREATE EXTENSION unit;
CREATE TABLE t (d debversion, h hll, i ip4r, p prefix_range, r roaringbitmap, s semver, u unit);
INSERT INTO t VALUES ('1:2.0~1', hll_empty(), '10.0.0.1', '12', '{1,2}', '1.2.3', '5 m'); CREATE INDEX ON t USING gist (i)`,
  tools: `CREATE EXTENSION hypopg; CREATE EXTENSION pg_repack; CREATE EXTENSION pg_similarity; CREATE EXTENSION rum;
CREATE TABLE t (v tsvector); INSERT INTO t VALUES ('a b'); CREATE INDEX ON t USING rum (v rum_tsvector_ops)`,
  'postgis whose owner was changed':
    'CREATE EXTENSION postgis; ALTER TABLE spatial_ref_sys OWNER TO app; GRANT SELECT ON spatial_ref_sys TO other',
  pg_hint_plan: 'CREATE EXTENSION pg_hint_plan; CREATE TABLE t AS SELECT 1 AS n',
  timescaledb: `CREATE EXTENSION timescaledb; CREATE SCHEMA weather;
CREATE TABLE weather.measure (at timestamptz NOT NULL, station int NOT NULL CHECK (station < 100), v float8, PRIMARY KEY (station, at));
SELECT create_hypertable('weather.measure', 'at', chunk_time_interval => interval '7 days');
SELECT add_dimension('weather.measure', by_hash('station', 2));
INSERT INTO weather.measure SELECT '2026-01-01'::timestamptz + i * interval '1 hour', i % 7, i FROM generate_series(1, 600) i;
CREATE INDEX ON weather.measure (v);
CREATE TRIGGER quiet BEFORE UPDATE ON weather.measure FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE TABLE weather.plain (n int); INSERT INTO weather.plain VALUES (1)`,
  pgaudit: 'CREATE EXTENSION pgaudit; CREATE TABLE t AS SELECT 1 AS n',
  pg_squeeze: 'CREATE EXTENSION pg_squeeze; CREATE TABLE t AS SELECT 1 AS n',
  pglogical: 'CREATE EXTENSION pglogical; CREATE TABLE t AS SELECT 1 AS n',
  pg_stat_statements: `CREATE EXTENSION pg_stat_statements; CREATE VIEW slow AS SELECT query FROM pg_stat_statements;
CREATE MATERIALIZED VIEW slowest AS SELECT query FROM pg_stat_statements`,
  cron: `CREATE EXTENSION pg_cron; CREATE TABLE t (v text);
SELECT cron.schedule('nightly', '0 3 * * *', 'VACUUM'); SELECT cron.schedule('tick', '1 second', 'INSERT INTO t VALUES (1)');
UPDATE cron.job SET active = false; GRANT USAGE ON SCHEMA cron TO PUBLIC`,
}

/** Its queues inherit from its tables, and so would give the archive's indexes to whoever reads these. */
const PGQ = `CREATE EXTENSION pgq; SELECT pgq.create_queue('jobs'); SELECT pgq.register_consumer('jobs', 'reader');
CREATE TABLE task (id int PRIMARY KEY, v text);
CREATE TRIGGER told AFTER INSERT OR UPDATE ON task FOR EACH ROW EXECUTE FUNCTION pgq.logutriga('jobs');
CREATE TRIGGER off AFTER DELETE ON task FOR EACH ROW EXECUTE FUNCTION pgq.sqltriga('jobs'); ALTER TABLE task DISABLE TRIGGER off;
INSERT INTO task VALUES (1, 'x'); SELECT pgq.insert_event('jobs', 'kind', 'data'); SELECT pgq.ticker()`

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>

beforeAll(async () => {
  const settings = { shared_preload_libraries: PRELOADED.join(','), 'cron.database_name': 'cron', wal_level: 'logical' }
  server = await startPostgres({ settings: { ...settings, 'timescaledb.telemetry_level': 'off' } })
  folder = proofFolder()
  await server.sql('postgres', 'CREATE ROLE app; CREATE ROLE other')
  for (const [name, text] of Object.entries(DATABASES)) {
    await server.createDatabase(name)
    await server.sql(name, text)
  }
}, 300_000)

afterAll(async () => {
  await server?.stop()
  folder?.[Symbol.dispose]()
})

async function proofOf(database: string): Promise<VerificationOutcome | undefined> {
  using own = proofFolder()
  await takeBackup(server, own, { database })
  const env = { ...backupEnvironment(server, own), VERIFICATION_DIR: own.scratch }
  const { stdout } = await runBackup(['-v', 'all', '--json'], { conf: own.conf, env })
  return (JSON.parse(stdout) as { readonly databases: readonly VerificationOutcome[] }).databases[0]
}

describe('a database with', { timeout: 120_000 }, () => {
  test.each(Object.keys(DATABASES))('FM173 FM174 FM175 %s is proved', async name => {
    expect(await proofOf(name)).toMatchObject({ verdict: 'proved' })
  })

  test.each(Object.keys(DATABASES).filter(name => name !== 'cron'))('FM173 FM174 %s is restored', async name => {
    await takeBackup(server, folder, { database: name })

    const { code, stdout } = await runRestore(server, name, { folder })

    expect(stdout).toContain('what was loaded is what was dumped')
    expect(code).toBe(0)
  })

  test('FM190 hypertables are hypertables again, whose chunks are made and whose jobs run', async () => {
    await takeBackup(server, folder, { database: 'timescaledb' })

    const { code } = await runRestore(server, 'timescaledb', { folder })

    expect(code).toBe(0)
    await server.sql('timescaledb', "INSERT INTO weather.measure VALUES ('2027-01-01', 3, 1)")
    const chunks = "SELECT count(*)::int AS n FROM timescaledb_information.chunks WHERE hypertable_name = 'measure'"
    const before = `SELECT count(DISTINCT tableoid)::int AS n FROM weather.measure`
    expect(await server.query('timescaledb', chunks)).toEqual(await server.query('timescaledb', before))
    expect(await server.query('timescaledb', 'SHOW timescaledb.restoring')).toEqual([
      { 'timescaledb.restoring': 'off' },
    ])
    const settings =
      "SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = 'timescaledb'"
    expect(await server.query('timescaledb', settings)).toEqual([])
  })

  test('FM194 attack: a job of an archive that would run as a superuser is not restored unless a person says so', async () => {
    await server.createDatabase('jobs')
    await server.sql(
      'jobs',
      `CREATE EXTENSION timescaledb; CREATE PROCEDURE evil(job_id int, config jsonb) LANGUAGE sql AS 'CREATE TABLE public.ran ()';
INSERT INTO _timescaledb_config.bgw_job (id, application_name, schedule_interval, max_runtime, max_retries, retry_period, proc_schema, proc_name, owner)
VALUES (1000, 'evil', '1 hour', '0', -1, '1 hour', 'public', 'evil', 'postgres')`,
    )
    await takeBackup(server, folder, { database: 'jobs' })

    const refused = await runRestore(server, 'jobs', { folder })
    const inPlace = await runRestore(server, 'jobs', { folder, args: ['--yes', '--in-place', '--unproved'] })
    const still = await server.query('jobs', 'SELECT FROM _timescaledb_config.bgw_job WHERE id = 1000')
    const trusted = await runRestore(server, 'jobs', { folder, args: ['--yes', '--with-superuser-objects'] })

    const words = 'job 1000 of TimescaleDB would run code of the archive as postgres, who has'
    expect(refused.stderr).toContain(words)
    expect(refused.code).toBe(1)
    expect(inPlace.stderr).toContain(words)
    expect(inPlace.code).toBe(1)
    expect(still).toHaveLength(1)
    expect(trusted.code).toBe(0)
  })

  test('FM191 queues of pgq could not verify, and come back where a person trusts the archive', async () => {
    await server.createDatabase('pgq')
    await server.sql('pgq', PGQ)

    const outcome = await proofOf('pgq')
    await takeBackup(server, folder, { database: 'pgq' })
    const refused = await runRestore(server, 'pgq', { folder })
    const trusted = await runRestore(server, 'pgq', { folder, args: ['--yes', '--with-superuser-objects'] })

    expect(outcome).toMatchObject({ verdict: 'could-not-verify' })
    expect(JSON.stringify(outcome?.reasons)).toContain('it inherits from a table of an extension')
    expect(refused.stdout + refused.stderr).toContain('--with-superuser-objects')
    expect(refused.code).not.toBe(0)
    expect(trusted.stdout, trusted.stderr).toContain('what was loaded is what was dumped')
    expect(trusted.code).toBe(0)
  })

  test('FM193 attack: what pgq calls with the rights of who made it is nothing of the archive', async () => {
    await server.createRole('victim')
    await server.createDatabase('elevated')
    await server.sql(
      'elevated',
      `CREATE EXTENSION pgq; SELECT pgq.create_queue('jobs'); SELECT pgq.register_consumer('jobs', 'reader');
CREATE FUNCTION attack(int) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE TABLE t (n int CHECK (attack(n))); INSERT INTO t VALUES (1);
CREATE FUNCTION evil(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN ALTER ROLE victim SUPERUSER; RETURN true;
EXCEPTION WHEN insufficient_privilege THEN RETURN true; END $$;
CREATE OPERATOR = (LEFTARG = int, RIGHTARG = int, FUNCTION = evil);
CREATE OR REPLACE FUNCTION attack(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
  SET LOCAL search_path = public, pg_catalog; PERFORM * FROM pgq.get_consumer_info(); RETURN true;
EXCEPTION WHEN insufficient_privilege THEN RETURN true; END $$`,
    )
    await takeBackup(server, folder, { database: 'elevated' })

    const { code } = await runRestore(server, 'elevated', { folder })

    // Its queue is withheld, and so it is not restored; the check has run all the same.
    expect(code).not.toBe(0)
    const superuser = "SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = 'victim'"
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: false }])
    // So it is for whoever calls it otherwise.
    await server.sql('elevated', 'GRANT INSERT ON t TO victim; SET ROLE victim; INSERT INTO t VALUES (2)')
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: true }])
  })

  test('FM177 pg_cron is not restored beside it, and the plan says so', async () => {
    await takeBackup(server, folder, { database: 'cron' })

    const { code, stdout } = await runRestore(server, 'cron', { folder, args: ['--dry-run'] })

    expect(stdout).toMatch(/BLOCKED +extension pg_cron can be made in database cron \(cron\.database_name\) only/)
    expect(code).toBe(1)
  })
})

test('FM176 attack: a scratch server that has pg_cron preloaded runs no job', async () => {
  using at = verificationDir()
  const lines: string[] = []
  const input = { ...(await scratchInput(at.path)), preload: ['pg_cron', 'timescaledb'] }
  await using scratch = await startScratchServer(
    { ...input, onLine: line => lines.push(line) },
    AbortSignal.timeout(60_000),
  )
  const options = { env: {}, applicationName: 'test' }
  await using admin = await connect(scratch.target('postgres'), options, AbortSignal.timeout(60_000))
  await admin.query(`CREATE DATABASE ${CRON_DATABASES[0]}`)
  await using inside = await connect(scratch.target(CRON_DATABASES[0]), options, AbortSignal.timeout(60_000))

  await inside.query('CREATE EXTENSION pg_cron')
  await inside.query("SELECT cron.schedule('tick', '1 second', 'CREATE TABLE public.ran ()')")

  const others = await inside.query(
    "SELECT backend_type FROM pg_catalog.pg_stat_activity WHERE backend_type ~ 'cron|timescale|launcher|parallel|worker'",
  )
  expect(others).toEqual([])
  // As many as there are libraries with one that begins with the server.
  expect(lines.filter(line => line.includes('too many background workers')).length).toBeGreaterThanOrEqual(2)
})

test('FM198 docs/reference/extensions.md has a row for each extension that is tried here, proved and restored', () => {
  const page = readFileSync(new URL('../../docs/reference/extensions.md', import.meta.url), 'utf8')
  const rows = page.split('\n').map(line => line.split('|').map(cell => cell.trim()))
  const proved = rows.filter(([, , proof]) => proof?.startsWith('yes')).map(([, names]) => names ?? '')
  const tried = Object.values(DATABASES).flatMap(text =>
    [...text.matchAll(/CREATE EXTENSION (\w+)/g)].map(([, name]) => name),
  )

  expect(tried.filter(name => !proved.some(names => names.split(/[^\w]+/).includes(name ?? '')))).toEqual([])
})
