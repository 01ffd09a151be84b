import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { archiveText, backupEnvironment, manifestBeside, sha256Of, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { logEvents } from '../../support/backups.ts'
import { pictureOf } from '../../support/database-picture.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { allProcesses } from '../../support/processes.ts'
import { databasesOf, loadersOn, runRestore, startRestore } from '../../support/restoring.ts'
import { verificationDir } from '../../support/scratch.ts'
import { tamper } from '../../support/tamper.ts'

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '2' } })
  for (const role of ['shop_owner', 'shop_reader']) await server.createRole(role)
}, 120_000)

afterAll(() => server?.stop())

beforeEach(() => {
  folder = backupFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

const SHOP = `
CREATE TABLE customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, kind text DEFAULT 'a');
CREATE TABLE purchase (id bigserial PRIMARY KEY, customer int REFERENCES customer, at timestamptz DEFAULT now());
CREATE INDEX ON purchase (at);
CREATE VIEW buyers AS SELECT name FROM customer JOIN purchase ON customer = customer.id;
INSERT INTO customer (name, kind) SELECT 'customer ' || n, 'a' FROM generate_series(1, 50) n;
INSERT INTO purchase (customer) SELECT 1 + n % 50 FROM generate_series(1, 500) n;
SELECT lo_from_bytea(70001, 'large object');
GRANT SELECT ON customer TO shop_reader;
`

/** A database with an owner, rights, settings and a comment; gone after the test, with all that was made beside it. */
async function makeShop(name: string): Promise<void> {
  await server.createDatabase(name, { owner: 'shop_owner' })
  await server.sql(name, SHOP)
  await server.sql(
    'postgres',
    `ALTER DATABASE "${name}" SET work_mem = '7MB'; ALTER ROLE shop_reader IN DATABASE "${name}" SET search_path = shop, public;
     REVOKE ALL ON DATABASE "${name}" FROM PUBLIC; GRANT CONNECT ON DATABASE "${name}" TO shop_reader;
     COMMENT ON DATABASE "${name}" IS 'sells things'; ALTER DATABASE "${name}" CONNECTION LIMIT 40`,
  )
  onTestFinished(async () => {
    for (const database of await databasesOf(server))
      await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
  })
}

async function rowsIn(database: string, table = 'purchase'): Promise<number> {
  return Number((await server.query(database, `SELECT count(*) FROM ${table}`))[0]?.count)
}

/** As the archive of a role that may not read other roles. */
function takeRolesOut(archive: string): void {
  const manifest = manifestBeside(archive)
  const bytes = manifest.parts.find(part => part.part === 'roles')?.bytes ?? 0
  writeFileSync(archive, readFileSync(archive).subarray(bytes))
  const rest = manifest.parts.filter(part => part.part !== 'roles')
  const parts = rest.map(part => ({ ...part, offset: part.offset - bytes }))
  const file = { parts, storedBytes: manifest.storedBytes - bytes, sha256: sha256Of(archive) }
  writeFileSync(`${archive}.json`, JSON.stringify({ ...manifest, ...file, roles: undefined }))
}

/** Code that an owner of a database may run, and that his database is not to keep. */
const MEDDLING = `CREATE FUNCTION meddle(a integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
  IF current_database() ~ '_restore_' THEN
    EXECUTE format('ALTER DATABASE %I IS_TEMPLATE true', current_database());
    EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 77', current_database());
    EXECUTE format('ALTER DATABASE %I SET work_mem = ''7MB''', current_database());
    EXECUTE format('GRANT ALL ON DATABASE %I TO PUBLIC', current_database());
    EXECUTE format('ALTER ROLE %I PASSWORD ''known''', current_user);
  END IF;
  RETURN true; END $$;`

describe('backup -r', () => {
  test('FM61 FM65 FM86 brings a damaged database back, with clients on it, and keeps what was there', async () => {
    await makeShop('shop')
    const expected = await pictureOf(server, 'shop')
    await takeBackup(server, folder, { database: 'shop' })
    await server.sql('shop', 'DROP TABLE purchase CASCADE; DELETE FROM customer')
    const client = new pg.Client({
      host: server.host,
      port: server.port,
      user: server.superuser,
      password: server.password,
      database: 'shop',
    })
    client.on('error', () => {})
    await client.connect()

    const { code, stdout, stderr } = await runRestore(server, 'shop', { folder })

    expect({ code, stderr: stderr.replace(/^\{.*$/gm, '').trim() }).toEqual({ code: 0, stderr: '' })
    expect(await pictureOf(server, 'shop')).toEqual(expected)
    const [live, kept] = await databasesOf(server)
    expect(live).toBe('shop')
    expect(kept).toMatch(/^shop_before_\d{8}_\d{6}$/)
    expect(await rowsIn(kept ?? '', 'customer')).toBe(0)
    expect(stdout).toContain('1 of postgres')
    expect(stdout).toContain(`DROP DATABASE "${kept}";`)
    expect(stdout).toContain('what was loaded is what was dumped')
    expect(await loadersOn(server)).toEqual([])
  }, 120_000)

  test('a dry run shows the plan and changes nothing', async () => {
    await makeShop('shop')
    await takeBackup(server, folder, { database: 'shop' })
    await server.sql('shop', 'DELETE FROM purchase')

    const { code, stdout } = await runRestore(server, 'shop', { folder, args: ['--dry-run'] })

    expect(code).toBe(0)
    expect(stdout).toMatch(/^Restore {2}\w+\/.*shop_.*\.sql\.gz$/m)
    expect(stdout).toMatch(/kept +what is there now, as shop_before_/)
    expect(stdout).toContain('the archive was never verified')
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await rowsIn('shop')).toBe(0)
  }, 60_000)

  test('FM66 without a terminal and without --yes it refuses before it does anything', async () => {
    const { code, stderr } = await runRestore(server, 'shop', { folder, args: [] })

    expect(code).toBe(2)
    expect(stderr).toContain('there is no terminal to ask on')
  })

  test('FM57 a missing archive is an error, and the live database stays', async () => {
    await makeShop('shop')

    const { code, stderr } = await runRestore(server, 'shop', { folder })

    expect(code).toBe(1)
    expect(stderr).toContain('no archive of it on the volume')
    expect(await databasesOf(server)).toEqual(['shop'])
  }, 60_000)

  test('FM57 FM59 a damaged archive is found before the server is asked for anything', async () => {
    await makeShop('shop')
    const archive = await takeBackup(server, folder, { database: 'shop' })
    const bytes = readFileSync(archive)
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1)
    writeFileSync(archive, bytes)

    const { code, stderr } = await runRestore(server, 'shop', { folder })

    expect(code).toBe(1)
    expect(stderr).toContain('SHA-256')
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await rowsIn('shop')).toBe(500)
  }, 60_000)

  test('FM130 a wrong password says where it came from, and shows it nowhere', async () => {
    await makeShop('shop')
    await takeBackup(server, folder, { database: 'shop' })

    const { code, stdout, stderr } = await runRestore(server, 'shop', { folder, args: ['--yes', '-a', 'Wr0ng-Secret'] })

    expect(code).toBe(1)
    expect(stderr).toContain('password authentication failed')
    expect(stderr).toContain('the password is that of -a: check it')
    expect(stdout + stderr).not.toContain('Wr0ng-Secret')
  }, 60_000)

  test('a target that is not there is made, as the archive remembers it', async () => {
    await makeShop('shop')
    const expected = await pictureOf(server, 'shop')
    await takeBackup(server, folder, { database: 'shop' })
    await server.query('postgres', 'DROP DATABASE shop')

    const { code } = await runRestore(server, 'shop', { folder })

    expect(code).toBe(0)
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await pictureOf(server, 'shop')).toEqual(expected)
  }, 60_000)

  test('another name needs --of or -f, and leaves the first database alone', async () => {
    await makeShop('shop')
    const expected = await pictureOf(server, 'shop')
    const archive = await takeBackup(server, folder, { database: 'shop' })

    const without = await runRestore(server, 'shop copy', { folder })
    const { code } = await runRestore(server, 'shop copy', { folder, args: ['-f', archive, '--yes'] })

    expect(without.code).toBe(1)
    expect(without.stderr).toContain('--of')
    expect(code).toBe(0)
    expect(await databasesOf(server)).toEqual(['shop', 'shop copy'])
    expect((await pictureOf(server, 'shop copy')).rows).toEqual(expected.rows)
  }, 60_000)

  test('FM81 a name of 63 bytes', async () => {
    const name = `${'ä'.repeat(30)}abc`
    await makeShop(name)
    await takeBackup(server, folder, { database: name })
    await server.sql(name, 'DELETE FROM purchase')

    const { code } = await runRestore(server, name, { folder })

    expect(code).toBe(0)
    expect(await rowsIn(name)).toBe(500)
    const kept = (await databasesOf(server)).find(each => each !== name) ?? ''
    expect(kept).toMatch(/^ä+_[0-9a-f]{6}_before_\d{8}_\d{6}$/)
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(63)
  }, 60_000)

  test('FM58 FM75 what is not what was dumped is not swapped in, unless -I says so', async () => {
    await makeShop('shop')
    const archive = await takeBackup(server, folder, { database: 'shop' })
    const manifest = manifestBeside(archive)
    const tables = manifest.fingerprint.tables.map(table => ({ ...table, rows: table.rows + 1 }))
    writeFileSync(`${archive}.json`, JSON.stringify({ ...manifest, fingerprint: { ...manifest.fingerprint, tables } }))

    const refused = await runRestore(server, 'shop', { folder })
    const databases = await databasesOf(server)
    const forced = await runRestore(server, 'shop', { folder, args: ['--yes', '-I', '--json'] })

    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(
      'what was loaded is not what was dumped: table public.customer: 50 rows; expected 51 rows',
    )
    expect(databases).toEqual(['shop'])
    expect(forced.code).toBe(3)
    expect(JSON.parse(forced.stdout)).toMatchObject({ result: { compared: 'different' }, failure: null })
    expect(await loadersOn(server)).toEqual([])
  }, 120_000)

  test('FM60 rights of roles that the server lacks are listed, and the restore succeeds without them', async () => {
    await makeShop('shop')
    await server.createRole('passing')
    await server.sql('shop', 'GRANT SELECT ON purchase TO passing')
    const archive = await takeBackup(server, folder, { database: 'shop' })
    await server.sql('shop', 'REVOKE ALL ON purchase FROM passing; DROP ROLE passing')
    takeRolesOut(archive)

    const { code, stdout } = await runRestore(server, 'shop', { folder })

    expect(code).toBe(0)
    expect(stdout).toMatch(/left out .*the role passing does not exist/)
  }, 60_000)

  test('FM60 FM122 roles that the server lacks are made, and none of them is called left out', async () => {
    await makeShop('shop')
    await server.createRole('temp_worker')
    await server.sql('shop', 'GRANT SELECT ON purchase TO temp_worker')
    await takeBackup(server, folder, { database: 'shop' })
    await server.sql('shop', 'REVOKE ALL ON purchase FROM temp_worker; DROP ROLE temp_worker')

    const args = ['--with-role-rights', '--yes']
    const { code, stdout, stderr } = await runRestore(server, 'shop', { folder, args })

    expect(code).toBe(0)
    expect(stdout).toContain('  note     role temp_worker: it was made without a password')
    expect(stdout).not.toContain('left out')
    expect(stdout).toMatch(
      /^ {2}space {4}the server needs room for .* more, as both databases exist for a while; see that its disk has it$/m,
    )
    expect(stdout).not.toContain('how much space')
    expect(logEvents(stderr)).toContainEqual(expect.objectContaining({ event: 'database-restored', rows: 550 }))
    expect(
      await server.query('shop', `SELECT has_table_privilege('temp_worker', 'purchase', 'SELECT') AS may`),
    ).toEqual([{ may: true }])
  }, 60_000)

  test('FM63 an archive of the bash tool, roles behind the dump, restores; what could not be compared is said', async () => {
    await makeShop('shop')
    const archive = await takeBackup(server, folder, { database: 'shop' })
    rmSync(`${archive}.json`)
    await server.sql('shop', 'DELETE FROM purchase')

    const refused = await runRestore(server, 'shop', { folder, args: [] })
    const { code, stdout } = await runRestore(server, 'shop', { folder })

    expect(refused.code).toBe(2)
    expect(code).toBe(0)
    expect(stdout).toContain('the archive has no manifest')
    expect(stdout).toContain('its tables exist and can be read')
    expect(await rowsIn('shop')).toBe(500)
  }, 60_000)

  test('FM60 an archive that was adopted restores, although the roles in it do not come back in a dump', async () => {
    await makeShop('shop')
    const archive = await takeBackup(server, folder, { database: 'shop' })
    rmSync(`${archive}.json`)
    using scratch = verificationDir()
    const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: scratch.path }
    const adopted = await runBackup(['-v', 'all', '--adopt'], { conf: folder.conf, env })
    await server.sql('shop', 'DELETE FROM purchase')

    const { code, stdout } = await runRestore(server, 'shop', { folder })

    expect(adopted).toMatchObject({ code: 5 })
    expect(code).toBe(0)
    expect(stdout).toContain('what was loaded is what the archive holds')
    expect(await rowsIn('shop')).toBe(500)
  }, 120_000)

  test('in place: what was there is dropped first, and the archive is all that is left of it until the end', async () => {
    await makeShop('shop')
    const expected = await pictureOf(server, 'shop')
    await takeBackup(server, folder, { database: 'shop' })
    await server.sql('shop', 'DELETE FROM purchase')

    const { code, stdout } = await runRestore(server, 'shop', { folder, args: ['--in-place', '--unproved', '--yes'] })

    expect(code).toBe(0)
    expect(stdout).toContain('NOTHING: in place')
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await pictureOf(server, 'shop')).toEqual(expected)
  }, 60_000)

  test('FM97 what code of the archive does to the side database as a whole does not stay, and does not bar its removal', async () => {
    await makeShop('shop')
    await server.sql(
      'shop',
      `${MEDDLING} CREATE TABLE meddled (a integer CHECK (meddle(a))); INSERT INTO meddled VALUES (1)`,
    )
    const facts = async () =>
      await server.query(
        'postgres',
        `SELECT datistemplate, datallowconn, datconnlimit, has_database_privilege('pg_monitor', oid, 'CREATE') AS open,
         (SELECT count(*)::int FROM pg_db_role_setting WHERE setdatabase = d.oid) AS settings FROM pg_database d WHERE datname = 'shop'`,
      )
    const before = await facts()
    await takeBackup(server, folder, { database: 'shop' })

    const restored = await runRestore(server, 'shop', { folder })
    const after = await facts()
    await server.sql(
      'shop',
      "CREATE TABLE refused (a integer CHECK (meddle(a) AND current_database() !~ '_restore_')); INSERT INTO refused VALUES (1)",
    )
    await takeBackup(server, folder, { database: 'shop' })
    const failed = await runRestore(server, 'shop', { folder })

    expect(restored).toMatchObject({ code: 0, stdout: expect.not.stringContaining('left out') })
    expect(after).toEqual(before)
    expect(failed.code).toBe(1)
    expect((await databasesOf(server)).filter(name => name.includes('_restore_'))).toEqual([])
    expect(await loadersOn(server)).toEqual([])
  }, 120_000)

  test('FM91 in place: what only a superuser can make is found before anything is dropped', async () => {
    await makeShop('shop')
    await server.sql('shop', 'CREATE ACCESS METHOD own TYPE TABLE HANDLER heap_tableam_handler')
    await takeBackup(server, folder, { database: 'shop' })
    await server.sql('shop', 'DROP ACCESS METHOD own')

    const { code, stderr } = await runRestore(server, 'shop', { folder, args: ['--in-place', '--unproved', '--yes'] })

    expect(code).toBe(1)
    expect(stderr).toMatch(/ACCESS METHOD own: only a superuser can make it.*--with-superuser-objects/)
    expect(stderr).not.toContain('was dropped before')
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await rowsIn('shop')).toBe(500)
  }, 60_000)

  test('FM185 in place: that the archive was changed since its proof is found before anything is dropped', async () => {
    await makeShop('shop')
    const archive = await takeBackup(server, folder, { database: 'shop' })
    const proof = { at: '2026-11-20T01:00:00Z', from: 'volume', verdict: 'proved', durationSeconds: 1, reasons: [] }
    tamper(archive, {
      dump: text => text.replace(/^(COPY public\..*\n).*\n/m, '$1'),
      manifest: manifest => ({ ...manifest, verifications: [proof] }),
    })

    const { code, stdout, stderr } = await runRestore(server, 'shop', { folder, args: ['--in-place', '--yes'] })

    expect(code).toBe(1)
    expect(stdout).toContain('proved 2026-11-20')
    expect(stderr).toMatch(
      /it is not what its manifest says: .* rows.*; expected what was dumped.*shop was not touched/,
    )
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await rowsIn('shop')).toBe(500)
  }, 60_000)

  test('FM58 a statement that the server refuses stops it, in place with the truth about what is lost; -I goes past it', async () => {
    await makeShop('shop')
    const archive = await takeBackup(server, folder, { database: 'shop' })
    const text = archiveText(archive, 'dump').replace('CREATE VIEW public.buyers', 'CREATE VIEW public.nowhere.buyers')
    writeFileSync(archive, gzipSync(Buffer.from(text, 'latin1')))
    rmSync(`${archive}.json`)

    const stopped = await runRestore(server, 'shop', { folder })
    const between = await databasesOf(server)
    const lost = await runRestore(server, 'shop', { folder, args: ['--in-place', '--unproved', '--yes'] })
    const forced = await runRestore(server, 'shop', { folder, args: ['-I', '--yes'] })

    expect(stopped.code).toBe(1)
    expect(stopped.stderr).toMatch(/VIEW public\.nowhere\.buyers.*expected it to load/)
    expect(between).toEqual(['shop'])
    expect(lost.code).toBe(1)
    expect(lost.stderr).toContain('shop was dropped before; the archive is whole')
    expect(forced.code).toBe(3)
    expect(forced.stdout).toMatch(/ignored .*VIEW public\.nowhere\.buyers|ignored .*public\.nowhere\.buyers/)
    expect(await rowsIn('shop')).toBe(500)
  }, 60_000)

  test('--json prints the plan, what became of it, and nothing else', async () => {
    await makeShop('shop')
    await takeBackup(server, folder, { database: 'shop' })

    const { code, stdout } = await runRestore(server, 'shop', { folder, args: ['--yes', '--json'] })

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      plan: {
        target: { database: 'shop', exists: true, tables: 2 },
        shapeFrom: 'archive',
        factsFrom: 'live database',
        blocks: [],
      },
      result: { compared: 'equal', tables: 2, rows: 550, ignored: [], skipped: [] },
      failure: null,
    })
  }, 60_000)

  test('FM68 SIGTERM while it loads leaves the live database and nothing else', async () => {
    await makeShop('shop')
    await server.sql('shop', `CREATE TABLE big AS SELECT n, md5(n::text) FROM generate_series(1, 300000) n`)
    await takeBackup(server, folder, { database: 'shop' })
    const running = startRestore(server, 'shop', { folder })
    await running.printed(/loading into/)
    while ((await databasesOf(server)).length === 1) await pause(10)

    running.kill('SIGTERM')
    const { code } = await running.result

    expect(code).toBe(143)
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await loadersOn(server)).toEqual([])
    expect(await rowsIn('shop')).toBe(500)
  }, 60_000)

  test('FM79 an expression that PostgreSQL prints differently after one load is no difference, and is noted', async () => {
    await makeShop('shop')
    await server.sql('shop', `CREATE TABLE kinds (kind varchar(9) CHECK (kind IN ('a', 'b')))`)
    await takeBackup(server, folder, { database: 'shop' })

    const { code, stdout } = await runRestore(server, 'shop', { folder })

    expect(code).toBe(0)
    expect(stdout).toContain('1 statement is spelled differently')
    expect((await databasesOf(server)).filter(name => name.includes('again'))).toEqual([])
  }, 60_000)

  test('FM12 no secret is in the arguments of any process, nor in what is printed', async () => {
    await makeShop('shop')
    await takeBackup(server, folder, { database: 'shop' })
    const running = startRestore(server, 'shop', { folder })
    const seen: string[] = []
    const watch = setInterval(() => seen.push(...allProcesses().map(each => each.commandLine)), 20)

    const { code, stdout, stderr } = await running.result
    clearInterval(watch)

    expect(code).toBe(0)
    expect(seen.join('\n')).toContain('pg_dump')
    expect(seen.join('\n') + stdout + stderr).not.toContain(server.password)
  }, 60_000)
})

describe('restoring what somebody else has written', () => {
  test('FM77 code of a table owner does not run with the rights of the admin', async () => {
    await server.createDatabase('trap', { owner: 'shop_owner' })
    onTestFinished(async () => {
      for (const database of await databasesOf(server))
        await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
    })
    await server.sql(
      'trap',
      `SET SESSION AUTHORIZATION shop_owner;
       CREATE SCHEMA own; CREATE FUNCTION own.check(n int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
         IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
           ALTER ROLE shop_reader SUPERUSER;
           COPY (SELECT 1) TO PROGRAM 'cat >${server.folder}/pwned';
         END IF; RETURN true; END $$;
       CREATE TABLE own.t (n int CHECK (own.check(n))); INSERT INTO own.t VALUES (1);
       CREATE INDEX ON own.t ((own.check(n)::text)) WHERE false`.replace(/CREATE INDEX.*$/s, ''),
    )
    await takeBackup(server, folder, { database: 'trap' })

    const { code } = await runRestore(server, 'trap', { folder })

    expect(code).toBe(0)
    expect(await server.query('postgres', `SELECT rolsuper FROM pg_roles WHERE rolname = 'shop_reader'`)).toEqual([
      { rolsuper: false },
    ])
    expect(() => readFileSync(`${server.folder}/pwned`)).toThrow('ENOENT')
  }, 60_000)

  test("FM77 an event trigger of the archive does not run in the admin's own statements", async () => {
    await server.createDatabase('trigger', { owner: 'shop_owner' })
    onTestFinished(async () => {
      for (const database of await databasesOf(server)) {
        await server.sql(database, 'DROP EVENT TRIGGER IF EXISTS trap; DROP SUBSCRIPTION IF EXISTS feed')
        await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
      }
    })
    await server.sql(
      'trigger',
      `CREATE TABLE t (); CREATE FUNCTION trap() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
         ALTER ROLE shop_reader SUPERUSER;
       EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
       CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false);
       CREATE EVENT TRIGGER trap ON ddl_command_end EXECUTE FUNCTION trap();
       ALTER EVENT TRIGGER trap ENABLE ALWAYS`,
    )
    const archive = await takeBackup(server, folder, { database: 'trigger' })

    const { code } = await runRestore(server, 'trigger', { folder })
    const manifest = manifestBeside(archive)
    const sequences = { ...manifest.fingerprint.sequences, count: 1 }
    writeFileSync(
      `${archive}.json`,
      JSON.stringify({ ...manifest, fingerprint: { ...manifest.fingerprint, sequences } }),
    )
    const refused = await runRestore(server, 'trigger', { folder })

    expect([code, refused.code]).toEqual([0, 1])
    expect(await server.query('trigger', 'SELECT evtenabled FROM pg_event_trigger')).toEqual([{ evtenabled: 'A' }])
    expect(await server.query('postgres', `SELECT rolsuper FROM pg_roles WHERE rolname = 'shop_reader'`)).toEqual([
      { rolsuper: false },
    ])
  }, 60_000)
})

describe('an admin who is no superuser', () => {
  test('FM76 restores a database that he owns, as its owner', async () => {
    const password = await server.createRole('landlord', { attributes: 'CREATEDB' })
    const landlord = { name: 'landlord', password }
    await server.createDatabase('house', { owner: 'landlord' })
    onTestFinished(async () => {
      for (const database of await databasesOf(server))
        await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
    })
    await server.query('house', 'CREATE TABLE room (n int PRIMARY KEY); INSERT INTO room VALUES (1), (2)', landlord)
    await takeBackup(server, folder, { database: 'house', user: landlord })
    await server.query('house', 'DELETE FROM room', landlord)

    const { code, stdout } = await runRestore(server, 'house', { folder, admin: landlord })

    expect({ code, warned: stdout.includes('landlord is no superuser') }).toEqual({ code: 0, warned: true })
    expect(await rowsIn('house', 'room')).toBe(2)
    expect(
      await server.query(
        'postgres',
        `SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'house'`,
      ),
    ).toEqual([{ owner: 'landlord' }])
  }, 60_000)
})
