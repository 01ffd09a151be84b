import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../../support/archives.ts'
import { runBackup } from '../../support/backup-program.ts'
import { proofFolder, verifyAll } from '../../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, runRestore } from '../../support/restoring.ts'

let server: PostgresServer
let folder: ReturnType<typeof proofFolder>

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole('app_reader')
}, 120_000)

afterAll(() => server?.stop())

beforeEach(() => {
  folder = proofFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

async function makeDatabase(name: string): Promise<void> {
  await server.createDatabase(name)
  await server.sql(
    name,
    'CREATE TABLE t AS SELECT 1 AS n; CREATE VIEW v AS SELECT n FROM t; GRANT SELECT ON t TO app_reader',
  )
  onTestFinished(async () => {
    for (const database of await databasesOf(server))
      await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
  })
}

async function settingsOf(database: string): Promise<readonly string[]> {
  const rows = await server.query(
    'postgres',
    `SELECT unnest(setconfig) AS entry FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
     WHERE datname = '${database}' ORDER BY 1`,
  )
  return rows.map(({ entry }) => String(entry))
}

/** A library that the server loads now and does not find later. */
async function preloading(database: string): Promise<void> {
  const lib = join(server.binFolder, '../lib')
  const library = join(folder.path, 'only_there.so')
  copyFileSync(join(lib, 'auto_explain.so'), library)
  await server.sql('postgres', `ALTER DATABASE ${database} SET session_preload_libraries = '${library}'`)
}

describe('settings of a database that break the sessions of whoever connects', { timeout: 120_000 }, () => {
  test('FM136 a role that owns nothing, an end at each error, and no writing stop no restore, and stay', async () => {
    await makeDatabase('roled')
    await takeBackup(server, folder, { database: 'roled' })
    const settings = [
      'default_transaction_read_only=on',
      'exit_on_error=on',
      'role=app_reader',
      'transform_null_equals=on',
    ]
    for (const setting of settings) await server.sql('postgres', `ALTER DATABASE roled SET ${setting}`)

    const { code, stdout, stderr } = await runRestore(server, 'roled', { folder })

    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).not.toContain('left out')
    expect(await settingsOf('roled')).toEqual(settings)
  })

  test('FM136 a library to preload that is gone stops no restore, and is named where a backup fails of it', async () => {
    await makeDatabase('preloading')
    await preloading('preloading')
    await takeBackup(server, folder, { database: 'preloading' })
    rmSync(join(folder.path, 'only_there.so'))

    const env = { ...backupEnvironment(server, folder) }
    const backup = await runBackup(['-1'], { conf: folder.conf, env })
    const proof = await verifyAll(server, folder)
    const elsewhere = await runRestore(server, 'preloading_copy', {
      folder,
      args: ['-f', '127.0.0.1-preloading', '--yes'],
    })
    const over = await runRestore(server, 'preloading', { folder })

    expect(backup.code).toBe(1)
    expect(backup.stdout + backup.stderr).toMatch(
      /could not access file "\/[^"]*\/only_there\.so".*session_preload_libraries/s,
    )
    expect(proof.outcomes).toMatchObject([{ verdict: 'proved' }])
    expect({ code: elsewhere.code, stderr: elsewhere.stderr }).toMatchObject({ code: 0 })
    expect({ code: over.code, stderr: over.stderr }).toMatchObject({ code: 0 })
    expect(await settingsOf('preloading')).toMatchObject([expect.stringContaining('session_preload_libraries=')])
  })

  test.each([
    ['local_preload_libraries', "'gone'"],
    ['session_preload_libraries', "''"],
    ['session_preload_libraries', "'$libdir/gone'"],
  ])('FM136 a backup that fails of %s = %s names the statements that mend it', async (name, value) => {
    await makeDatabase('breaking')
    folder.writeConf(`127.0.0.1:${server.port}/breaking`)
    await server.query('postgres', `ALTER DATABASE breaking SET ${name} = ${value}`)

    const { code, stdout, stderr } = await runBackup(['-1'], {
      conf: folder.conf,
      env: backupEnvironment(server, folder),
    })

    expect({ code, text: stdout + stderr }).toMatchObject({ code: 1, text: expect.stringContaining(`RESET ${name}`) })
  })
})
