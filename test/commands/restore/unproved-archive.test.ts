import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../../support/archives.ts'
import { type ProgramResult, runBackup } from '../../support/backup-program.ts'
import { proofFolder, verifyAll } from '../../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, runRestore } from '../../support/restoring.ts'

const TIMEOUT = 120_000

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>
/** One that was proved, a newer one that does not load, and with `takeNewest` one that nobody has tried. */
let proved: string
let failed: string

/** It is called while rows are loaded, and finds its table by no empty search_path. */
const UNLOADABLE = `CREATE FUNCTION known(integer) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM note)';
  CREATE TABLE checked (n integer CHECK (known(n))); INSERT INTO checked VALUES (1)`

beforeAll(async () => {
  server = await startPostgres()
  folder = proofFolder()
  await server.createDatabase('tob')
  await server.sql('tob', 'CREATE TABLE note AS SELECT 1 AS n')
  proved = await takeBackup(server, folder, { database: 'tob' })
  expect(await verifyAll(server, folder)).toMatchObject({ code: 0 })
  await server.sql('tob', UNLOADABLE)
  failed = await takeBackup(server, folder, { database: 'tob' })
  expect(await verifyAll(server, folder)).toMatchObject({ code: 4 })
}, TIMEOUT)

afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

function restore(...args: readonly string[]): Promise<ProgramResult> {
  return runRestore(server, 'tob', { folder, args })
}

/** As `plan.archive` names it. */
const nameOf = (path: string): RegExp => new RegExp(basename(path).replaceAll('.', '\\.'))

describe('what is known of an archive decides about its restore', { timeout: TIMEOUT }, () => {
  test('FM155 without -f the newest is taken that is not known to fail, and the plan says what was passed over', async () => {
    const { code, stdout } = await restore('--dry-run')

    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^Restore .*${nameOf(proved).source}$`, 'm'))
    expect(stdout).toMatch(new RegExp(`note +passed over .*${nameOf(failed).source}: its proof FAILED$`, 'm'))
    expect(stdout).toMatch(/ {2}taken .*, proved \d{4}-/)
  })

  test('FM155 one that is known to fail is taken where -f names it, and the plan says why it failed', async () => {
    const { code, stdout } = await restore('-f', failed, '--dry-run')

    expect(code).toBe(0)
    expect(stdout).toMatch(/ {2}taken .*, FAILED \d{4}-/)
    expect(stdout).toMatch(/warning +its verdict of .* is FAILED: .*relation note is missing/)
  })

  test('FM155 in place it is refused before anything is dropped, whatever confirms it', async () => {
    for (const confirmation of ['--yes', '-s']) {
      const { code, stdout, stderr } = await restore('-f', failed, '--in-place', confirmation)

      expect(code).toBe(1)
      expect(stdout).toContain('  BLOCKED  the proof of this archive FAILED')
      expect(stderr).toMatch(/is dropped before it is loaded: name another one by -f.*or add --unproved/)
    }
    expect(await databasesOf(server)).toEqual(['tob'])
  })

  test('FM155 where every archive has failed, none is taken that -f does not name', async () => {
    using other = proofFolder()
    await takeBackup(server, other, { database: 'tob' })
    await verifyAll(server, other)

    const { code, stderr } = await runRestore(server, 'tob', { folder: other })

    expect(code).toBe(1)
    expect(stderr).toContain('no archive of it is left whose proof has not FAILED')
    expect(stderr).toContain('name one archive by -f')
  })

  test('FM156 -l shows that the newest has failed, beside an older one that was proved', async () => {
    const { stdout } = await runBackup(['-l', '--all'], { conf: folder.conf, env: backupEnvironment(server, folder) })

    expect(stdout).toMatch(/\/tob .* FAILED on \d{4}-\d\d-\d\d, an older one proved on \d{4}-\d\d-\d\d$/m)
    expect(stdout).toMatch(new RegExp(` FAILED on [\\d-]+ .*${nameOf(failed).source}$`, 'm'))
    expect(stdout).toMatch(new RegExp(` proved on [\\d-]+ .*${nameOf(proved).source}$`, 'm'))
  })

  // Last, as it changes what there is.
  test('FM155 a newer one that nobody has tried is taken, names the newest proved one, and goes in place with --unproved', async () => {
    await server.sql('tob', 'DROP TABLE checked; INSERT INTO note VALUES (2)')
    const untried = await takeBackup(server, folder, { database: 'tob' })

    const plan = await restore('--dry-run')
    const refused = await restore('--in-place', '--yes')
    const between = await databasesOf(server)
    const restored = await restore('--in-place', '--unproved', '--yes')

    expect(plan.stdout).toMatch(new RegExp(`^Restore .*${nameOf(untried).source}$`, 'm'))
    expect(plan.stdout).toMatch(
      new RegExp(`note +the newest proved one is another: .*${nameOf(proved).source}; -f takes it$`, 'm'),
    )
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/this archive was never proved, .*: prove it first by backup -v, .*--unproved/)
    expect(between).toEqual(['tob'])
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/warning +this archive was never proved/) })
    expect(await databasesOf(server)).toEqual(['tob'])
  })
})
