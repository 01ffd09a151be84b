import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { PostgresManifest } from '../../../src/sources/postgres/content.ts'
import { archiveText, backupEnvironment, manifestBeside, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, runRestore } from '../../support/restoring.ts'
import { verificationDir } from '../../support/scratch.ts'
import { rightsOn } from '../../support/server-rights.ts'
import { tamper } from '../../support/tamper.ts'

let source: PostgresServer
let target: PostgresServer
let folder: BackupFolder
/** Where an attack that runs a program leaves its trace; every user may write there. */
let witnesses: string

beforeAll(async () => {
  witnesses = mkdtempSync(join(tmpdir(), 'restored-roles-'))
  await chmod(witnesses, 0o777)
  ;[source, target] = await Promise.all([startPostgres(), startPostgres()])
  await source.sql(
    'postgres',
    `CREATE ROLE app LOGIN PASSWORD 'a-secret-password' CONNECTION LIMIT 9 VALID UNTIL '2040-01-01 00:00:00+00';
     CREATE ROLE grp NOINHERIT; CREATE ROLE boss SUPERUSER CREATEROLE REPLICATION BYPASSRLS CREATEDB LOGIN;
     COMMENT ON ROLE app IS 'it''s the \\ app'; GRANT grp TO app WITH ADMIN OPTION; GRANT pg_execute_server_program TO app;
     ALTER ROLE app SET work_mem = '7MB'; ALTER ROLE app SET log_statement = 'all'; ALTER ROLE app SET "app.Note" = 'x; y';
     ALTER ROLE app SET search_path = "$user", 'my schema';`,
  )
  await source.sql('postgres', 'GRANT SET ON PARAMETER log_statement TO app')
  await source.createDatabase('shop', { owner: 'app' })
  await source.sql(
    'shop',
    `CREATE TABLE t (n int PRIMARY KEY); ALTER TABLE t OWNER TO app; INSERT INTO t SELECT generate_series(1, 9);
     GRANT SELECT ON t TO grp, boss;
     ALTER DATABASE shop SET work_mem = '8MB'; ALTER ROLE grp IN DATABASE shop SET TimeZone = 'UTC';
     REVOKE ALL ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO grp; COMMENT ON DATABASE shop IS 'sells'`,
  )
}, 120_000)

afterAll(async () => {
  rmSync(witnesses, { recursive: true, force: true })
  await source?.stop()
  await target?.stop()
})

beforeEach(() => {
  folder = backupFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

/** How the roles of an archive can be written down. */
const FORMS = ['manifest', 'first version', 'manifest lost', 'bash tool'] as const
type Form = (typeof FORMS)[number]

/** An archive of the database whose roles are written in this form, with more text behind them. */
async function archiveIn(form: Form, planted = ''): Promise<string> {
  const archive = await takeBackup(source, folder, { database: 'shop' })
  if (form === 'bash tool') {
    const roles = await dumpedRoles(source)
    writeFileSync(archive, gzipSync(Buffer.from(roles + planted + archiveText(archive, 'dump'), 'latin1')))
  } else if (planted !== '') tamper(archive, { roles: text => text + planted })
  if (form === 'first version') withManifest(archive, ({ roles: _roles, ...manifest }) => manifest)
  if (form === 'bash tool' || form === 'manifest lost') rmSync(`${archive}.json`)
  return archive
}

function withManifest(archive: string, change: (manifest: PostgresManifest) => unknown): void {
  writeFileSync(`${archive}.json`, JSON.stringify(change(manifestBeside(archive))))
}

/** With passwords, as the bash tool may have kept them. */
async function dumpedRoles({ binFolder, port, superuser, password }: PostgresServer): Promise<string> {
  const env = { PATH: process.env.PATH, PGPASSWORD: password }
  const args = ['--roles-only', '-h', '127.0.0.1', '-p', String(port), '-U', superuser]
  return (await promisify(execFile)(join(binFolder, 'pg_dumpall'), args, { env, encoding: 'latin1' })).stdout
}

/** Restores into a server that has none of the roles; afterwards it has none of them again. */
async function restoreElsewhere(archive: string): Promise<ProgramResult> {
  onTestFinished(async () => {
    for (const database of await databasesOf(target))
      await target.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
    const roles = await target.query('postgres', `SELECT quote_ident(rolname) AS name FROM pg_roles WHERE oid >= 16384`)
    for (const { name } of roles) await target.query('postgres', `DROP OWNED BY ${name}; DROP ROLE ${name}`)
  })
  return await runRestore(target, 'shop', { folder, args: ['-f', archive, '--yes'] })
}

async function verify(archive: string): Promise<ProgramResult> {
  using scratch = verificationDir()
  const env = { ...backupEnvironment(source, folder), VERIFICATION_DIR: scratch.path }
  return await runBackup(['-v', 'all', '-f', archive, '--json'], { conf: folder.conf, env })
}

const program = (trace: string): string => `COPY (SELECT 1) TO PROGRAM 'touch ${join(witnesses, trace)}';\n`

const attack = (trace: string): string => `CREATE ROLE planted SUPERUSER LOGIN PASSWORD 'x';
DO $backup$
BEGIN
  CREATE ROLE planted2 SUPERUSER LOGIN PASSWORD 'x';
  COPY (SELECT 1) TO PROGRAM 'touch ${join(witnesses, trace)}';
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR undefined_object OR invalid_parameter_value THEN
  RAISE WARNING '%', SQLERRM;
END;
$backup$;
ALTER ROLE postgres SET session_preload_libraries TO 'x';
`

describe('the roles of an archive', () => {
  test.each(FORMS)(
    'FM94 FM93 (%s) come back without passwords and without rights over the server',
    async form => {
      const archive = await archiveIn(form)

      const { code, stdout, stderr } = await restoreElsewhere(archive)

      expect({ code, stderr }).toMatchObject({ code: 0 })
      expect(
        await target.query(
          'postgres',
          `SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit,
           rolpassword, rolvaliduntil = '2040-01-01 00:00:00+00' AS until, shobj_description(oid, 'pg_authid') AS comment,
           (SELECT setconfig FROM pg_db_role_setting WHERE setrole = oid AND setdatabase = 0) AS settings
         FROM pg_authid WHERE oid >= 16384 ORDER BY 1`,
        ),
      ).toEqual([
        {
          ...{ rolname: 'app', rolsuper: false, rolinherit: true, rolcreaterole: false, rolcreatedb: false },
          ...{ rolcanlogin: false, rolreplication: false, rolbypassrls: false, rolconnlimit: 9, rolpassword: null },
          ...{ until: true, comment: `it's the \\ app` },
          settings: ['work_mem=7MB', 'app.Note=x; y', 'search_path="$user", "my schema"'],
        },
        {
          ...{ rolname: 'boss', rolsuper: false, rolinherit: true, rolcreaterole: false, rolcreatedb: false },
          ...{ rolcanlogin: false, rolreplication: false, rolbypassrls: false, rolconnlimit: -1, rolpassword: null },
          ...{ until: null, comment: null, settings: null },
        },
        {
          ...{ rolname: 'grp', rolsuper: false, rolinherit: false, rolcreaterole: false, rolcreatedb: false },
          ...{ rolcanlogin: false, rolreplication: false, rolbypassrls: false, rolconnlimit: -1, rolpassword: null },
          ...{ until: null, comment: null, settings: null },
        },
      ])
      expect(
        await target.query(
          'postgres',
          'SELECT roleid::regrole::text AS role, member::regrole::text AS member, admin_option FROM pg_auth_members WHERE member >= 16384',
        ),
      ).toEqual([{ role: 'grp', member: 'app', admin_option: true }])
      expect(await target.query('postgres', 'SELECT parname FROM pg_parameter_acl')).toEqual([])
      expect(stdout).toContain('role boss does not get SUPERUSER, CREATEROLE, CREATEDB, REPLICATION, BYPASSRLS, LOGIN')
      expect(stdout).toContain('role app does not become a member of pg_execute_server_program')
      expect(stdout).toContain('role app does not get the right to SET parameter log_statement')
      expect(stdout).toContain('setting log_statement of role app was not given: only a superuser may set it')
      if (form === 'bash tool') return
      // Its database too has what the archive says.
      expect(await target.query('shop', 'SHOW work_mem')).toEqual([{ work_mem: '8MB' }])
      expect(await target.query('shop', "SELECT has_database_privilege('grp', 'shop', 'CONNECT') AS may")).toEqual([
        { may: true },
      ])
    },
    120_000,
  )

  test.each(FORMS)(
    'FM93 (%s) with more statements than those of roles: none of these is run, and -r names them',
    async form => {
      // Where no manifest says what the dump is, all else is for the loader, whom PostgreSQL refuses a program.
      const more = form === 'manifest' || form === 'first version' ? program(`restore-${form}`) : ''
      const archive = await archiveIn(form, attack(`restore-${form}`) + more)
      const before = await rightsOn(target)

      const { code, stdout, stderr } = await restoreElsewhere(archive)

      expect({ code, stderr }).toMatchObject({ code: 0 })
      expect(existsSync(join(witnesses, `restore-${form}`))).toBe(false)
      expect(await target.query('postgres', `SELECT rolsuper FROM pg_roles WHERE rolname = 'app'`)).toHaveLength(1)
      expect(
        await target.query(
          'postgres',
          `SELECT rolname FROM pg_roles WHERE oid >= 16384 AND rolsuper OR rolname = 'planted2'`,
        ),
      ).toEqual([])
      expect((await rightsOn(target)).pg_authid?.slice(0, before.pg_authid?.length)).toEqual(before.pg_authid)
      // What stands in the text beside the manifest's data is not even read.
      if (form !== 'manifest') expect(stdout).toMatch(/left out .*was not run/)
    },
    120_000,
  )

  test.each(['manifest', 'first version'] as const)(
    'FM93 (%s) with more statements: -v runs none and says no',
    async form => {
      const archive = await archiveIn(form, attack(`verify-${form}`))

      const { code, stdout } = await verify(archive)

      expect(existsSync(join(witnesses, `verify-${form}`))).toBe(false)
      expect(code).not.toBe(0)
      expect(stdout).toContain('roles part: it holds a statement that this program does not write')
    },
    120_000,
  )

  test.each(['manifest lost', 'bash tool'] as const)(
    'FM93 (%s) with more statements: -v runs none of them',
    async form => {
      const archive = await archiveIn(form, attack(`verify-${form}`))

      const { code, stdout } = await verify(archive)

      expect(existsSync(join(witnesses, `verify-${form}`))).toBe(false)
      expect({ code, stdout }).toMatchObject({ code: 5, stdout: expect.stringContaining('was not run') })
    },
    120_000,
  )

  test('FM93 a database part with more statements is never run', async () => {
    const archive = await archiveIn('manifest')
    tamper(archive, { database: text => `${text}${attack('database-part')}${program('database-part')}` })

    const verified = await verify(archive)
    const restored = await restoreElsewhere(archive)

    expect(existsSync(join(witnesses, 'database-part'))).toBe(false)
    expect(verified.code).not.toBe(0)
    expect(verified.stdout).toContain('database part: it holds a statement that this program does not write')
    expect({ code: restored.code, stderr: restored.stderr }).toMatchObject({ code: 0 })
    expect(await target.query('postgres', "SELECT FROM pg_roles WHERE rolname ~ 'planted'")).toEqual([])
  }, 240_000)

  test('FM94 a password, or a superuser, never arrives from a text without a manifest, however it is written', async () => {
    const ways = [
      `WITH LOGIN PASSWORD E'SCRAM\\\\x'`,
      `WITH LOGIN password 'SCRAM'`,
      `WITH LOGIN PASSWORD\n'SCRAM'`,
      'WITH LOGIN PASSWORD $p$SCRAM$p$',
      `WITH LOGIN ENCRYPTED PASSWORD 'SCRAM'`,
      `WITH LOGIN PASSWORD U&'SCRAM'`,
      `WITH LOGIN PASSWORD 'SC'\n'RAM'`,
      `PASSWORD 'SCRAM' SUPERUSER`,
      'WITH SUPERUSER',
    ]
    const statements = ways.map(
      (way, place) =>
        `CREATE ROLE extra${place};\nALTER ROLE extra${place} ${way};\nGRANT SELECT ON TABLE public.t TO extra${place};\n`,
    )
    const archive = await archiveIn('bash tool', statements.join(''))

    const { code, stderr, stdout } = await restoreElsewhere(archive)

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout + stderr).not.toContain('SCRAM')
    const made = await target.query('postgres', "SELECT rolpassword, rolsuper FROM pg_authid WHERE rolname ~ '^extra'")
    expect(made).toEqual(ways.map(() => ({ rolpassword: null, rolsuper: false })))
  }, 120_000)
})

describe('a manifest that somebody changed', () => {
  const change = (archive: string, database: Record<string, unknown>): void =>
    withManifest(archive, manifest => ({ ...manifest, database: { ...manifest.database, ...database } }))
  const injection = `CREATE ON DATABASE postgres TO app; CREATE ROLE planted SUPERUSER; COPY (SELECT 1) TO PROGRAM 'touch `

  test('FM95 the privileges in it never become SQL', async () => {
    const archive = await archiveIn('manifest')
    const privilege = `${injection}${join(witnesses, 'acl')}' --`
    change(archive, { acl: [{ grantee: 'app', privileges: [privilege], grantable: [] }] })

    await restoreElsewhere(archive)

    expect(existsSync(join(witnesses, 'acl'))).toBe(false)
    expect(await target.query('postgres', "SELECT FROM pg_roles WHERE rolname = 'planted'")).toEqual([])
  }, 120_000)

  test('FM95 names, values, comments and the owner in it arrive as text or not at all', async () => {
    const archive = await archiveIn('manifest')
    const nasty = `x"; CREATE ROLE planted SUPERUSER; --'; CREATE ROLE planted SUPERUSER; --`
    change(archive, {
      owner: nasty,
      comment: nasty,
      settings: [
        { role: null, name: 'application_name', value: nasty },
        { role: null, name: nasty, value: 'x' },
        { role: nasty, name: 'work_mem', value: '1MB' },
        { role: null, name: 'session_preload_libraries', value: join(witnesses, 'library') },
        { role: null, name: 'local_preload_libraries', value: 'x' },
        { role: null, name: 'role', value: 'postgres' },
        { role: null, name: 'log_statement', value: 'none' },
        { role: null, name: 'plperl.on_plperlu_init', value: 'x' },
        { role: null, name: 'app.Note', value: nasty },
      ],
      acl: [{ grantee: nasty, privileges: ['CONNECT'], grantable: [] }],
    })

    const { code, stdout, stderr } = await restoreElsewhere(archive)

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(await target.query('postgres', "SELECT FROM pg_roles WHERE rolname ~ 'planted'")).toEqual([])
    expect(
      await target.query(
        'postgres',
        `SELECT setconfig, shobj_description(d.oid, 'pg_database') AS comment FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase`,
      ),
    ).toEqual([{ setconfig: [`application_name=${nasty}`, `app.Note=${nasty}`], comment: nasty }])
    for (const name of [
      'session_preload_libraries',
      'local_preload_libraries',
      'role',
      'log_statement',
      'plperl.on_plperlu_init',
    ])
      expect(stdout).toContain(`setting ${name} of the database was not given`)
  }, 120_000)

  test('FM95 -v gives no scratch database a library to load', async () => {
    const archive = await archiveIn('manifest')
    const settings = [{ role: null, name: 'session_preload_libraries', value: join(witnesses, 'library') }]
    const block = `DO $backup$
BEGIN
  EXECUTE 'ALTER DATABASE ' || pg_catalog.quote_ident(pg_catalog.current_database()) || ' SET "session_preload_libraries" TO ''${join(witnesses, 'library')}''';
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR undefined_object OR invalid_parameter_value THEN
  RAISE WARNING '%', SQLERRM;
END;
$backup$;
`
    tamper(archive, {
      database: () => block,
      manifest: manifest => ({
        ...manifest,
        database: { ...manifest.database, settings, acl: [], comment: null },
      }),
    })

    const { code, stdout } = await verify(archive)

    // A server that tried to load it would refuse the session, and nothing could be compared.
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('not tried: setting session_preload_libraries'),
    })
  }, 120_000)

  test('FM95 roles in it that are none make it one that is not used', async () => {
    const archive = await archiveIn('manifest')
    withManifest(archive, manifest => ({
      ...manifest,
      roles: { roles: [{ name: 'x', connectionLimit: '1 SUPERUSER' }], memberships: [], parameterRights: [] },
    }))

    const { stdout, stderr } = await restoreElsewhere(archive)

    expect(stdout + stderr).toContain('roles.roles.0')
    expect(await target.query('postgres', "SELECT FROM pg_roles WHERE rolname = 'x'")).toEqual([])
  }, 120_000)
})

describe('roles that a server has', () => {
  test.each(FORMS)(
    'FM96 (%s) are the same before and after, and what was revoked stays revoked',
    async form => {
      await using server = await startPostgres()
      const setUp = `CREATE ROLE app LOGIN PASSWORD 'x'; CREATE ROLE grp; CREATE ROLE boss SUPERUSER; CREATE ROLE spare;
      GRANT grp TO app WITH ADMIN OPTION; GRANT pg_read_all_data TO app; GRANT boss TO app; ALTER ROLE app SET work_mem = '1MB';
      COMMENT ON ROLE app IS 'before'`
      await server.sql('postgres', setUp)
      await server.sql('postgres', 'GRANT SET ON PARAMETER log_statement TO app')
      const known = folder
      const archive = await archiveOf(server, form)
      await server.sql(
        'postgres',
        `REVOKE grp FROM app; REVOKE pg_read_all_data FROM app; REVOKE boss FROM app; ALTER ROLE app NOLOGIN CONNECTION LIMIT 3;
       ALTER ROLE app RESET work_mem; ALTER ROLE grp SET work_mem = '2MB'; COMMENT ON ROLE app IS NULL; ALTER ROLE boss NOSUPERUSER`,
      )
      await server.sql('shop', 'DROP OWNED BY spare')
      await server.sql('postgres', 'REVOKE SET ON PARAMETER log_statement FROM app; DROP ROLE spare')
      const before = await rightsOn(server)

      const { code, stderr } = await runRestore(server, 'shop', { folder: known, args: ['-f', archive, '--yes'] })

      expect({ code, stderr }).toMatchObject({ code: 0 })
      const after = await rightsOn(server)
      // The one that was missing is all that is new.
      expect(after.pg_authid).toHaveLength((before.pg_authid?.length ?? 0) + 1)
      expect({ ...after, pg_authid: after.pg_authid?.slice(0, -1) }).toEqual(before)
    },
    120_000,
  )

  /** An archive of a database of this server, with all that its roles have, in this form. */
  async function archiveOf(server: PostgresServer, form: Form): Promise<string> {
    await server.createDatabase('shop', { owner: 'app' })
    await server.sql(
      'shop',
      'CREATE TABLE t (n int); GRANT SELECT ON t TO spare; ALTER ROLE app IN DATABASE shop SET search_path = a',
    )
    const archive = await takeBackup(server, folder, { database: 'shop' })
    if (form === 'bash tool') {
      const text = (await dumpedRoles(server)) + archiveText(archive, 'dump')
      writeFileSync(archive, gzipSync(Buffer.from(text, 'latin1')))
    }
    if (form === 'first version') withManifest(archive, ({ roles: _roles, ...manifest }) => manifest)
    if (form === 'bash tool' || form === 'manifest lost') rmSync(`${archive}.json`)
    return archive
  }
})
