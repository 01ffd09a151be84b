import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { backupEnvironment, manifestBeside, takeBackup } from '../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf, runRestore } from '../support/restoring.ts'
import { verificationDir } from '../support/scratch.ts'

const TIMEOUT = 120_000

let server: PostgresServer
let folder: BackupFolder
let older: string
let newer: string

beforeAll(async () => {
  server = await startPostgres()
}, TIMEOUT)
afterAll(() => server.stop())

/** Two backups of a database with a setting: of 100 rows, then of 200. */
beforeEach(async () => {
  folder = backupFolder()
  onTestFinished(async () => {
    folder[Symbol.dispose]()
    for (const name of await databasesOf(server)) await server.query('postgres', `DROP DATABASE "${name}" WITH (FORCE)`)
  })
  await server.createDatabase('shop')
  await server.sql('shop', 'CREATE TABLE customer AS SELECT generate_series(1, 100) AS id')
  await server.sql('postgres', "ALTER DATABASE shop SET work_mem = '7MB'")
  older = await takeBackup(server, folder, { database: 'shop' })
  await server.sql('shop', 'INSERT INTO customer SELECT generate_series(101, 200)')
  newer = await takeBackup(server, folder, { database: 'shop' })
}, TIMEOUT)

/** Damage as bad luck makes it: a manifest that ends in the middle, and an archive of which the last part is missing. */
function cutBoth(): void {
  const [, dump] = manifestBeside(newer).parts
  truncateSync(newer, (dump?.offset ?? 0) + (dump?.bytes ?? 0))
  truncateSync(`${newer}.json`, 500)
}

/** What only the whole schema sees. */
function changeFingerprint(): void {
  const manifest = manifestBeside(newer)
  writeFileSync(`${newer}.json`, JSON.stringify({ ...manifest, fingerprint: { ...manifest.fingerprint, version: 2 } }))
}

async function rows(): Promise<number> {
  return Number((await server.query('shop', 'SELECT count(*) FROM customer'))[0]?.count)
}

async function verify(...args: readonly string[]): Promise<ProgramResult> {
  using scratch = verificationDir()
  const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: scratch.path }
  return await runBackup(['-v', 'all', ...args], { conf: folder.conf, env })
}

describe.each([
  { damage: 'cut, and its archive too', make: cutBoth, problem: 'not a JSON object' },
  { damage: 'with another fingerprint', make: changeFingerprint, problem: 'field "fingerprint' },
])('FM102 a manifest that is $damage', { timeout: TIMEOUT }, ({ make, problem }) => {
  test('is never the choice of a restore: an older archive is, and that is said', async () => {
    make()

    const result = await runRestore(server, 'shop', { folder })

    expect(result.stdout).toContain(`passed over `)
    expect(result.stdout).toContain(`${basename(newer)}: its manifest cannot be used: ${problem}`)
    expect(result.code).toBe(0)
    expect(await rows()).toBe(100)
  })

  test('is refused where -f names it, and nothing is touched', async () => {
    make()

    const result = await runRestore(server, 'shop', { folder, args: ['--yes', '-f', basename(newer)] })

    expect(result.stderr).toContain(`${basename(newer)}: its manifest cannot be used: ${problem}`)
    expect(result.stderr).toContain('name another archive by -f')
    expect(result.code).toBe(1)
    expect(await databasesOf(server)).toEqual(['shop'])
    expect(await rows()).toBe(200)
  })

  test('could not be verified, for that reason and not for a missing one', async () => {
    make()

    const result = await verify()

    expect(result.stdout).toContain(
      `the manifest of the archive cannot be used, so nobody knows what was dumped: ${problem}`,
    )
    expect(result.stdout).not.toContain('no manifest')
    expect(result.code).toBe(5)
  })
})

describe('FM102 a damaged manifest', { timeout: TIMEOUT }, () => {
  test('is not written over by --adopt, which says so, and is shown by -l', async () => {
    cutBoth()
    const before = readFileSync(`${newer}.json`)

    const adopted = await verify('--adopt')
    const listed = await runBackup(['-l', '--all'], { conf: folder.conf, env: backupEnvironment(server, folder) })

    expect(adopted.stdout).toMatch(/NOT ADOPTED .*: it has a manifest, which cannot be used: .*; nothing was written/)
    expect(readFileSync(`${newer}.json`)).toEqual(before)
    expect(listed.stdout).toContain(`${basename(newer)}  (its manifest cannot be used: `)
    expect(listed.stdout).not.toContain('no manifest')
  })

  test('leaves nothing to restore where there is no other archive, until a person moves it away', async () => {
    cutBoth()
    for (const path of [older, `${older}.json`]) rmSync(path)

    const refused = await runRestore(server, 'shop', { folder })
    rmSync(`${newer}.json`)
    const restored = await runRestore(server, 'shop', { folder })

    expect(refused.stderr).toContain(`no archive of it can be used: the manifest of ${basename(newer)} cannot be read`)
    expect(refused.stderr).toContain('move the manifest away')
    expect([refused.code, restored.code]).toEqual([1, 0])
  })
})
