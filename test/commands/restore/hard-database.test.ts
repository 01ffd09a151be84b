import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { takeBackup } from '../../support/archives.ts'
import { backupFolder } from '../../support/backup-program.ts'
import { pictureOf } from '../../support/database-picture.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, loadersOn, runRestore } from '../../support/restoring.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const OBJECTS = read('../../support/nasty-schema.sql') + read('../../support/hard-objects.sql')
const RIGHTS = read('../../support/hard-rights.sql')

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '2', max_locks_per_transaction: '256' } })
  await server.createDatabase('hard')
  await server.sql('hard', OBJECTS)
  await server.sql('hard', RIGHTS)
}, 120_000)

afterAll(() => server?.stop())

describe('a database with everything that makes restores fail', () => {
  test('FM69 FM86 comes back as it was, owners and rights too, beside itself on the same server', async () => {
    using folder = backupFolder()
    const before = await pictureOf(server, 'hard')
    await takeBackup(server, folder, { database: 'hard' })

    const { code, stdout, stderr } = await runRestore(server, 'hard', { folder })

    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('what was loaded is what was dumped')
    expect(stdout).not.toContain('left out')
    const after = await pictureOf(server, 'hard')
    expect(after.facts).toEqual(before.facts)
    expect(after.largeObjects).toEqual(before.largeObjects)
    expect(await loadersOn(server)).toEqual([])
  }, 180_000)

  test('FM69 a failed restore of it leaves nothing, subscriptions too', async () => {
    using folder = backupFolder()
    onTestFinished(() => server.query('postgres', 'DROP DATABASE IF EXISTS elsewhere').then(() => {}))
    const databases = await databasesOf(server)
    const archive = await takeBackup(server, folder, { database: 'hard' })
    const { writeFileSync } = await import('node:fs')
    const manifest = JSON.parse(readFileSync(`${archive}.json`, 'utf8'))
    manifest.fingerprint.sequences.sha256 = '0'.repeat(64)
    writeFileSync(`${archive}.json`, JSON.stringify(manifest))

    const { code, stderr } = await runRestore(server, 'elsewhere', { folder, args: ['-f', archive, '--yes'] })

    expect(code).toBe(1)
    expect(stderr).toContain('what was loaded is not what was dumped')
    expect(await databasesOf(server)).toEqual(databases)
    expect(await loadersOn(server)).toEqual([])
  }, 180_000)
})
