import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment } from '../../support/archives.ts'
import { backupFolder, runBackup } from '../../support/backup-program.ts'
import { archivePaths, everythingIn, manifestIn, textIn } from '../../support/backups.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { putArchive } from '../../support/volume.ts'

const owner = { name: 'shop_owner', password: 'password-of-the-owner' }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole(owner.name, owner)
  for (const database of ['shop', 'orders']) {
    await server.createDatabase(database, { owner: owner.name })
    await server.sql(database, 'SET ROLE shop_owner; CREATE TABLE customer AS SELECT 1 AS id')
  }
})
afterAll(() => server.stop())

const at = (database: string): string => `127.0.0.1:${server.port}/${database}`

describe('names and passwords of any kind', () => {
  const names: readonly (readonly [string, string, string])[] = [
    ['with spaces and quotes', `it's "a" shop`, '%27s'],
    ['that looks like an option', '--dbname=postgres', '-%2D-dbname%3Dpostgres_'],
    ['that looks like a connection string', 'dbname=postgres host=elsewhere', 'dbname%3Dpostgres%20host%3Delsewhere'],
    ['with a slash, percent and dots', '../50%/../x', '%2E./50%25'],
    ['in upper case, with letters beyond ASCII', 'Größe_日本', 'Gr%C3%B6%C3%9Fe_%E6%97%A5%E6%9C%AC'],
    ['with shell characters', '$(touch x); `ls` & | * ?', '%24%28touch'],
  ]

  test.each(names)('FM14 a database %s is backed up and listed', async (_, name, inStem) => {
    using folder = backupFolder(`${at(encodeURIComponent(name))}`)
    await server.createDatabase(name, { owner: owner.name })
    await server.query('postgres', 'SELECT 1')
    await server.sql(name, 'SET ROLE shop_owner; CREATE TABLE only_here AS SELECT 1 AS id')
    const options = { conf: folder.conf, env: backupEnvironment(server, folder, owner) }

    const result = await runBackup(['-1'], options)
    const list = await runBackup(['-l', '--json'], options)

    const [archive = '', ...others] = archivePaths(folder.volume)
    expect(result.code).toBe(0)
    expect(others).toEqual([])
    expect(archive.split('/')).toHaveLength(3)
    expect(archive).toContain(inStem.replace('/', '%2F'))
    expect(manifestIn(folder.volume, archive).database.name).toBe(name)
    expect(textIn(folder.volume, archive)).toContain('CREATE TABLE public.only_here')
    expect(JSON.parse(list.stdout).databases[0]).toMatchObject({ kept: 1, databaseBytes: expect.any(Number) })
  })

  const passwords = [
    ` leading, trailing and 'inner' "quotes" `,
    '$HOME `id` $(id) \\n \\ %2F',
    'user@host:5432/db?sslmode=disable#x',
    '-a --dbname=x',
    'Grüße, 日本, \u{1F600}',
    'two\nlines\tand a tab',
  ]

  test.each(passwords)('FM13 FM12 the password %j works, and stands nowhere', async password => {
    using folder = backupFolder(at('shop'))
    const name = `reader_${passwords.indexOf(password)}`
    await server.createRole(name, { password })
    await server.query('postgres', `GRANT pg_read_all_data TO ${name}`)
    const env = { ...backupEnvironment(server, folder, { name, password }), BACKUP_LOG_LEVEL: 'debug' }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    const written = result.stdout + result.stderr + everythingIn(folder.volume, { archives: true })
    expect(result.code).toBe(0)
    expect(archivePaths(folder.volume)).toHaveLength(1)
    expect(written).not.toContain(password)
    expect(written).not.toContain(JSON.stringify(password).slice(1, -1))
  })
})

describe('problems of the configuration', () => {
  test('FM88 FM35 FM38 bad lines are reported with their numbers, and the databases of the good ones are backed up', async () => {
    using folder = backupFolder(`${at('shop')}\nwhat is this\n${at('orders')}\n127.0.0.1:99999/x\nmongo=host/db`)

    const result = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, owner) })

    expect(result.code).toBe(10)
    expect(archivePaths(folder.volume)).toHaveLength(2)
    expect(result.stdout).toContain(`problem    ${folder.conf}:2: `)
    expect(result.stdout).toContain(`problem    ${folder.conf}:4: `)
    expect(result.stdout).not.toContain(`${folder.conf}:5: `)
    expect(result.stderr).toContain('configuration-problem')
  })

  test('FM88 FM38 a database that fails besides outweighs them in the exit code', async () => {
    using folder = backupFolder(`${at('shop')}\nwhat is this\n${at('no_such')}`)
    using allFail = backupFolder(`what is this\n${at('no_such')}`)

    const some = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder, owner) })
    const all = await runBackup(['-1'], { conf: allFail.conf, env: backupEnvironment(server, allFail, owner) })

    expect([some.code, all.code]).toEqual([3, 1])
    expect(some.stdout).toContain(`problem    ${folder.conf}:2: `)
  })

  test('FM35 FM38 without one valid line nothing is backed up, not even the database of the environment', async () => {
    using folder = backupFolder('what is this\nmariadb=host/db')
    const env = {
      ...backupEnvironment(server, folder, owner),
      DATABASE_SERVICE_NAME: '127.0.0.1',
      POSTGRESQL_PORT_NUM: String(server.port),
      POSTGRESQL_DATABASE: 'shop',
    }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(10)
    expect(archivePaths(folder.volume)).toEqual([])
    expect(result.stdout).toContain(`${folder.conf}:1: `)
  })

  test('FM37 a missing credential is a problem that names its variable, and the other host is backed up', async () => {
    using folder = backupFolder(`localhost:${server.port}/orders\n${at('shop')}`)
    const env = {
      BACKUP_DIR: folder.volume,
      _127_0_0_1_USER: owner.name,
      _127_0_0_1_PASSWORD: owner.password,
      LOCALHOST_USER: owner.name,
    }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(10)
    expect(archivePaths(folder.volume)).toEqual([expect.stringContaining('/127.0.0.1-shop_')])
    expect(result.stdout).toContain('problem    LOCALHOST_PASSWORD: ')
  })

  test('FM37 a secret file that is not there falls back to nothing', async () => {
    using folder = backupFolder(at('shop'))
    const env = { ...backupEnvironment(server, folder, owner), _127_0_0_1_PASSWORD_FILE: `${folder.path}/none` }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(10)
    expect(archivePaths(folder.volume)).toEqual([])
    expect(result.stdout).toContain('_127_0_0_1_PASSWORD_FILE')
  })

  test('FM38 a backup.conf that is there and cannot be read ends the run before anything is done', async () => {
    using folder = backupFolder()

    const result = await runBackup(['-1'], { conf: folder.path, env: backupEnvironment(server, folder, owner) })

    expect(result.code).toBe(10)
    expect(result.stderr).toContain('a folder; expected a plain file')
    expect(archivePaths(folder.volume)).toEqual([])
  })

  test('FM27 FM25 counts that cannot be read prune nothing', async () => {
    using folder = backupFolder(at('shop'))
    for (let day = 1; day <= 9; day += 1) {
      const path = `daily/2026-10-0${day}/127.0.0.1-shop_2026-10-0${day}_01-00-00.sql.gz`
      putArchive(folder.volume, path, { port: server.port })
    }
    const env = { ...backupEnvironment(server, folder, owner), DAILY_BACKUPS: 'one', WEEKLY_BACKUPS: '0' }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(10)
    expect(archivePaths(folder.volume)).toHaveLength(10)
  })
})

describe('the exit code of the program', () => {
  test('FM38 is 2 for wrong usage, with the usage on stderr', async () => {
    using folder = backupFolder(at('shop'))
    const options = { conf: folder.conf, env: backupEnvironment(server, folder, owner) }

    const runs = await Promise.all(
      [['--unknown'], ['--json'], ['-r'], ['-1', '--force']].map(args => runBackup(args, options)),
    )

    expect(runs.map(run => run.code)).toEqual([2, 2, 2, 2])
    expect(runs.map(run => run.stdout)).toEqual(['', '', '', ''])
    expect(runs.every(run => run.stderr.startsWith('backup: '))).toBe(true)
  })

  test('FM38 is 0 for help and version, on stdout', async () => {
    const [help, version] = await Promise.all([runBackup(['-h'], { env: {} }), runBackup(['--version'], { env: {} })])

    expect([help.code, version.code]).toEqual([0, 0])
    expect(help.stdout).toContain('--once')
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(help.stderr + version.stderr).toBe('')
  })
})
