import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archivesIn, backupEnvironment, takeBackup } from '../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf } from '../support/restoring.ts'

const TIMEOUT = 120_000

let server: PostgresServer
/** Lists shop and tob; wallet has an archive and is no longer listed. */
let folder: BackupFolder

const name = (database: string): string => `127.0.0.1:${server.port}/${database}`

beforeAll(async () => {
  server = await startPostgres()
  folder = backupFolder()
  // As root the scratch server runs as another user, who has to get there.
  chmodSync(folder.path, 0o711)
  mkdirSync(join(folder.path, 'scratch'))
  for (const database of ['shop', 'wallet']) {
    await server.createDatabase(database)
    await server.sql(database, `CREATE TABLE whose AS SELECT '${database}'::text AS name`)
    await takeBackup(server, folder, { database })
  }
  folder.writeConf(`${name('shop')}\n${name('tob')}`)
}, TIMEOUT)
afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

function run(...args: readonly string[]): Promise<ProgramResult> {
  const env = {
    ...backupEnvironment(server, folder),
    VERIFICATION_DIR: join(folder.path, 'scratch'),
    DATABASE_ADMIN_PASSWORD: server.password,
    _127_0_0_1_ADMIN_USER: server.superuser,
  }
  return runBackup(args, { conf: folder.conf, env })
}

describe('the end of a name', { timeout: TIMEOUT }, () => {
  test.each(['shop', 'wallet'])('FM139 %s is proved by it, be it listed or not', async database => {
    const { code, stdout, stderr } = await run('-v', database)

    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toMatch(new RegExp(`^proved +${name(database)}: `, 'm'))
  })

  test('FM139 is enough for the plan of a restore, also behind --of', async () => {
    const own = await run('-r', 'wallet', '--dry-run')
    const another = await run('-r', 'tob', '--of', 'wallet', '--dry-run')

    expect([own.code, another.code], own.stderr + another.stderr).toEqual([0, 0])
    expect(own.stdout).toMatch(new RegExp(`^Into +${name('wallet')} `, 'm'))
    expect(another.stdout).toContain(name('wallet'))
    expect(another.stdout).toMatch(new RegExp(`^Into +${name('tob')} `, 'm'))
  })

  test('FM139 is not enough where nothing is asked', async () => {
    const before = await databasesOf(server)
    const archives = archivesIn(folder.volume)

    const results = [
      await run('-r', 'wallet', '--yes'),
      await run('-sr', 'wallet'),
      await run('-r', name('shop'), '--of', 'wallet', '--yes'),
      await run('-sv', 'shop'),
      await run('-s', 'shop'),
    ]

    expect(results.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2])
    expect(results.map(({ stdout }) => stdout).join('')).toBe('')
    const flags = results.map(
      ({ stderr }) => /^backup: (-[-a-z]+): only the end of a name; .* did you mean/m.exec(stderr)?.[1],
    )
    expect(flags).toEqual(['-r', '-r', '--of', '-v', '-s'])
    expect(await databasesOf(server)).toEqual(before)
    expect(archivesIn(folder.volume)).toEqual(archives)
  })

  test('FM139 backs up what is listed, and nothing else', async () => {
    const listed = await run('-1', 'shop')
    const other = await run('-1', 'wallet')

    expect(listed.code, listed.stderr).toBe(0)
    expect(listed.stdout).toMatch(/^1 of 1 backed up/m)
    expect(other.code).toBe(2)
  })

  test('FM139 of more than one database means none', async () => {
    folder.writeConf(`${name('shop')}\nother-db/shop`)

    const results = [await run('-1', 'shop'), await run('-v', 'shop'), await run('-r', 'shop', '--dry-run')]
    folder.writeConf(`${name('shop')}\n${name('tob')}`)

    expect(results.map(({ code }) => code)).toEqual([2, 2, 2])
    for (const { stderr } of results) {
      expect(stderr).toContain(`this may mean ${name('shop')}, or other-db/shop; expected the whole name`)
    }
  })
})

describe('a name with a slip of the finger', { timeout: TIMEOUT }, () => {
  test('FM140 is answered with the one that was meant', async () => {
    const slips = [
      await run('-v', 'walet'),
      await run('-v', name('walet')),
      await run('-r', 'walet', '--dry-run'),
      await run('-r', name('walet'), '--dry-run'),
      await run('-r', name('tob'), '--of', name('walet'), '--dry-run'),
      await run('-l', '-f', '127.0.0.1-walet'),
    ]

    expect(slips.map(({ code }) => code)).toEqual([2, 2, 2, 1, 1, 2])
    const [filtered, ...others] = slips.toReversed()
    for (const { stderr } of others) expect(stderr).toContain(`did you mean ${name('wallet')}? `)
    expect(filtered?.stderr).toContain('did you mean 127.0.0.1-wallet? ')
  })

  test('FM139 -f takes the whole name of a database, in every mode', async () => {
    const listed = await run('-l', '-f', name('wallet'))
    const pruned = await run('-p', '-f', '127.0.0.1/wallet', '--dry-run', '--force')

    expect(listed.code, listed.stderr).toBe(0)
    expect(listed.stdout).toContain('127.0.0.1-wallet')
    expect(listed.stdout).not.toContain('127.0.0.1-shop')
    expect(pruned.stdout).toMatch(/To remove: 1 archive,/)
  })
})
