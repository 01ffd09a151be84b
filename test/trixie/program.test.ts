import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../support/archives.ts'
import { runBackup } from '../support/backup-program.ts'
import { proofFolder } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { pathWithoutLandlock } from '../support/stand-in-tools.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  await server.sql('shop', 'CREATE TABLE customer AS SELECT n FROM generate_series(1, 100) n')
})

afterAll(() => server?.stop())

describe('the program, as an arbitrary user', () => {
  test('FM116 proves under Landlock, and says so', async () => {
    using folder = proofFolder()
    await takeBackup(server, folder, { database: 'shop' })
    const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: folder.scratch }

    const proof = await runBackup(['-v', 'all'], { conf: folder.conf, env })
    const check = await runBackup(['-c', '--check'], { conf: folder.conf, env })

    expect(proof).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 1 proved') })
    expect(proof.stderr).toContain('"confinement":"confinement: files and processes (Landlock)"')
    expect(check.stdout).toMatch(/\n\nScratch server:\n {2}confinement: files and processes \(Landlock\)\n$/)
    expect(check.code).toBe(0)
  })

  test('FM117 proves without Landlock too', async () => {
    using folder = proofFolder()
    await takeBackup(server, folder, { database: 'shop' })
    const PATH = pathWithoutLandlock(folder, 'kernel')
    const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: folder.scratch, PATH }

    const proof = await runBackup(['-v', 'all'], { conf: folder.conf, env })
    const check = await runBackup(['-c', '--check'], { conf: folder.conf, env })

    expect(proof).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 1 proved') })
    expect(proof.stderr).toContain('"confinement":"confinement: open (this kernel offers no Landlock)"')
    expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining('confinement: open (this kernel offers') })
  })
})
