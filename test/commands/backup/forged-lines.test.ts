import { afterAll, beforeAll, expect, test } from 'vitest'
import { backupEnvironment } from '../../support/archives.ts'
import { backupFolder, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

const FORGED = 'backed up  127.0.0.1/shop: 243 kB from 909 kB in 0.2 s -> daily/x.sql.gz'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  await server.sql('shop', `CREATE TABLE "t\n${FORGED}\u001B[1A\u001B[2K" (n int)`)
}, 60_000)

afterAll(() => server?.stop())

test('FM112 the name of a table forges no line on the screen nor in the log', async () => {
  using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
  const reader = { name: 'reader', password: await server.createRole('reader') }

  const result = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, reader) })

  const lines = (result.stdout + result.stderr).split('\n')
  expect(result.code).not.toBe(0)
  expect(lines.join('\n')).toContain('backed up  127.0.0.1/shop')
  expect(lines.filter(line => line.startsWith('backed up'))).toEqual([])
  expect(lines.join('')).not.toContain('\u001B')
})
