import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { archiveText, backupEnvironment, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { startEmbedded } from '../../support/embedded-postgres.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, loadersOn, runRestore } from '../../support/restoring.ts'

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole('app_user')
  await server.createDatabase('app', { owner: 'app_user' })
  await server.sql(
    'app',
    'CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 9); GRANT SELECT ON t TO app_user',
  )
}, 120_000)

afterAll(() => server?.stop())

beforeEach(() => {
  folder = backupFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

/** As the bash tool wrote them: the dump, then plain role statements, as two gzip members, without a manifest. */
async function bashArchive(): Promise<string> {
  const archive = await takeBackup(server, folder, { database: 'app' })
  const dump = archiveText(archive, 'dump')
  const roles =
    'CREATE ROLE app_user;\nALTER ROLE app_user WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN;\nCREATE ROLE postgres;\nCREATE ROLE extra;\n'
  writeFileSync(archive, Buffer.concat([gzipSync(Buffer.from(dump, 'latin1')), gzipSync(roles)]))
  rmSync(`${archive}.json`)
  return archive
}

describe('a restore into another server', () => {
  test('FM64 that is newer than the installed client tools is refused before anything is changed', async () => {
    await using newer = await startEmbedded(18)
    const archive = await takeBackup(server, folder, { database: 'app' })

    const { code, stderr } = await runRestore(newer, 'app', { folder, args: ['-f', archive, '--yes'] })

    expect(code).toBe(1)
    expect(stderr).toMatch(/pg_dump: .* installed; expected version 18 or newer; install postgresql-client-18/)
    expect(await databasesOf(newer)).toEqual([])
    expect(await loadersOn(newer)).toEqual([])
  }, 120_000)

  test('FM158 that no longer has an extension of the archive names the major that is needed, and no package', async () => {
    await using newer = await startEmbedded(17)
    await server.createDatabase('packed')
    await server.sql('packed', 'CREATE EXTENSION adminpack; CREATE EXTENSION old_snapshot')
    const archive = await takeBackup(server, folder, { database: 'packed' })
    const args = ['-r', `127.0.0.1:${newer.port}/packed`, '-f', archive, '--dry-run']

    // A plan that needs no client of 17: it is that of a configured user who is not the admin.
    const user = { name: 'looker', password: 'of-the-looker' }
    await newer.createRole(user.name, user)
    const { code, stdout } = await runBackup(args, { conf: folder.conf, env: backupEnvironment(newer, folder, user) })

    expect(code).toBe(1)
    for (const name of ['adminpack', 'old_snapshot'])
      expect(stdout).toMatch(
        new RegExp(`BLOCKED +PostgreSQL 16 was the last that has the extension ${name}, and this is 17: `),
      )
    expect(stdout).not.toContain('install its package')
  }, 120_000)

  test('FM60 FM63 of an archive of the bash tool with its roles last, into a newer server that has none of them', async () => {
    await using newer = await startEmbedded(17)
    const archive = await bashArchive()

    const { code, stdout, stderr } = await runRestore(newer, 'app', { folder, args: ['-f', archive, '--yes'] })

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('its tables exist and can be read')
    expect(await newer.query('app', 'SELECT count(*)::int AS rows FROM t')).toEqual([{ rows: 9 }])
    expect(await newer.query('app', `SELECT has_table_privilege('app_user', 't', 'SELECT') AS may`)).toEqual([
      { may: true },
    ])
    expect(await loadersOn(newer)).toEqual([])
  }, 120_000)

  test('FM77 a login trigger in the archive does not run with the rights of the admin', async () => {
    await using newer = await startEmbedded(17)
    const archive = await bashArchive()
    const text = gunzipSync(readFileSync(archive)).toString('latin1')
    const trap = `CREATE FUNCTION public.trap() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN ALTER ROLE app_user SUPERUSER; END $$;
CREATE EVENT TRIGGER trap ON login EXECUTE FUNCTION public.trap();
ALTER EVENT TRIGGER trap ENABLE ALWAYS;
`
    const end = '--\n-- PostgreSQL database dump complete'
    writeFileSync(
      archive,
      gzipSync(
        Buffer.from(
          text.replace(end, () => `${trap}\n${end}`),
          'latin1',
        ),
      ),
    )

    const { code, stderr } = await runRestore(newer, 'app', { folder, args: ['-f', archive, '--yes'] })

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(await newer.query('postgres', `SELECT rolsuper FROM pg_roles WHERE rolname = 'app_user'`)).toEqual([
      { rolsuper: false },
    ])
    // The trigger itself came back.
    await newer.query('app', 'SELECT 1')
    expect(await newer.query('postgres', `SELECT rolsuper FROM pg_roles WHERE rolname = 'app_user'`)).toEqual([
      { rolsuper: true },
    ])
  }, 120_000)
})

describe('schemas that Patroni puts into every new database', () => {
  test('those of the archive come back, and those of the template stay out of their way', async () => {
    await server.sql(
      'template1',
      'CREATE SCHEMA metric_helpers; CREATE SCHEMA user_management; CREATE TABLE metric_helpers.of_template ()',
    )
    await server.sql('app', 'CREATE SCHEMA IF NOT EXISTS metric_helpers; CREATE TABLE metric_helpers.of_archive ()')
    await takeBackup(server, folder, { database: 'app' })

    const { code, stderr } = await runRestore(server, 'app', { folder })

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(
      await server.query('app', `SELECT relname FROM pg_class WHERE relnamespace = 'metric_helpers'::regnamespace`),
    ).toEqual([{ relname: 'of_archive' }])
  }, 60_000)
})
