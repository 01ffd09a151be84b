import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openReader } from '../../../../src/sources/postgres/made/reader-role.ts'
import { dumpBack, type LoadedDatabase } from '../../../../src/sources/postgres/round-trip/dump-back.ts'
import { backupEnvironment, takeBackup } from '../../../support/archives.ts'
import { runBackup } from '../../../support/backup-program.ts'
import { loadedDatabase } from '../../../support/comparing.ts'
import { corpusSql, proofFolder, verifyAll } from '../../../support/corpus.ts'
import { mutatedName, withMutations } from '../../../support/mutated-scratch.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { loadersOn, runRestore } from '../../../support/restoring.ts'
import { pathWithPgDump } from '../../../support/stand-in-tools.ts'

const SIGNAL = new AbortController().signal
const HARD = ['support/nasty-schema', 'support/hard-objects', 'support/hard-rights']
const CORPUS = ['admin', 'rights', 'code', 'names', 'tables', 'types', 'hard'] as const

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>

beforeAll(async () => {
  server = await startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements' } })
}, 120_000)

afterAll(() => server?.stop())

beforeEach(() => {
  folder = proofFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

/** The SQL of one database of the corpus. */
function sqlOf(name: (typeof CORPUS)[number]): string {
  if (name === 'hard')
    return HARD.map(file => readFileSync(join(import.meta.dirname, '../../..', `${file}.sql`), 'utf8')).join('\n')
  return corpusSql(name).replace('CSV_FILE', server.writeFile('corpus.csv', '1,one\n2,two\n'))
}

describe('the role that reads back what was loaded', { timeout: 240_000 }, () => {
  test.each(CORPUS)('FM119 dumps of the corpus what a superuser dumps: %s', async name => {
    await server.createDatabase(name)
    await server.sql(name, sqlOf(name))
    const superuser = loadedDatabase(server, name)
    await using reader = await openReader({ admin: server.target('postgres'), connect: superuser }, SIGNAL)
    const loaded: LoadedDatabase = {
      ...superuser,
      target: reader.target(name),
      parameters: reader.connect.parameters ?? {},
      hiddenFromCatalog: reader.isOurs,
    }

    const found = await dumpBack(loaded, {}, SIGNAL)

    const expected = await dumpBack(superuser, {}, SIGNAL)
    expect(labelled(found)).toEqual(labelled(expected))
    expect(found.fingerprint).toEqual(expected.fingerprint)
    expect(reader.isOurs).toBe(true)
  })
})

function labelled({ statements }: Awaited<ReturnType<typeof dumpBack>>): readonly string[] {
  return [...statements].map(({ kind, identity, sha256 }) => `${kind} ${identity} ${sha256}`).toSorted()
}

/** Functions that leave a file behind when they run with a superuser's rights, and say in the log that they ran. */
function baitIn(witness: string): string {
  const casts = [
    'bigint',
    'oid',
    'integer',
    'smallint',
    'xid',
    'regclass',
    'regproc',
    'regtype',
    'aclitem',
    'regprocedure',
  ]
  const bait = (name: string, type: string, result: string): string =>
    `CREATE FUNCTION ${name} RETURNS ${type} LANGUAGE plpgsql AS $bait$ BEGIN
       RAISE WARNING 'bait taken, superuser %', pg_catalog.current_setting('is_superuser');
       IF pg_catalog.current_setting('is_superuser') = 'on' THEN COPY (SELECT 1) TO '${witness}'; END IF;
       RETURN ${result}; END $bait$;`
  return [
    'CREATE SCHEMA bait;',
    ...casts.map(
      type => `${bait(`bait.to_text(${type})`, 'text', `pg_catalog.format('%s', $1)`)}
        CREATE CAST (${type} AS text) WITH FUNCTION bait.to_text(${type}) AS IMPLICIT;`,
    ),
    bait('pg_catalog.array_remove(text[], text)', 'text[]', '$1'),
    bait('pg_catalog.quote_ident(name)', 'text', 'pg_catalog.quote_ident($1::text)'),
    bait('bait.same(oid, regclass)', 'boolean', 'pg_catalog.oideq($1, $2)'),
    bait('bait.name_like(name, name)', 'boolean', 'pg_catalog.namelike($1, $2::text)'),
    bait('bait.name_or(name, text)', 'text', 'pg_catalog.textcat($1::text, $2)'),
    'CREATE OPERATOR pg_catalog.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = bait.same);',
    'CREATE OPERATOR pg_catalog.~~ (LEFTARG = name, RIGHTARG = name, FUNCTION = bait.name_like);',
    'CREATE OPERATOR pg_catalog.|| (LEFTARG = name, RIGHTARG = text, FUNCTION = bait.name_or);',
  ].join('\n')
}

/** What the bait said in a log, each saying once. */
function takersIn(log: string): readonly string[] {
  return [...new Set(log.match(/bait taken, superuser (?:on|off)/g))]
}

/** A path that the server may write to, where nothing is yet. */
function witnessIn({ path }: { readonly path: string }): string {
  const open = join(path, 'witness')
  mkdirSync(open)
  chmodSync(open, 0o777)
  return join(open, 'file')
}

const SHOP = `
  CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
  INSERT INTO customer (name) SELECT 'customer ' || i FROM generate_series(1, 100) i;
  SELECT lo_from_bytea(4711, 'large');`

describe('code that slipped into a loaded database', { timeout: 240_000 }, () => {
  test('FM119 is called with no rights of a superuser in a proof', async () => {
    await server.createDatabase('shop')
    await server.sql('shop', SHOP)
    const archive = await takeBackup(server, folder, { database: 'shop' })
    const witness = witnessIn(folder)
    const { PATH } = withMutations(server, folder, { archive, mutations: [{ sql: baitIn(witness) }] })

    const result = await runBackup(['-v', 'all'], {
      conf: folder.conf,
      env: { ...backupEnvironment(server, folder), VERIFICATION_DIR: folder.scratch, PATH, BACKUP_LOG_LEVEL: 'debug' },
    })

    expect(takersIn(result.stderr)).toEqual(['bait taken, superuser off'])
    expect(existsSync(witness)).toBe(false)
  })

  test('FM119 is called with no rights of a superuser in a restore, and nothing is left of who reads', async () => {
    await server.createDatabase('live')
    await server.sql('live', SHOP)
    await takeBackup(server, folder, { database: 'live' })
    const witness = witnessIn(folder)
    const plant = `PGUSER=${server.superuser} PGPASSWORD=${server.password} ${server.binFolder}/psql -X -q -w -o /dev/null -v ON_ERROR_STOP=1`
    const script = `test "$PGDATABASE" = live || ${plant} <<'BAIT' || exit 1\n${baitIn(witness)}\nBAIT\nexec $REAL "$@"`

    const { code } = await runRestore(server, 'live', {
      folder,
      args: ['--yes', '-I'],
      env: { PATH: pathWithPgDump(folder, server, script) },
    })

    expect(code).toBe(3)
    expect(takersIn(server.log())).toEqual(['bait taken, superuser off'])
    expect(existsSync(witness)).toBe(false)
    expect(await loadersOn(server)).toEqual([])
  })
})

const SECRETS = `
  CREATE TABLE one (n integer);
  CREATE EXTENSION postgres_fdw;
  CREATE SERVER near FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1');
  CREATE USER MAPPING FOR PUBLIC SERVER near OPTIONS (user 'x', password 'a''b\\ ;');
  CREATE USER MAPPING FOR CURRENT_USER SERVER near OPTIONS (user 'y', password 'secret');
  CREATE SUBSCRIPTION "from;" CONNECTION 'host=127.0.0.1 port=1 password=''a \\b''' PUBLICATION "some;", b
    WITH (connect = false, slot_name = NONE, binary = true, streaming = true, synchronous_commit = 'on', disable_on_error = true);
  CREATE SUBSCRIPTION named CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = 'my_slot');
  COMMENT ON SUBSCRIPTION named IS 'unconnected';`

const CHANGES = [
  { sql: '', named: /^$/ },
  {
    sql: "ALTER USER MAPPING FOR PUBLIC SERVER near OPTIONS (SET password 'c')",
    named: /^statement USER MAPPING public/,
  },
  { sql: 'DROP USER MAPPING FOR PUBLIC SERVER near', named: /^statement USER MAPPING public.*: it is in/ },
  { sql: `ALTER SUBSCRIPTION "from;" CONNECTION 'host=127.0.0.1 port=2'`, named: /^statement SUBSCRIPTION "from;"/ },
  { sql: 'ALTER SUBSCRIPTION "from;" SET (binary = false)', named: /^statement SUBSCRIPTION "from;"/ },
  { sql: 'ALTER SUBSCRIPTION "from;" SET (synchronous_commit = local)', named: /^statement SUBSCRIPTION "from;"/ },
  { sql: 'ALTER SUBSCRIPTION named SET (slot_name = NONE)', named: /^statement SUBSCRIPTION named/ },
  { sql: 'ALTER SUBSCRIPTION named SET PUBLICATION q WITH (refresh = false)', named: /^statement SUBSCRIPTION named/ },
  { sql: 'COMMENT ON SUBSCRIPTION named IS NULL', named: /^statement COMMENT SUBSCRIPTION named: it is in/ },
  {
    sql: 'CREATE ROLE other SUPERUSER; ALTER SUBSCRIPTION named OWNER TO other',
    named: /^statement OWNER SUBSCRIPTION named/,
  },
  {
    sql: 'ALTER SUBSCRIPTION named SET (slot_name = NONE); DROP SUBSCRIPTION named',
    named: /^statement SUBSCRIPTION named: it is in/,
  },
]

describe('what pg_dump shows superusers only', { timeout: 240_000 }, () => {
  test('FM120 is compared all the same: each change of a subscription or a user mapping is found and named', async () => {
    await server.createDatabase('secrets')
    await server.sql('secrets', SECRETS)
    onTestFinished(async () => {
      await server.sql(
        'secrets',
        'ALTER SUBSCRIPTION named SET (slot_name = NONE); DROP SUBSCRIPTION named; DROP SUBSCRIPTION "from;"',
      )
    })
    const archive = await takeBackup(server, folder, { database: 'secrets' })

    const { code, outcomes } = await verifyAll(server, folder, {
      ...withMutations(server, folder, { archive, mutations: CHANGES }),
    })

    expect(code).toBe(4)
    expect(outcomes[0]).toMatchObject({ verdict: 'proved', notes: [], reasons: [] })
    const found = CHANGES.slice(1).map(({ sql, named }, index) => {
      const outcome = outcomes.find(({ database }) => database.endsWith(`/${mutatedName(index + 1)}`))
      const words = outcome?.reasons.map(({ kind, name, text }) => `${kind} ${name}: ${text}`) ?? []
      return { sql, verdict: outcome?.verdict, words, isNamed: words.some(each => named.test(each)) }
    })
    expect(found.filter(({ verdict, isNamed }) => verdict !== 'failed' || !isNamed)).toEqual([])
  })
})
