import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { archivesIn, assertWholeArchive, backupEnvironment } from '../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup } from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { filesOf } from '../support/volume.ts'

const PROGRAMS = 60
const DATABASES = ['red', 'green', 'blue']

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  folder = backupFolder()
  // Every program has up to three sessions: its own, the dump's and that for the roles.
  server = await startPostgres({ settings: { max_connections: '300' } })
  for (const database of DATABASES) {
    await server.createDatabase(database)
    await server.sql(database, `CREATE TABLE ${database} AS SELECT n, md5(n::text) FROM generate_series(1, 20000) n`)
  }
})

afterAll(async () => {
  await server?.stop()
  folder?.[Symbol.dispose]()
})

test(`FM20 FM21 of ${PROGRAMS} programs at once on one volume each makes one whole archive or ends with 11`, async () => {
  const programs = Array.from({ length: PROGRAMS }, (_, number) => DATABASES[number % DATABASES.length] ?? '')

  const results = await Promise.all(programs.map(backUp))

  const codes = results.map(result => result.code)
  const succeeded = codes.filter(code => code === 0).length
  expect(results.filter(result => result.code !== 0 && result.code !== 11)).toEqual([])
  expect(succeeded).toBeGreaterThanOrEqual(DATABASES.length)
  const archives = archivesIn(folder.volume)
  expect(archives).toHaveLength(succeeded)
  for (const archive of archives) {
    assertWholeArchive(archive)
    expect(existsSync(`${archive}.json`)).toBe(true)
  }
  expect(filesOf(folder.volume)).toHaveLength(2 * succeeded)
})

async function backUp(database: string) {
  // Each has its own configuration, and nothing may be pruned.
  const env = {
    ...backupEnvironment(server, folder),
    BACKUP_STRATEGY: 'daily',
    NUM_BACKUPS: '1000',
    DATABASE_SERVICE_NAME: '127.0.0.1',
    POSTGRESQL_PORT_NUM: String(server.port),
    POSTGRESQL_DATABASE: database,
  }
  return await runBackup(['-1'], { conf: folder.conf, env })
}
