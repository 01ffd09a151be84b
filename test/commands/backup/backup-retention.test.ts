import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/system/clock.ts'
import { backupEnvironment } from '../../support/archives.ts'
import { backupInProcess } from '../../support/backup-in-process.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { archivePaths, manifestIn } from '../../support/backups.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { filesOf, putArchive, putFile } from '../../support/volume.ts'

const STEM = '127.0.0.1-shop'
/** Whatever day it is, the backup is a daily one. */
const ONLY_DAILY = { WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0' }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  await server.sql('shop', 'CREATE TABLE customer AS SELECT 1 AS id')
})
afterAll(() => server.stop())

const shop = (): string => `127.0.0.1:${server.port}/shop`

/** An archive of the database as a good run some days ago would have left it; returns its path below the volume. */
function putOld(folder: BackupFolder, day: string, options: Parameters<typeof putArchive>[2] = {}): string {
  const path = `daily/${day}/${STEM}_${day}_01-00-00.sql.gz`
  putArchive(folder.volume, path, { port: server.port, empty: true, ...options })
  return path
}

describe('pruning after a backup', () => {
  const env = (folder: BackupFolder, counts: Record<string, string>) => ({
    ...backupEnvironment(server, folder),
    ...counts,
  })

  test('FM27 with every count at 0 keeps the backup that was just made, and that one only', async () => {
    using folder = backupFolder(shop())
    putOld(folder, '2026-10-01')
    const counts = { DAILY_BACKUPS: '0', ...ONLY_DAILY, NUM_BACKUPS: '0' }

    const results = [
      await runBackup(['-1'], { conf: folder.conf, env: env(folder, counts) }),
      await runBackup(['-1'], { conf: folder.conf, env: env(folder, counts) }),
    ]

    expect(results.map(result => result.code)).toEqual([0, 0])
    expect(archivePaths(folder.volume)).toEqual([expect.stringMatching(/^daily\//)])
    expect(manifestIn(folder.volume, archivePaths(folder.volume)[0] ?? '').tier).toBe('daily')
  })

  test.each<readonly [string, number, number]>([
    ['?keep=daily:2', 2, 0],
    ['?keep=daily:7d', 3, 0],
    ['?keep=daily:7x', 6, 10],
    ['', 4, 0],
  ])('FM249 goes by what the line says, and else by the settings: %s', async (options, left, code) => {
    using folder = backupFolder(`${shop()}${options}`)
    for (const day of [1, 2, 3, 4, 5]) putOld(folder, `2026-10-0${day}`)

    const run = await runBackup(['-1'], { conf: folder.conf, env: env(folder, { ...ONLY_DAILY, DAILY_BACKUPS: '4' }) })

    expect(run.code).toBe(code)
    expect(archivePaths(folder.volume)).toHaveLength(left)
    const prune = await runBackup(['-p', '--yes'], {
      conf: folder.conf,
      env: env(folder, { ...ONLY_DAILY, DAILY_BACKUPS: '4' }),
    })
    expect(prune.code).toBe(code)
    expect(archivePaths(folder.volume)).toHaveLength(left)
  })

  test('FM28 goes by the times of the backups, never by those of the files', async () => {
    using folder = backupFolder(shop())
    const days = ['2026-10-01', '2026-10-02', '2026-10-03']
    for (const [index, day] of days.entries())
      putOld(folder, day, { modified: new Date(Date.UTC(2026, 9, 20 - index)) })

    await runBackup(['-1'], { conf: folder.conf, env: env(folder, { ...ONLY_DAILY, DAILY_BACKUPS: '2' }) })

    const kept = archivePaths(folder.volume)
    expect(kept).toHaveLength(2)
    expect(kept[0]).toContain('2026-10-03')
  })

  test('FM30 what is dated in the future is named, never the last backup, and pushes out nothing', async () => {
    using folder = backupFolder(shop())
    const future = putOld(folder, '2031-01-01', { bytes: 5_000 })
    const real = putOld(folder, '2026-10-01', { bytes: 1_234 })
    const options = { conf: folder.conf, env: env(folder, { ...ONLY_DAILY, DAILY_BACKUPS: '2' }) }

    const run = await runBackup(['-1', '--json'], options)
    const list = await runBackup(['-l', '--all'], options)

    expect(JSON.parse(run.stdout).databases[0]).toMatchObject({ previousBytes: 1_234, removed: [] })
    expect(archivePaths(folder.volume)).toEqual(expect.arrayContaining([real, future]))
    expect(list.stdout).toMatch(new RegExp(`${basename(future)}.*future`))
  })

  test('FM33 FM26 FM23 removes emptied folders of its own and nothing of anybody else', async () => {
    using folder = backupFolder(shop())
    const gone = putOld(folder, '2026-10-01')
    putOld(folder, '2026-10-02')
    putFile(folder.volume, 'daily/2026-10-02/notes.txt', 'a stranger')
    mkdirSync(join(folder.volume, 'daily/2026-10-03'))
    const others = ['127.0.0.1-shop_archive', '127.0.0.1-shop-2', '127x0x0x1-shop', 'other-shop'].map(stem => {
      const path = `daily/2026-10-01/${stem}_2026-10-01_01-00-00.sql.gz`
      putArchive(folder.volume, path)
      return path
    })
    putFile(folder.volume, `daily/2026-10-01/${STEM}_2026-10-01_01-00-00.sql.gz.gpg`, 'a stranger')

    const result = await runBackup(['-1', '--json'], {
      conf: folder.conf,
      env: env(folder, { ...ONLY_DAILY, DAILY_BACKUPS: '1' }),
    })

    expect(JSON.parse(result.stdout).databases[0].removed).toHaveLength(2)
    expect(existsSync(join(folder.volume, gone))).toBe(false)
    expect(archivePaths(folder.volume)).toEqual(expect.arrayContaining(others))
    expect(readdirSync(join(folder.volume, 'daily/2026-10-02'))).toEqual(['notes.txt'])
    expect(existsSync(join(folder.volume, 'daily/2026-10-03'))).toBe(true)
    expect(existsSync(join(folder.volume, `${gone}.gpg`))).toBe(true)
  })

  test('FM34 leaves the archives of databases that are no longer configured, and -l says how to remove them', async () => {
    using folder = backupFolder(shop())
    for (const day of [1, 2, 3])
      putArchive(folder.volume, `daily/2026-10-0${day}/old-app_2026-10-0${day}_01-00-00.sql.gz`)
    const options = { conf: folder.conf, env: env(folder, { ...ONLY_DAILY, DAILY_BACKUPS: '1' }) }

    await runBackup(['-1'], options)
    await runBackup(['-p', '-s'], options)
    const list = await runBackup(['-l', '--all'], options)

    expect(archivePaths(folder.volume).filter(path => path.includes('old-app'))).toHaveLength(3)
    expect(list.stdout).toContain('backup -p -f old-app')
  })

  test('FM87 FM24 role-only and truncated files of the original tool push out none that hold a dump', async () => {
    using folder = backupFolder(shop())
    const dump = '-- PostgreSQL database dump\nSELECT 1;\n--\n-- PostgreSQL database dump complete\n--\n\n'
    const roles = 'CREATE ROLE app;\n--\n-- PostgreSQL database cluster dump complete\n--\n\n'
    const put = (day: string, bytes: Buffer): string => {
      const path = putOld(folder, day, { manifest: false })
      writeFileSync(join(folder.volume, path), bytes)
      return path
    }
    const whole = put('2026-10-01', gzipSync(dump + roles))
    const rolesOnly = put('2026-10-02', gzipSync(roles))
    const cut = put('2026-10-03', gzipSync(dump).subarray(0, -12))

    await runBackup(['-1'], { conf: folder.conf, env: env(folder, { ...ONLY_DAILY, DAILY_BACKUPS: '2' }) })

    expect(archivePaths(folder.volume)).toEqual(expect.arrayContaining([whole, rolesOnly, cut]))
    expect(archivePaths(folder.volume)).toHaveLength(4)
  })

  test('FM25 is what a bad night never causes: three failing runs leave every archive', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    for (const day of ['2026-10-01', '2026-10-02', '2026-10-03']) putOld(folder, day)
    const before = filesOf(folder.volume)
    const wrong = { ...env(folder, { ...ONLY_DAILY, DAILY_BACKUPS: '1' }), DATABASE_PASSWORD: 'wrong' }

    const codes = await Promise.all(
      [1, 2, 3].map(async () => (await runBackup(['-s'], { conf: folder.conf, env: wrong })).code),
    )

    expect(codes).toEqual([1, 1, 1])
    expect(filesOf(folder.volume)).toEqual(before)
  })
})

describe('a clock', () => {
  /** One that shows these instants in turn, and the last of them for ever. */
  function clockShowing(...instants: readonly string[]): Clock {
    let asked = 0
    return { ...systemClock, now: () => new Date(instants[Math.min(asked++, instants.length - 1)] ?? '') }
  }
  const TORONTO = { TZ: 'America/Toronto' }

  test('FM29 FM28 that shows an hour twice gives two names, and the later backup stays', async () => {
    using folder = backupFolder(shop())
    const env = { ...backupEnvironment(server, folder), ...TORONTO, ...ONLY_DAILY, DAILY_BACKUPS: '2' }

    for (const now of ['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z']) {
      await backupInProcess({ conf: folder.conf, env, clock: clockShowing(now) })
    }

    const both = archivePaths(folder.volume)
    await backupInProcess({
      ...{ conf: folder.conf, env: { ...env, DAILY_BACKUPS: '1' }, json: true },
      clock: clockShowing('2026-11-01T06:30:00Z'),
    })
    expect(both.map(path => basename(path))).toEqual([
      `${STEM}_2026-11-01_01-30-00.sql.gz`,
      `${STEM}_2026-11-01_01-30-01.sql.gz`,
    ])
    expect(archivePaths(folder.volume)).toEqual([`daily/2026-11-01/${STEM}_2026-11-01_01-30-02.sql.gz`])
  })

  test('FM245 on the last day of a year makes a yearly backup where yearly ones are kept, of which a manifest says monthly', async () => {
    using folder = backupFolder(`${shop()}?keep=yearly:all`)
    const env = { ...backupEnvironment(server, folder), ...TORONTO }

    const { code } = await backupInProcess({ conf: folder.conf, env, clock: clockShowing('2026-12-31T12:00:00Z') })

    const path = `yearly/2026-12-31/${STEM}_2026-12-31_07-00-00.sql.gz`
    expect(code).toBe(0)
    expect(archivePaths(folder.volume)).toEqual([path])
    expect(manifestIn(folder.volume, path)).toMatchObject({ tier: 'monthly', laterTier: 'yearly' })
    expect((await runBackup(['-l', '--all'], { conf: folder.conf, env })).stdout).toMatch(/yearly +2026-12-31 07:00:00/)
  })

  test('FM27 that passes midnight while a run goes on moves nothing into another folder or tier', async () => {
    using folder = backupFolder(shop())
    const env = { ...backupEnvironment(server, folder), ...TORONTO }
    const clock = clockShowing('2026-11-22T04:59:59Z', '2026-11-22T05:30:00Z')

    const { code } = await backupInProcess({ conf: folder.conf, env, clock })

    expect(code).toBe(0)
    expect(archivePaths(folder.volume)).toEqual([`daily/2026-11-21/${STEM}_2026-11-21_23-59-59.sql.gz`])
  })

  test('FM30 that jumps back a day in the middle of a run costs no backup, and durations stay true', async () => {
    using folder = backupFolder(shop())
    const old = putOld(folder, '2026-10-01')
    const env = { ...backupEnvironment(server, folder), ...TORONTO, ...ONLY_DAILY, DAILY_BACKUPS: '1' }
    const clock = clockShowing('2026-11-20T12:00:00Z', '2026-11-19T12:00:00Z')

    const { code, stdout } = await backupInProcess({ conf: folder.conf, env, clock, json: true })

    const [outcome] = JSON.parse(stdout).databases
    expect(code).toBe(0)
    expect(outcome.seconds).toBeGreaterThan(0)
    expect(outcome.seconds).toBeLessThan(60)
    expect(outcome.removed).toEqual([old])
    expect(archivePaths(folder.volume)).toEqual([outcome.archive])
  })
})
