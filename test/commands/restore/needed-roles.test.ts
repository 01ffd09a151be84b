import { rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { RestorePlan } from '../../../src/sources/postgres/restore/restore-plan.ts'
import { archiveText, manifestBeside, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, runRestore } from '../../support/restoring.ts'

let source: PostgresServer
let target: PostgresServer
let folder: BackupFolder

/** Each is named by one kind of thing in the database, or a member of one that is, or on the way between two. */
const NEEDED = [
  ...['at_default', 'by_default', 'chief', 'in_acl', 'in_policy', 'in_setting', 'keeper', 'mapped', 'of_blob'],
  ...['owner', 'person', 'reader', 'team', 'writer'],
]

beforeAll(async () => {
  ;[source, target] = await Promise.all([startPostgres(), startPostgres()])
  await source.sql(
    'postgres',
    `${NEEDED.map(name => `CREATE ROLE ${name};`).join('')}
     CREATE ROLE stranger LOGIN SUPERUSER; CREATE ROLE above; CREATE ROLE beside LOGIN; CREATE ROLE of_chief LOGIN;
     ALTER ROLE owner LOGIN CREATEDB CONNECTION LIMIT 7; ALTER ROLE person LOGIN; ALTER ROLE chief SUPERUSER LOGIN;
     GRANT reader TO team; GRANT team TO person; GRANT above TO reader; GRANT above TO beside; GRANT chief TO of_chief;
     GRANT pg_execute_server_program TO owner; GRANT postgres TO writer`,
  )
  await source.createDatabase('shop', { owner: 'owner' })
  await source.sql(
    'shop',
    `CREATE TABLE t (n int PRIMARY KEY); ALTER TABLE t OWNER TO keeper; INSERT INTO t SELECT generate_series(1, 9);
     CREATE TABLE u (); ALTER TABLE u OWNER TO owner; GRANT SELECT ON t TO reader, chief; GRANT UPDATE (n) ON t TO writer;
     ALTER DEFAULT PRIVILEGES FOR ROLE at_default IN SCHEMA public GRANT SELECT ON TABLES TO by_default;
     CREATE POLICY mine ON t TO in_policy USING (true);
     CREATE FOREIGN DATA WRAPPER inert; CREATE SERVER away FOREIGN DATA WRAPPER inert;
     CREATE USER MAPPING FOR mapped SERVER away;
     SELECT lo_create(4711); ALTER LARGE OBJECT 4711 OWNER TO of_blob;
     GRANT CONNECT ON DATABASE shop TO in_acl; ALTER ROLE in_setting IN DATABASE shop SET work_mem = '7MB'`,
  )
}, 120_000)

afterAll(async () => {
  await source?.stop()
  await target?.stop()
})

beforeEach(() => {
  folder = backupFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

/** A restore into a server that has none of the roles; afterwards it has none of them again. */
async function restoreElsewhere(archive: string, ...args: string[]) {
  onTestFinished(clear)
  return await runRestore(target, 'shop', { folder, args: ['-f', archive, ...args] })
}

async function clear(): Promise<void> {
  for (const database of await databasesOf(target))
    await target.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
  const roles = await target.query('postgres', `SELECT quote_ident(rolname) AS name FROM pg_roles WHERE oid >= 16384`)
  for (const { name } of roles) await target.query('postgres', `DROP OWNED BY ${name}; DROP ROLE ${name}`)
}

async function rolesOnTarget(condition = 'oid >= 16384'): Promise<readonly string[]> {
  const rows = await target.query('postgres', `SELECT rolname FROM pg_roles WHERE ${condition} ORDER BY 1`)
  return rows.map(row => String(row.rolname))
}

const RIGHTS =
  'oid >= 16384 AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR rolcanlogin)'

async function membershipsOnTarget(): Promise<readonly string[]> {
  const rows = await target.query(
    'postgres',
    `SELECT member::regrole::text || ' in ' || roleid::regrole::text AS membership FROM pg_auth_members
     WHERE member >= 16384 ORDER BY 1`,
  )
  return rows.map(row => String(row.membership))
}

/** How the roles of an archive can be written down; the last as the bash tool wrote them, behind the dump. */
const FORMS = ['manifest', 'first version', 'manifest lost', 'behind the dump'] as const

async function archiveIn(form: (typeof FORMS)[number]): Promise<string> {
  const archive = await takeBackup(source, folder, { database: 'shop' })
  if (form === 'manifest') return archive
  const { roles: _roles, ...manifest } = manifestBeside(archive)
  if (form === 'first version') {
    writeFileSync(`${archive}.json`, JSON.stringify(manifest))
    return archive
  }
  const text = archiveText(archive, 'dump') + archiveText(archive, 'roles') + archiveText(archive, 'database')
  if (form === 'behind the dump') writeFileSync(archive, gzipSync(Buffer.from(text, 'latin1')))
  rmSync(`${archive}.json`)
  return archive
}

describe('the roles that a restore makes', () => {
  test.each(FORMS)(
    'FM145 FM146 (%s) are those that the database needs, and have no right beyond it',
    async form => {
      const archive = await archiveIn(form)

      const { code, stdout, stderr } = await restoreElsewhere(archive, '--yes')

      expect({ code, stderr }).toMatchObject({ code: 0 })
      expect(await rolesOnTarget()).toEqual(NEEDED)
      expect(await rolesOnTarget(RIGHTS)).toEqual([])
      expect(await membershipsOnTarget()).toEqual(['person in team', 'team in reader'])
      expect(await rolesOnTarget("rolname = 'owner' AND rolconnlimit = 7")).toEqual(['owner'])
      // Each is said in the plan, and again at the end.
      for (const text of [
        'role owner does not get CREATEDB, LOGIN: --with-role-rights gives them, or ALTER ROLE',
        'role person does not get LOGIN: --with-role-rights gives it, or ALTER ROLE',
        'role chief does not get SUPERUSER, LOGIN: --with-role-rights',
        'role owner does not become a member of pg_execute_server_program: its rights reach beyond one database',
        'role writer does not become a member of postgres: its rights reach beyond one database',
        '4 more roles of the archive, which the server lacks: this database does not need them, and they are not made',
      ])
        expect({ text, times: stdout.split(text).length - 1 }).toEqual({ text, times: 2 })
      expect(stdout).toContain('  role     owner is made: CONNECTION LIMIT 7\n')
      expect(stdout).toContain('  role     reader is made\n')
      expect(stdout).not.toContain('stranger')
    },
    120_000,
  )

  test('FM146 with --with-role-rights they get what they had, and the plan says so before', async () => {
    const archive = await archiveIn('manifest')

    const planned = await restoreElsewhere(archive, '--with-role-rights', '--dry-run', '--json')
    const before = await rolesOnTarget()
    const { code, stdout, stderr } = await restoreElsewhere(archive, '--with-role-rights', '--yes')

    const { plan } = JSON.parse(planned.stdout) as { readonly plan: RestorePlan }
    expect(before).toEqual([])
    expect(plan.roles.withheld).toEqual(['role reader does not become a member of above: the server has no such role'])
    expect(plan.roles.made).toContainEqual({
      name: 'owner',
      attributes: ['CREATEDB', 'LOGIN', 'CONNECTION LIMIT 7'],
    })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(await rolesOnTarget()).toEqual(NEEDED)
    expect(await rolesOnTarget('oid >= 16384 AND rolcanlogin')).toEqual(['chief', 'owner', 'person'])
    expect(await rolesOnTarget('oid >= 16384 AND rolsuper')).toEqual(['chief'])
    expect(await membershipsOnTarget()).toEqual([
      ...['owner in pg_execute_server_program', 'person in team', 'team in reader', 'writer in postgres'],
    ])
    expect(stdout).toContain('  note     role owner: it was made without a password')
    expect(stdout).not.toContain('does not get')
  }, 120_000)

  test('FM146 neither a role that exists, nor one that another is to become, gets a right by the flag', async () => {
    const archive = await archiveIn('manifest')
    await target.query('postgres', 'CREATE ROLE person; CREATE ROLE chief; CREATE ROLE team')
    onTestFinished(clear)

    const { code } = await runRestore(target, 'shop', { folder, args: ['-f', archive, '--with-role-rights', '--yes'] })

    expect(code).toBe(0)
    expect(await rolesOnTarget(RIGHTS)).toEqual(['owner'])
    expect(await membershipsOnTarget()).toEqual(['owner in pg_execute_server_program', 'writer in postgres'])
  }, 120_000)
})
