import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backupEnvironment, manifestBeside, takeBackup } from '../../support/archives.ts'
import { backupFolder, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('files')
  await server.sql(
    'files',
    `CREATE TABLE file AS SELECT 1 AS id, repeat('x', 2000000) AS content UNION SELECT 2, 'short'`,
  )
}, 60_000)

afterAll(() => server?.stop())

test('FM115 a proof for which the memory will not do could not verify, and says what it needs', async () => {
  using folder = backupFolder()
  chmodSync(folder.path, 0o711)
  const archive = await takeBackup(server, folder, { database: 'files' })
  const [table] = manifestBeside(archive).fingerprint.tables
  const longer = readFileSync(`${archive}.json`, 'utf8').replace('2000003', '90000000000000')
  writeFileSync(`${archive}.json`, longer)

  const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: folder.path }
  const result = await runBackup(['-v', 'all'], { conf: folder.conf, env })

  expect(table).toMatchObject({ name: 'public.file', longestRow: 2_000_003 })
  expect(result.code).toBe(5)
  expect(result.stdout).toMatch(
    /NOT PROVED .*\n.*\n.*\n.*\n {2}reason {3}public\.file: needs about 540 TB of memory, since/,
  )
}, 60_000)
