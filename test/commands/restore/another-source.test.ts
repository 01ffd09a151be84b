import { rmSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, runRestore } from '../../support/restoring.ts'

const TIMEOUT = 120_000

let server: PostgresServer
/** With an archive of tob and one of wallet. */
let folder: BackupFolder
let walletArchive: string

beforeAll(async () => {
  server = await startPostgres()
  folder = backupFolder()
  for (const database of ['tob', 'wallet', 'forms']) {
    await server.createDatabase(database)
    await server.sql(database, `CREATE TABLE whose AS SELECT '${database}'::text AS name`)
  }
  await takeBackup(server, folder, { database: 'tob' })
  walletArchive = await takeBackup(server, folder, { database: 'wallet' })
}, TIMEOUT)
afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

let before: readonly string[]
beforeEach(async () => {
  before = await databasesOf(server)
  onTestFinished(async () => {
    for (const made of (await databasesOf(server)).filter(each => !before.includes(each)))
      await server.query('postgres', `DROP DATABASE "${made}" WITH (FORCE)`)
  })
})

const name = (database: string): string => `127.0.0.1:${server.port}/${database}`

async function whose(database: string): Promise<unknown> {
  return (await server.query(database, 'SELECT name FROM whose'))[0]?.name
}

function restore(database: string, ...args: readonly string[]): Promise<ProgramResult> {
  return runRestore(server, database, { folder, args })
}

describe('an archive of another database', () => {
  test.each([
    ['a part of its name', () => 'wallet'],
    ['its stem', () => '127.0.0.1-wallet'],
    ['its file name', () => basename(walletArchive)],
    ['its path', () => walletArchive],
  ])(
    'FM127 named by %s is not restored into one that has archives of its own, whatever confirms it',
    async (_, filter) => {
      const { code, stderr } = await restore('tob', '-f', filter(), '--yes')

      expect(code, stderr).toBe(2)
      expect(stderr).toContain(`${name('tob')}: -f names `)
      expect(stderr).toContain(`${basename(walletArchive)}, of ${name('wallet')}`)
      expect(stderr).toContain('--of')
      expect(await whose('tob')).toBe('tob')
      expect(await databasesOf(server)).toEqual(before)
    },
    TIMEOUT,
  )

  test(
    'FM127 is not restored into a database that exists, although it has no archive of its own',
    async () => {
      const { code, stderr } = await restore('forms', '-f', 'wallet', '--yes')
      const dry = await restore('forms', '-f', 'wallet', '--dry-run')

      expect([code, dry.code], stderr).toEqual([2, 2])
      expect(stderr).toContain(`of ${name('wallet')}; expected an archive of ${name('forms')}, which exists`)
      expect(stderr).toContain(`--of ${name('wallet')}`)
      expect(await whose('forms')).toBe('forms')
      expect(await databasesOf(server)).toEqual(before)
    },
    TIMEOUT,
  )

  test(
    'FM127 goes into it with --of, whose first line of the plan says so',
    async () => {
      const { code, stdout, stderr } = await restore('forms', '--of', name('wallet'), '--yes')
      expect(code, stderr).toBe(0)
      const kept = (await databasesOf(server)).find(each => each.startsWith('forms_before_')) ?? ''
      const found = [await whose('forms'), await whose(kept)]
      await server.query('postgres', 'DROP DATABASE forms')
      await server.query('postgres', `ALTER DATABASE "${kept}" RENAME TO forms`)

      expect(stdout.split('\n')[0]).toBe(
        `ANOTHER  database's content goes into ${name('forms')}: that of ${name('wallet')}`,
      )
      expect(found).toEqual(['wallet', 'forms'])
    },
    TIMEOUT,
  )

  test('FM127 beside --of the filter decides among the archives of that one only', async () => {
    const { code, stderr } = await restore('forms', '--of', name('tob'), '-f', 'wallet', '--yes')

    expect(code).toBe(2)
    expect(stderr).toContain(`of ${name('wallet')}; expected an archive of ${name('tob')}`)
    expect(await databasesOf(server)).toEqual(before)
  })

  test(
    'FM127 makes a database that is not there, as the bash tool restored elsewhere',
    async () => {
      const { code, stdout, stderr } = await restore('new', '-f', 'wallet', '--yes')

      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^ANOTHER /)
      expect(await whose('new')).toBe('wallet')
    },
    TIMEOUT,
  )

  test('FM127 is not guessed among those of several', async () => {
    const { code, stderr } = await restore('new', '-f', 'daily', '--yes')

    expect(code).toBe(2)
    expect(stderr).toContain(`${name('new')}: -f names archives of`)
    for (const candidate of ['tob', 'wallet']) expect(stderr).toContain(name(candidate))
    expect(await databasesOf(server)).toEqual(before)
  })

  test('FM127 without a manifest it is known by its file name alone, and refused all the same', async () => {
    const copy = backupFolder()
    onTestFinished(() => copy[Symbol.dispose]())
    for (const database of ['tob', 'wallet']) rmSync(`${await takeBackup(server, copy, { database })}.json`)

    const { code, stderr } = await runRestore(server, 'tob', { folder: copy, args: ['-f', 'wallet', '--yes'] })

    expect(code).toBe(2)
    expect(stderr).toContain('of 127.0.0.1-wallet; expected an archive of')
  })
})
