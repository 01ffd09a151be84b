import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadInput } from '../../../../src/sources/postgres/load/load-dump.ts'
import { operatorError } from '../../../support/failure.ts'
import { type BinariesWithExtensions, binariesWith, type OwnExtension } from '../../../support/own-extensions.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { type EmptyDatabase, emptyDatabase, loadInto } from './loading.ts'

/** As postgis_tiger_geocoder does: a schema is added to what the session began with, for all sessions of the database. */
const READS_RESET_VAL = `
CREATE TABLE @extschema@.began (path text, now text);
INSERT INTO @extschema@.began SELECT reset_val, setting FROM pg_catalog.pg_settings WHERE name = 'search_path';
DO $$ BEGIN
  EXECUTE pg_catalog.format('ALTER DATABASE %I SET search_path = %s, atlas', pg_catalog.current_database(),
    (SELECT path FROM @extschema@.began));
END $$;`

/** As postgis_topology and pg_hint_plan do. */
const GRANTS_ON_ITS_SCHEMA = 'GRANT USAGE ON SCHEMA @extschema@ TO PUBLIC;'

/** What code of an archive would be found through: the path that the session began with. */
const LOOKS_THROUGH_PATH = `
DO $$ BEGIN
  PERFORM pg_catalog.set_config('search_path', (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'search_path'), true);
  PERFORM planted();
EXCEPTION WHEN undefined_function THEN NULL;
END $$;`

/** As PostGIS has spatial_ref_sys. */
const HAS_TABLE = `CREATE TABLE @extschema@.srs (srid integer PRIMARY KEY); INSERT INTO @extschema@.srs VALUES (1);
GRANT SELECT ON @extschema@.srs TO PUBLIC;`

/** As pg_cron has its jobs: a schema of its own, policies, and a function that relies on that nobody else gets there. */
const HAS_VAULT = `CREATE SCHEMA vault; CREATE TABLE vault.job (id serial, owner text DEFAULT current_user);
GRANT SELECT ON vault.job TO PUBLIC; ALTER TABLE vault.job ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON vault.job USING (owner = current_user);
CREATE FUNCTION vault.reveal() RETURNS void SECURITY DEFINER LANGUAGE plpgsql AS $f$ BEGIN ALTER ROLE surveyor SUPERUSER; END $f$;
SELECT pg_catalog.pg_extension_config_dump('vault.job', ''); SELECT pg_catalog.pg_extension_config_dump('vault.job_id_seq', '');`

/**
 * As pgq has its queues and TimescaleDB its chunks: tables of others in its schema, which may inherit from its own, a trigger's
 * function that not everybody may call, and functions that run as who made them: one looks for names where its caller
 * does, the other in its schema.
 */
const HAS_QUEUES = `CREATE SCHEMA queue; GRANT USAGE ON SCHEMA queue TO PUBLIC;
CREATE TABLE queue.template (id bigint NOT NULL, at xid8 DEFAULT pg_current_xact_id());
CREATE FUNCTION queue.helper(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION queue.looks_like_caller() RETURNS bigint SECURITY DEFINER LANGUAGE plpgsql AS $f$ BEGIN RETURN helper(1); END $f$;
CREATE FUNCTION queue.looks_at_home() RETURNS bigint SECURITY DEFINER LANGUAGE plpgsql SET search_path = queue, pg_temp AS $f$ BEGIN RETURN helper(1); END $f$;
CREATE PROCEDURE queue.looks_too() SECURITY DEFINER LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION queue.fill() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN ALTER ROLE surveyor SUPERUSER; RETURN NEW; END $f$;
REVOKE ALL ON FUNCTION queue.fill() FROM PUBLIC;`

/** As much of TimescaleDB as a load asks of it: the real one is tried in test/trixie. */
const LIKE_TIMESCALE = `CREATE SCHEMA _timescaledb_catalog; GRANT USAGE ON SCHEMA _timescaledb_catalog TO PUBLIC;
CREATE TABLE _timescaledb_catalog.metadata (key name PRIMARY KEY, value text NOT NULL);
INSERT INTO _timescaledb_catalog.metadata VALUES ('timescaledb_version', '1'), ('installed', 'today');
GRANT SELECT ON _timescaledb_catalog.metadata TO PUBLIC;
CREATE FUNCTION _timescaledb_catalog.insert_or_update() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$ BEGIN
  UPDATE _timescaledb_catalog.metadata SET value = NEW.value WHERE key = NEW.key;
  IF FOUND THEN RETURN NULL; END IF;
  RETURN NEW; END $f$;
CREATE TRIGGER insert_or_update BEFORE INSERT ON _timescaledb_catalog.metadata FOR EACH ROW EXECUTE FUNCTION _timescaledb_catalog.insert_or_update();
CREATE FUNCTION @extschema@.timescaledb_pre_restore() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN
  EXECUTE pg_catalog.format('COMMENT ON DATABASE %I IS ''begun''', pg_catalog.current_database()); RETURN true; END $f$;
SELECT pg_catalog.pg_extension_config_dump('_timescaledb_catalog.metadata', '');`

const EXTENSIONS: readonly OwnExtension[] = [
  { name: 'timescaledb', control: 'relocatable = false', script: LIKE_TIMESCALE },
  { name: 'has_queues', control: 'relocatable = false', script: HAS_QUEUES },
  { name: 'reads_path', control: 'relocatable = false', script: READS_RESET_VAL },
  { name: 'grants', control: 'relocatable = false', script: GRANTS_ON_ITS_SCHEMA },
  { name: 'has_table', control: 'relocatable = false', script: HAS_TABLE },
  { name: 'has_vault', control: 'relocatable = false', script: HAS_VAULT },
  { name: 'looks', control: 'relocatable = false', script: LOOKS_THROUGH_PATH },
]

const TRUSTED: Partial<LoadInput> = { superuserObjects: async () => 'trusted', isTrusted: true }

const HEAD = "SET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n"

let binaries: BinariesWithExtensions
let server: PostgresServer
let count = 0

beforeAll(async () => {
  binaries = binariesWith(17, EXTENSIONS)
  server = await startPostgres({ binFolder: binaries.binFolder })
  await server.createRole('surveyor')
}, 120_000)

afterAll(async () => {
  await server?.stop()
  binaries?.[Symbol.dispose]()
})

const fresh = async (): Promise<EmptyDatabase & { readonly name: string }> => {
  const name = `loaded_${++count}`
  return { name, ...(await emptyDatabase(server, name)) }
}

describe('CREATE EXTENSION in a session of its own', () => {
  test('FM173 begins with the schemas of the extensions that are there, which its script reads', async () => {
    const database = await fresh()
    const text = `${HEAD}CREATE SCHEMA atlas; CREATE SCHEMA "Ge o"; CREATE EXTENSION hstore WITH SCHEMA "Ge o";
CREATE EXTENSION citext WITH SCHEMA public; CREATE EXTENSION reads_path WITH SCHEMA atlas;`

    const { errors } = await loadInto(database, text)

    expect(errors).toEqual([])
    const [began] = await server.query(database.name, 'SELECT path FROM atlas.began')
    expect(began).toEqual({ path: '"Ge o", public' })
  })

  test('FM173 leaves nothing of what a script sets in the sessions that come after', async () => {
    const database = await fresh()
    const text = `${HEAD}CREATE SCHEMA atlas; CREATE EXTENSION reads_path WITH SCHEMA atlas;
CREATE TABLE atlas.seen AS SELECT pg_catalog.current_setting('search_path') AS path;`

    await loadInto(database, text)

    expect(await server.query(database.name, 'SELECT path FROM atlas.seen')).toEqual([{ path: '' }])
  })

  test.each([
    ['public', 'CREATE FUNCTION public.planted()'],
    ['the schema of an extension', 'CREATE EXTENSION hstore WITH SCHEMA ext; CREATE FUNCTION ext.planted()'],
    ['a schema that is called like the admin', 'CREATE SCHEMA postgres; CREATE FUNCTION postgres.planted()'],
  ])('FM173 attack: code of the archive in %s is not found through that path', async (_, planted) => {
    const database = await fresh()
    const text = `${HEAD}CREATE SCHEMA ext; CREATE SCHEMA atlas;
${planted} RETURNS void LANGUAGE plpgsql AS $f$ BEGIN ALTER ROLE surveyor SUPERUSER; END $f$;
CREATE EXTENSION looks WITH SCHEMA atlas;`

    await expect(loadInto(database, text)).rejects.toThrow(/EXTENSION looks: it comes behind functions/)

    expect(await server.query('postgres', "SELECT rolsuper FROM pg_roles WHERE rolname = 'surveyor'")).toEqual([
      { rolsuper: false },
    ])
  })
})

describe('what an extension grants on its schema', () => {
  const granted = async (database: string): Promise<unknown> => {
    const [row] = await server.query(
      database,
      "SELECT i.initprivs::text AS initial, n.nspacl::text AS now FROM pg_init_privs i JOIN pg_namespace n ON n.oid = i.objoid WHERE n.nspname = 'atlas'",
    )
    return row
  }

  test('FM174 is kept in the name of the owner whom the dump gives it, not of the loader', async () => {
    const database = await fresh()
    const text = `${HEAD}CREATE SCHEMA atlas;\n\n\nALTER SCHEMA atlas OWNER TO surveyor;\n\nCREATE EXTENSION grants WITH SCHEMA atlas;
CREATE TABLE atlas.t (n integer);`

    await loadInto(database, text)

    const both = '{surveyor=UC/surveyor,=U/surveyor}'
    expect(await granted(database.name)).toEqual({ initial: both, now: both })
  })

  test('FM174 is kept in the name of the admin where the owner is nobody on this server', async () => {
    const database = await fresh()
    const text = `${HEAD}CREATE SCHEMA atlas;\nALTER SCHEMA atlas OWNER TO nobody_here;\nCREATE EXTENSION grants WITH SCHEMA atlas;`

    const { skippedForRoles } = await loadInto(database, text, { missingRoles: 'skip' })

    expect(skippedForRoles).toHaveLength(1)
    expect(await granted(database.name)).toMatchObject({ initial: '{postgres=UC/postgres,=U/postgres}' })
  })

  test('FM174 attack: no schema that is not the loader’s changes hands for it', async () => {
    const database = await fresh()
    const owners = `SELECT n.nspname AS schema, r.rolname AS owner FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
WHERE n.nspname IN ('pg_catalog', 'public', 'information_schema') ORDER BY 1`
    const before = await server.query(database.name, owners)
    const text = `${HEAD}ALTER SCHEMA information_schema OWNER TO surveyor;\nALTER SCHEMA public OWNER TO surveyor;
CREATE EXTENSION grants WITH SCHEMA information_schema; CREATE EXTENSION hstore WITH SCHEMA public;`

    await loadInto(database, text, { missingRoles: 'skip', ignoreErrors: true })

    const during = await server.query(database.name, owners)
    expect(during.filter(({ owner }) => String(owner).startsWith('backup_loader_'))).toEqual([])
    expect(before).toHaveLength(3)
  })
})

describe('a foreign key to a table of an extension', () => {
  const keys = `SELECT conname AS name, convalidated AS valid FROM pg_constraint WHERE contype = 'f' ORDER BY 1`
  const rights = `SELECT has_table_privilege(r.oid, 'public.srs', 'REFERENCES') AS may FROM pg_roles r WHERE rolname = `
  const head = `${HEAD}CREATE EXTENSION has_table WITH SCHEMA public;\n`

  test('FM179 is made, by a right that is lent for it alone', async () => {
    const database = await fresh()
    const text = `${head}CREATE TABLE public.t (n integer, m integer);\nCOPY public.t (n, m) FROM stdin;\n1\t7\n\\.\n
ALTER TABLE ONLY public.t ADD CONSTRAINT valid FOREIGN KEY (n) REFERENCES public.srs(srid) ON DELETE CASCADE;
ALTER TABLE public.t ADD CONSTRAINT unheld FOREIGN KEY (m) REFERENCES public.srs(srid) NOT VALID;`

    await loadInto(database, text)

    expect(await server.query(database.name, keys)).toEqual([
      { name: 'unheld', valid: false },
      { name: 'valid', valid: true },
    ])
    expect(await server.query(database.name, `${rights}'${database.loaderName}'`)).toEqual([{ may: false }])
  })

  test('FM179 that rows break is refused', async () => {
    const text = `${head}CREATE TABLE public.t (n integer);\nCOPY public.t (n) FROM stdin;\n2\n\\.\n
ALTER TABLE ONLY public.t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES public.srs(srid);`

    await expect(loadInto(await fresh(), text)).rejects.toThrow(/a row breaks the foreign key k/)
  })

  test('FM179 attack: a key whose lookup would run code as the owner of that table is not made', async () => {
    const database = await fresh()
    const text = `${head}CREATE TYPE public.poisoned AS ENUM ('1');
CREATE FUNCTION public.attack(public.poisoned) RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN ALTER ROLE surveyor SUPERUSER; RETURN 1; END $f$;
CREATE CAST (public.poisoned AS integer) WITH FUNCTION public.attack(public.poisoned) AS IMPLICIT;
CREATE TABLE public.t (n public.poisoned);\nCOPY public.t (n) FROM stdin;\n1\n\\.\n
ALTER TABLE ONLY public.t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES public.srs(srid);
INSERT INTO public.t VALUES ('1');`

    const { errors } = await loadInto(database, text, { ignoreErrors: true })

    expect(errors).toMatchObject([{ sqlstate: '42501' }])
    expect(await server.query(database.name, keys)).toEqual([])
    const superuser = "SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = 'surveyor'"
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: false }])
    // By the right alone it would have been made, and the code have run.
    await server.query(database.name, 'ALTER TABLE public.t ADD FOREIGN KEY (n) REFERENCES public.srs(srid)')
    await server.query(database.name, "INSERT INTO public.t VALUES ('1')")
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: true }])
    await server.query('postgres', 'ALTER ROLE surveyor NOSUPERUSER')
  })

  test('FM179 attack: no second change rides on the right for a key, so that its rows are looked at', async () => {
    const database = await fresh()
    const text = `${head}CREATE TYPE public.poisoned AS ENUM ('1');
CREATE FUNCTION public.attack(public.poisoned) RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN ALTER ROLE surveyor SUPERUSER; RETURN 1; END $f$;
CREATE CAST (public.poisoned AS integer) WITH FUNCTION public.attack(public.poisoned) AS IMPLICIT;
CREATE TABLE public.t (n public.poisoned);\nCOPY public.t (n) FROM stdin;\n1\n\\.\n
ALTER TABLE ONLY public.t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES public.srs(srid), ADD CONSTRAINT c CHECK (true) NOT VALID;`

    const { errors } = await loadInto(database, text, { ignoreErrors: true })

    expect(errors).toMatchObject([{ sqlstate: '42501' }])
    expect(await server.query(database.name, keys)).toEqual([])
  })

  test('FM179 of another type of the server is made, and one of an own type where a person trusts the archive', async () => {
    const text = `${head}CREATE TABLE public.t (n bigint);
ALTER TABLE ONLY public.t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES public.srs(srid);`
    const own = text
      .replace('public.t (n bigint)', 'public.t (n public.d)')
      .replace('CREATE TABLE', 'CREATE DOMAIN public.d AS integer;\nCREATE TABLE')
    const [database, other] = [await fresh(), await fresh()]

    await loadInto(database, text)
    await expect(loadInto(await fresh(), own)).rejects.toThrow()
    await loadInto(other, own, TRUSTED)

    expect(await server.query(database.name, keys)).toEqual([{ name: 'k', valid: true }])
    expect(await server.query(other.name, keys)).toEqual([{ name: 'k', valid: true }])
  })

  test('FM179 attack: a column gets no such type under a key that was made', async () => {
    const database = await fresh()
    const text = `${head}CREATE TYPE public.poisoned AS ENUM ('1');
CREATE FUNCTION public.attack(public.poisoned) RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN ALTER ROLE surveyor SUPERUSER; RETURN 1; END $f$;
CREATE CAST (public.poisoned AS integer) WITH FUNCTION public.attack(public.poisoned) AS IMPLICIT;
CREATE TABLE public.t (n integer);
ALTER TABLE ONLY public.t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES public.srs(srid);
ALTER TABLE public.t ALTER COLUMN n TYPE public.poisoned USING '1'::public.poisoned;
INSERT INTO public.t VALUES (1);`

    const { errors } = await loadInto(database, text, { ignoreErrors: true })

    expect(errors).toMatchObject([{ sqlstate: '42501' }])
    expect(await server.query(database.name, keys)).toEqual([{ name: 'k', valid: true }])
    const superuser = "SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = 'surveyor'"
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: false }])
  })
})

test('FM179 attack: a schema that is opened for the rows of an extension is closed to code of the archive', async () => {
  const database = await fresh()
  const text = `${HEAD}CREATE EXTENSION has_vault WITH SCHEMA pg_catalog;
CREATE FUNCTION public.opens(n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
  PERFORM vault.reveal(); RETURN 1; EXCEPTION WHEN insufficient_privilege THEN RETURN 0; END $f$;
CREATE TABLE public.before (n integer, opened integer GENERATED ALWAYS AS (public.opens(n)) STORED);
CREATE TABLE public.after (n integer, opened integer GENERATED ALWAYS AS (public.opens(n)) STORED);
COPY public.before (n) FROM stdin;
1
\\.
COPY vault.job (id, owner) FROM stdin;
7\tsomebody
\\.
SELECT pg_catalog.setval('vault.job_id_seq', 7, true);
COPY public.after (n) FROM stdin;
1
\\.
CREATE INDEX late ON public.after (public.opens(n));
`

  const { errors } = await loadInto(database, text, { analyze: true })

  expect(errors).toEqual([])
  expect(await server.query(database.name, 'SELECT id, owner FROM vault.job')).toEqual([{ id: 7, owner: 'somebody' }])
  expect(await server.query(database.name, 'SELECT last_value FROM vault.job_id_seq')).toEqual([{ last_value: '7' }])
  expect(
    await server.query(database.name, 'SELECT opened FROM public.before UNION ALL SELECT opened FROM public.after'),
  ).toEqual([{ opened: 0 }, { opened: 0 }])
  const [surveyor] = await server.query('postgres', "SELECT rolsuper FROM pg_roles WHERE rolname = 'surveyor'")
  expect(surveyor).toEqual({ rolsuper: false })
  const [loader] = await server.query(
    'postgres',
    `SELECT rolbypassrls FROM pg_roles WHERE rolname = '${database.loaderName}'`,
  )
  expect(loader).toEqual({ rolbypassrls: false })
})

describe('a relation in the schema of an extension', () => {
  const head = `${HEAD}CREATE EXTENSION has_queues WITH SCHEMA pg_catalog;\n`
  const rights = (name: string): string =>
    `SELECT has_schema_privilege('${name}', 'queue', 'CREATE') AS may, nspacl::text AS rights FROM pg_namespace WHERE nspname = 'queue'`
  const definers = 'SELECT proname AS name FROM pg_proc WHERE prosecdef ORDER BY 1'
  const superuser = "SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = 'surveyor'"
  /** Code of an archive, in the check of a table that gets a row; it says what became of it. */
  const codeIn = (text: string): string => `CREATE TABLE public.seen (said text);
CREATE FUNCTION public.attack(integer) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN ${text} RETURN true;
EXCEPTION WHEN insufficient_privilege THEN RETURN true; END $f$;
CREATE TABLE public.t (n integer CHECK (public.attack(n)));\nCOPY public.t (n) FROM stdin;\n1\n\\.\n`

  test('FM190 is made with all that hangs on it, by a right that is taken back', async () => {
    const database = await fresh()
    const before = `{postgres=UC/postgres,=U/postgres}`
    const text = `${head}CREATE TABLE public.parent (n integer);
CREATE TABLE queue."Chunk 1" (CONSTRAINT c CHECK ((n > 0))) INHERITS (public.parent);
CREATE SEQUENCE queue.s; CREATE VIEW queue.v AS SELECT n FROM queue."Chunk 1";
CREATE MATERIALIZED VIEW queue.m AS SELECT n FROM queue."Chunk 1" WITH NO DATA;
COPY queue."Chunk 1" (n) FROM stdin;\n1\n\\.
SELECT pg_catalog.setval('queue.s', 5, true);
ALTER TABLE ONLY queue."Chunk 1" ADD CONSTRAINT k PRIMARY KEY (n);
CREATE INDEX i ON queue."Chunk 1" USING btree (n);
REFRESH MATERIALIZED VIEW queue.m;
ALTER TABLE queue."Chunk 1" OWNER TO surveyor;`

    const { errors, withheld } = await loadInto(database, text)

    expect({ errors, withheld }).toEqual({ errors: [], withheld: [] })
    expect(await server.query(database.name, 'SELECT n FROM public.parent')).toEqual([{ n: 1 }])
    expect(await server.query(database.name, 'SELECT n FROM queue.m')).toEqual([{ n: 1 }])
    expect(await server.query(database.name, rights(database.loaderName))).toEqual([{ may: false, rights: before }])
  })

  test('FM190 attack: a routine that code of the archive leaves there ends the load', async () => {
    const code = codeIn(
      'CREATE FUNCTION queue.helper(integer) RETURNS bigint LANGUAGE sql AS $g$ SELECT 1::bigint $g$;',
    )
    const text = `${head}CREATE TABLE queue.own (n integer);\n${code}`

    await expect(loadInto(await fresh(), text, { ignoreErrors: true })).rejects.toThrow(
      /schema queue: it is of an extension, and code of the archive has made a routine/,
    )
  })

  test.each([
    ['an operator', 'CREATE OPERATOR queue.+ (LEFTARG = xid, RIGHTARG = xid, FUNCTION = pg_catalog.xideq)'],
    ['a domain', 'CREATE DOMAIN queue.d AS integer'],
    ['an enum', 'CREATE TYPE queue.e AS ENUM ()'],
    ['a composite type', 'CREATE TYPE queue.c AS (n integer)'],
    ['a collation', 'CREATE COLLATION queue.o FROM "C"'],
  ])('FM190 attack: nor may %s be left there', async (_, made) => {
    const text = `${head}CREATE TABLE queue.own (n integer);\n${codeIn(`${made};`)}`

    await expect(loadInto(await fresh(), text)).rejects.toThrow(/schema queue: it is of an extension/)
  })

  test('FM190 attack: nothing is lent for a routine of the archive, nor in a schema that not everybody may use', async () => {
    const text = `${head}CREATE EXTENSION has_vault WITH SCHEMA pg_catalog;
CREATE FUNCTION queue.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1';\nCREATE TABLE vault.mine (n integer);`

    const { errors } = await loadInto(await fresh(), text, { ignoreErrors: true })

    expect(errors.map(({ kind, identity }) => `${kind} ${identity}`)).toEqual([
      'FUNCTION queue.mine()',
      'TABLE vault.mine',
    ])
  })

  test.each([
    ['in the path of its caller', 'SET LOCAL search_path = public, queue; PERFORM queue.looks_like_caller()', 'public'],
    ['in the schema that it lies in', 'PERFORM queue.looks_at_home()', 'queue'],
  ])(
    'FM193 attack: a function of an extension that looks for names %s runs nothing of the archive as the admin',
    async (_, call, schema) => {
      const database = await fresh()
      const planted = `CREATE FUNCTION ${schema}.helper(integer) RETURNS bigint LANGUAGE plpgsql AS $g$ BEGIN
  ALTER ROLE surveyor SUPERUSER; RETURN 1; END $g$;`
      const text = `${head}CREATE TABLE queue.own (n integer);\n${codeIn(`${planted} ${call}; DROP FUNCTION ${schema}.helper(integer);`)}`

      const { errors } = await loadInto(database, text)

      expect(errors).toEqual([])
      expect(await server.query('postgres', superuser)).toEqual([{ superuser: false }])
      const names = ['looks_at_home', 'looks_like_caller', 'looks_too']
      expect(await server.query(database.name, definers)).toEqual(names.map(name => ({ name })))
    },
  )

  test.each([
    ['a routine', 'CREATE FUNCTION queue.mine() RETURNS integer LANGUAGE sql AS $g$ SELECT 1 $g$'],
    ['a type', 'CREATE TYPE queue."My Kind" AS ENUM (\'a\')'],
    ['a domain', 'CREATE DOMAIN "queue".d AS integer'],
    ['an operator', 'CREATE OPERATOR queue.+ (FUNCTION = pg_catalog.xideq, LEFTARG = xid, RIGHTARG = xid)'],
  ])('FM190 %s in it is withheld by its rule, and made where a person trusts the archive', async (_, made) => {
    const text = `${head}${made};\nCREATE TABLE queue.own (n integer);`

    const { withheld } = await loadInto(await fresh(), text)
    const trusted = await loadInto(await fresh(), text, TRUSTED)

    expect(withheld).toMatchObject([{ text: expect.stringContaining('it lies in a schema that an extension brought') }])
    expect(trusted).toMatchObject({ withheld: [], errors: [] })
  })

  test('FM192 a trigger with a condition is withheld, and made where a person trusts the archive', async () => {
    const text = `${head}CREATE TABLE public.t (n integer);
CREATE TRIGGER a BEFORE INSERT ON public.t FOR EACH ROW WHEN ((new.n > 1)) EXECUTE FUNCTION queue.fill();`

    const { withheld } = await loadInto(await fresh(), text)
    const trusted = await loadInto(await fresh(), text, TRUSTED)

    expect(withheld).toMatchObject([{ text: expect.stringContaining('the server would read the condition') }])
    expect(trusted).toMatchObject({ withheld: [], errors: [] })
  })

  test('FM191 inherits from a table of the extension, where a person trusts the archive', async () => {
    const database = await fresh()
    const text = `${head}CREATE TABLE queue.event_1 (\n)\nINHERITS (queue.template);
CREATE TABLE queue.event_1_0 (\n)\nINHERITS (queue.event_1)\nWITH (fillfactor='100', autovacuum_enabled=off);
ALTER TABLE ONLY queue.event_1 ALTER COLUMN id SET DEFAULT 7;
COPY queue.event_1_0 (id) FROM stdin;\n3\n\\.
CREATE INDEX e ON queue.event_1_0 USING btree (id);
ALTER TABLE queue.event_1 OWNER TO surveyor;`

    const { errors, withheld } = await loadInto(database, text, TRUSTED)

    expect({ errors, withheld }).toEqual({ errors: [], withheld: [] })
    expect(await server.query(database.name, 'SELECT id FROM queue.template')).toEqual([{ id: '3' }])
    const owner =
      "SELECT relowner::regrole::text AS owner FROM pg_class WHERE relname IN ('event_1', 'event_1_0') ORDER BY relname"
    expect(await server.query(database.name, owner)).toEqual([{ owner: 'surveyor' }, { owner: database.loaderName }])
  })

  test('FM191 attack: one with an index is not planned with by who reads the table of the extension', async () => {
    const database = await fresh()
    const text = `${head}CREATE FUNCTION public.deed() RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN
  ALTER ROLE surveyor SUPERUSER; RETURN 1; EXCEPTION WHEN insufficient_privilege THEN RETURN 1; END $f$;
CREATE FUNCTION public.attack(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.deed(); END';
CREATE TABLE public.kid () INHERITS (queue.template);
CREATE INDEX ON public.kid ((public.attack(1)));`

    const { withheld } = await loadInto(database, text)
    await server.query(database.name, 'SELECT id FROM queue.template WHERE id = 1')

    expect(withheld).toMatchObject([
      { name: 'TABLE public.kid', text: expect.stringContaining('plans with the indexes and checks of this one') },
    ])
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: false }])
    // So it would have been.
    await server.query(
      database.name,
      'CREATE TABLE public.kid () INHERITS (queue.template); CREATE INDEX ON public.kid ((public.attack(1)))',
    )
    await server.query('postgres', 'ALTER ROLE surveyor NOSUPERUSER')
    await server.query(database.name, 'SELECT id FROM queue.template WHERE id = 1')
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: true }])
    await server.query('postgres', 'ALTER ROLE surveyor NOSUPERUSER')
  })

  test('FM191 attack: one with an expression is not read by the admin', async () => {
    const database = await fresh()
    const text = `${head}CREATE FUNCTION public.attack(integer) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN
  ALTER ROLE surveyor SUPERUSER; RETURN true; EXCEPTION WHEN insufficient_privilege THEN RETURN true; END $f$;
CREATE DOMAIN public.d AS integer CHECK (public.attack(VALUE));
CREATE TABLE public.child (extra public.d[] DEFAULT '{1}'::public.d[]) INHERITS (queue.template);`

    const { withheld } = await loadInto(database, text)

    expect(withheld).toMatchObject([
      { name: 'TABLE public.child', text: expect.stringContaining('it inherits from a table of an extension') },
    ])
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: false }])
    // So it would have been.
    await server.query(
      database.name,
      `CREATE TABLE public.child (extra public.d[] DEFAULT '{1}'::public.d[]) INHERITS (queue.template)`,
    )
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: true }])
    await server.query('postgres', 'ALTER ROLE surveyor NOSUPERUSER')
  })

  test('FM191 is made all the same where a person trusts the archive', async () => {
    const database = await fresh()
    const text = `${head}CREATE TABLE public.child (extra integer DEFAULT 1) INHERITS (queue.template);\nCOPY public.child (id, extra) FROM stdin;\n1\t2\n\\.\n`

    const { rows } = await loadInto(database, text, TRUSTED)

    expect(rows).toBe(1)
  })

  test('FM192 a trigger whose function not everybody may call is made, and its state given', async () => {
    const database = await fresh()
    const text = `${head}CREATE TABLE public.t (n integer);
CREATE TRIGGER a BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION queue.fill('jobs');
ALTER TABLE public.t DISABLE TRIGGER a;
ALTER TRIGGER a ON public.t DEPENDS ON EXTENSION has_queues;
COMMENT ON TRIGGER a ON public.t IS 'off';
CREATE CONSTRAINT TRIGGER b AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION queue.fill();`

    const { errors } = await loadInto(database, text)

    expect(errors).toEqual([])
    const triggers =
      "SELECT tgname AS name, tgenabled::text AS state FROM pg_trigger WHERE tgrelid = 'public.t'::regclass ORDER BY 1"
    expect(await server.query(database.name, triggers)).toEqual([
      { name: 'a', state: 'D' },
      { name: 'b', state: 'O' },
    ])
    const may = `SELECT has_function_privilege('${database.loaderName}', 'queue.fill()', 'EXECUTE') AS may`
    expect(await server.query(database.name, may)).toEqual([{ may: false }])
  })

  test('FM192 attack: no code of the archive runs while the right to it is lent, and none fires it', async () => {
    const database = await fresh()
    const may = `pg_catalog.has_function_privilege('queue.fill()', 'EXECUTE')
    OR EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = 'public.t'::pg_catalog.regclass)`
    const text = `${head}CREATE TABLE public.t (n integer); CREATE TABLE public.seen (may boolean);
CREATE FUNCTION public.attack(integer) RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN
  INSERT INTO public.seen VALUES (${may}); RETURN 1; END $f$;
CREATE DOMAIN public.d AS integer CHECK (public.attack(VALUE) = 1);
CREATE MATERIALIZED VIEW public.m AS SELECT '{1}'::public.d[] AS n WITH NO DATA;
CREATE TRIGGER a BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION queue.fill();
CREATE TRIGGER read BEFORE INSERT ON public.t FOR EACH ROW WHEN ('{1}'::public.d[] IS NOT NULL) EXECUTE FUNCTION queue.fill();
CREATE TABLE public.other (n public.d);\nCOPY public.other (n) FROM stdin;\n1\n\\.
REFRESH MATERIALIZED VIEW public.m;`

    const { errors } = await loadInto(database, text, { ignoreErrors: true, analyze: true })

    expect(errors.map(({ kind, identity }) => `${kind} ${identity}`)).toEqual(['TRIGGER public.t read'])
    expect(await server.query(database.name, 'SELECT DISTINCT may FROM public.seen')).toEqual([{ may: false }])
    expect(await server.query('postgres', superuser)).toEqual([{ superuser: false }])
  })
})

describe('TimescaleDB', () => {
  const rows = (...pairs: readonly string[]): string =>
    `${HEAD}CREATE SCHEMA "Time"; CREATE EXTENSION timescaledb WITH SCHEMA "Time";
COPY _timescaledb_catalog.metadata (key, value) FROM stdin;\n${pairs.join('\n')}\n\\.\n`

  test('FM190 is told before anything is loaded, and gets the rows that its own trigger changes', async () => {
    const database = await fresh()

    const { errors } = await loadInto(database, rows('installed\tlong ago', 'timescaledb_version\t1', 'other\tkey'))

    expect(errors).toEqual([])
    const metadata = 'SELECT key, value FROM _timescaledb_catalog.metadata ORDER BY 1'
    expect(await server.query(database.name, metadata)).toEqual([
      { key: 'installed', value: 'long ago' },
      { key: 'other', value: 'key' },
      { key: 'timescaledb_version', value: '1' },
    ])
    const said = `SELECT shobj_description(oid, 'pg_database') AS said FROM pg_database WHERE datname = '${database.name}'`
    expect(await server.query(database.name, said)).toEqual([{ said: 'begun' }])
    const may = `SELECT has_table_privilege('${database.loaderName}', '_timescaledb_catalog.metadata', 'UPDATE') AS may`
    expect(await server.query(database.name, may)).toEqual([{ may: false }])
  })

  test('FM190 attack: what it is told is no function of the archive', async () => {
    const text = `${HEAD}CREATE SCHEMA a; CREATE FUNCTION a.timescaledb_pre_restore() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN
  ALTER ROLE surveyor SUPERUSER; RETURN true; END $f$;\nCREATE EXTENSION timescaledb WITH SCHEMA a;`

    await expect(loadInto(await fresh(), text)).rejects.toThrow(/EXTENSION timescaledb: it comes behind functions/)
  })

  test('FM190 rows of another version are understood by nobody here: the load ends, and that is no fault of the archive', async () => {
    const refused = await operatorError(loadInto(await fresh(), rows('timescaledb_version\t2.9')))

    expect(refused).toMatchObject({ kind: 'server', sqlstate: '0A000' })
    expect(refused.message).toContain('the rows of its catalog are of version 2.9, and the server makes version 1')
  })
})
