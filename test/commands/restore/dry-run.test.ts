import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf } from '../../support/restoring.ts'

const TIMEOUT = 60_000
const OWNER = { name: 'tob_app', password: 'of-the-owner' }

let server: PostgresServer
/** With an archive of tob and one of wallet. */
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  folder = backupFolder()
  await server.query('postgres', `CREATE ROLE ${OWNER.name} LOGIN PASSWORD '${OWNER.password}'`)
  for (const database of ['tob', 'wallet', 'forms']) {
    await server.createDatabase(database, { owner: OWNER.name })
    await server.sql(database, 'CREATE TABLE note AS SELECT 1 AS n')
  }
  await takeBackup(server, folder, { database: 'tob' })
  await takeBackup(server, folder, { database: 'wallet' })
}, 120_000)
afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

/** With the user who is configured for the host, and nothing of the admin. */
function dryRun(database: string, ...args: readonly string[]): Promise<ProgramResult> {
  const env = { DATABASE_USER: OWNER.name, DATABASE_PASSWORD: OWNER.password, BACKUP_DIR: folder.volume }
  return runBackup(['-r', `127.0.0.1:${server.port}/${database}`, '--dry-run', ...args], { conf: folder.conf, env })
}

describe('backup -r --dry-run without the admin', () => {
  test(
    'FM129 shows the plan as the configured user sees it, and what he cannot see',
    async () => {
      const { code, stdout, stderr } = await dryRun('tob')

      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^Restore {2}\w+\/.*tob_.*\.sql\.gz$/m)
      expect(stdout).toMatch(/^Into .*\/tob \(PostgreSQL [\d.]+, looked at as tob_app\)$/m)
      expect(stdout).toMatch(/now +[\d.]+ .B, 1 table$/m)
      expect(stdout).toMatch(/kept +what is there now, as tob_before_/)
      expect(stdout).toMatch(/unseen +whether postgres can log in, may make and rename databases/)
      expect(stdout).not.toContain('BLOCKED')
      expect(await databasesOf(server)).toEqual(['forms', 'tob', 'wallet'])
    },
    TIMEOUT,
  )

  test(
    'FM129 where nobody can look at the server it shows the archive, and why the rest is missing',
    async () => {
      const env = { BACKUP_DIR: folder.volume }
      const args = ['-r', `127.0.0.1:${server.port}/tob`, '--dry-run']

      const { code, stdout, stderr } = await runBackup(args, { conf: folder.conf, env })

      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^Restore {2}\w+\/.*tob_.*\.sql\.gz$/m)
      expect(stdout).toMatch(/^Into +127\.0\.0\.1:\d+\/tob$/m)
      expect(stdout).toMatch(
        /unseen +the server, and all that may stand in the way there: no user and password are set/,
      )
    },
    TIMEOUT,
  )

  test(
    'FM129 as JSON it is the plan with what is unseen',
    async () => {
      const { code, stdout } = await dryRun('tob', '--json')

      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        plan: { target: { exists: true, admin: 'postgres', seenBy: 'tob_app' }, unseen: [expect.any(String)] },
        failure: null,
      })
    },
    TIMEOUT,
  )

  test(
    'FM127 FM129 it refuses what the restore would refuse',
    async () => {
      const { code, stderr } = await dryRun('forms', '-f', 'wallet')

      expect(code).toBe(2)
      expect(stderr).toContain('which exists')
    },
    TIMEOUT,
  )

  test(
    'FM257 shows what the restore would undo, in rows, as the user who backs it up sees it',
    async () => {
      await server.sql(
        'wallet',
        'INSERT INTO note SELECT 2; CREATE TABLE fresh (n int); GRANT SELECT ON note, fresh TO tob_app',
      )
      const spec = `127.0.0.1:${server.port}/wallet`
      folder.writeConf(spec)

      const shown = await dryRun('wallet')
      const json = await dryRun('wallet', '--json')

      expect(shown.code, shown.stderr).toBe(0)
      expect(shown.stdout).toMatch(/\n\nIn rows, what a restore would undo:\n.*TABLE/)
      expect(shown.stdout).toMatch(/^ {2}public\.note +1 +2 +\+1$/m)
      expect(shown.stdout).toMatch(/^ {2}public\.fresh +- +0 +new$/m)
      expect(JSON.parse(json.stdout).changes).toMatchObject({
        rows: { same: 0, different: [{ table: 'public.note', inArchive: 1, now: 2 }, { table: 'public.fresh' }] },
        notCompared: null,
        loadSeconds: null,
      })
    },
    TIMEOUT,
  )
})
