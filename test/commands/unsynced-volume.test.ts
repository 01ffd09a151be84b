import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backupEnvironment } from '../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup } from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { filesOf } from '../support/volume.ts'

const PRELOAD = fileURLToPath(new URL('../support/refuse-folder-sync.ts', import.meta.url))

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  for (const database of ['shop', 'till']) {
    await server.createDatabase(database)
    await server.sql(database, 'CREATE TABLE t (i int)')
  }
})
afterAll(async () => await server.stop())

/** A volume for two databases whose folders answer to a sync with that code. */
function volumeThatAnswers(
  code: string,
): BackupFolder & { run(args: readonly string[]): ReturnType<typeof runBackup> } {
  const folder = backupFolder(`127.0.0.1:${server.port}/shop\n127.0.0.1:${server.port}/till`)
  const env = { ...backupEnvironment(server, folder), NODE_OPTIONS: `--import ${PRELOAD}`, FOLDER_SYNC: code }
  return { ...folder, run: args => runBackup(args, { conf: folder.conf, env }) }
}

test.each(['EINVAL', 'EBADF', 'ENOTSUP', 'EISDIR'])(
  'FM151 a file system that answers %s to the sync of a folder takes backups, which is noted once a run',
  async code => {
    using volume = volumeThatAnswers(code)

    const result = await volume.run(['-1'])

    expect(result.code).toBe(0)
    expect(result.stdout).toContain('2 of 2 backed up')
    expect(result.stdout.match(/^note .*cannot sync folders/gm)).toHaveLength(1)
    expect(result.stdout).not.toContain('warning')
    expect(filesOf(volume.volume).map(path => path.replace(/.*\.sql/, '.sql'))).toEqual([
      '.sql.gz',
      '.sql.gz.json',
      '.sql.gz',
      '.sql.gz.json',
    ])
  },
)

test('FM151 -c --check says so before the first backup', async () => {
  using volume = volumeThatAnswers('EINVAL')

  const result = await volume.run(['-c', '--check'])

  expect(result.code).toBe(0)
  expect(result.stdout).toMatch(/works +volume .*written and removed; its file system cannot sync folders/)
})

test('FM151 an archive whose name could not be made to last by a disk that breaks is gone, and the run fails', async () => {
  using volume = volumeThatAnswers('EIO')

  const result = await volume.run(['-1'])

  expect(result.code).toBe(1)
  expect(result.stdout).toMatch(/FAILED +\S+: .*\.sql\.gz: the device failed to read or write/)
  expect(filesOf(volume.volume)).toEqual([])
})
