import { describe, expect, test } from 'vitest'
import { backupFolder, runBackup } from '../support/backup-program.ts'
import { filesOf, manifestOf, putArchive } from '../support/volume.ts'

/** Nobody listens there, and nobody is to be asked. */
const TEST = '127.0.0.1:1/shop'
const PRODUCTION = '127.0.0.1:2/shop'
const STEM = '127.0.0.1-shop'

/** A volume with archives of `shop` on two servers of one host. */
function shared() {
  const folder = backupFolder(TEST)
  for (const day of [10, 11, 12]) putArchive(folder.volume, pathOf(day), { port: 2 })
  for (const day of [13, 14, 15]) putArchive(folder.volume, pathOf(day), { port: 1 })
  const env = {
    ...{ BACKUP_DIR: folder.volume, DATABASE_USER: 'a', DATABASE_PASSWORD: 'b', DATABASE_ADMIN_PASSWORD: 'c' },
    ...{ BACKUP_STRATEGY: 'rolling', DAILY_BACKUPS: '1', WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0' },
  }
  const backup = (...args: readonly string[]) => runBackup(args, { conf: folder.conf, env })
  return { folder, backup, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

const pathOf = (day: number): string => `daily/2026-11-${day}/${STEM}_2026-11-${day}_01-00-00.sql.gz`

describe('FM153 a database of the same name on another port of the host', () => {
  test('keeps its archives whatever the counts of the configured one say', async () => {
    using volume = shared()

    const { code, stdout } = await volume.backup('-p', '-s')

    expect(code).toBe(0)
    expect(stdout).toContain(`${PRODUCTION}: backup -p -f FILE for each`)
    expect(filesOf(volume.folder.volume).filter(path => path.endsWith('.gz'))).toEqual(
      [10, 11, 12, 15].map(day => pathOf(day)),
    )
  })

  test('is listed for itself', async () => {
    using volume = shared()

    const { stdout } = await volume.backup('-l', '--json')

    const { databases, orphans } = JSON.parse(stdout)
    expect(databases).toMatchObject([{ database: TEST, kept: 3, last: { takenAt: '2026-11-15T08:00:00.000Z' } }])
    expect(orphans).toMatchObject([{ name: PRODUCTION, stem: STEM, archives: 3 }])
  })

  test('has archives that go into another only where --of names it', async () => {
    using volume = shared()
    for (const day of [13, 14, 15]) await volume.backup('-p', '-s', '--force', '-f', pathOf(day))

    const crossed = await volume.backup('-r', TEST, '-s')

    expect(crossed.code).toBe(1)
    expect(crossed.stderr).toContain(
      `${TEST}: no archive of it on the volume, only of ${PRODUCTION}, whose files are named alike; expected one`,
    )
    expect(crossed.stderr).toContain('--of')
    expect((await volume.backup('-v', TEST)).code).not.toBe(0)
  })
})

describe('FM153 an archive without a manifest', () => {
  test('is of the configured database that has its name, and goes into no other by itself', async () => {
    using folder = backupFolder('127.0.0.1-x:1/live')
    putArchive(folder.volume, 'daily/2026-11-10/127.0.0.1-x-live_2026-11-10_01-00-00.sql.gz', { manifest: false })
    const env = { BACKUP_DIR: folder.volume, DATABASE_USER: 'a', DATABASE_PASSWORD: 'b', DATABASE_ADMIN_PASSWORD: 'c' }

    const crossed = await runBackup(['-r', '127.0.0.1:1/x-live', '-s'], { conf: folder.conf, env })

    expect(crossed.code).toBe(1)
    expect(crossed.stderr).toContain('127.0.0.1:1/x-live: no archive of it on the volume')
  })
})

test('FM153 a filter that leaves the port out, where two have archives, names none and is answered with both', async () => {
  using volume = shared()

  const { code, stderr } = await volume.backup('-p', '-s', '-f', '127.0.0.1/shop')

  expect(code).toBe(2)
  expect(stderr).toContain(
    `names no archive; expected a path, a file name, or a part of it; say the port: ${TEST} or ${PRODUCTION}`,
  )
})

describe('FM188 an archive whose manifest is lost', () => {
  test('is of the database that all others of its name are of, and not of the one that is configured', async () => {
    using folder = backupFolder(TEST)
    for (const day of [10, 11]) putArchive(folder.volume, pathOf(day), { port: 2 })
    putArchive(folder.volume, pathOf(12), { manifest: false })
    putArchive(folder.volume, pathOf(13), { manifest: '{' })
    const env = {
      ...{ BACKUP_DIR: folder.volume, DATABASE_USER: 'a', DATABASE_PASSWORD: 'b', DATABASE_ADMIN_PASSWORD: 'c' },
      ...{ BACKUP_STRATEGY: 'rolling', DAILY_BACKUPS: '1', WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0' },
    }
    const backup = (...args: readonly string[]) => runBackup(args, { conf: folder.conf, env })

    const crossed = await backup('-r', TEST, '-s')
    const adopted = await backup('-v', TEST, '--adopt')
    const pruned = await backup('-p', '-s')
    const { databases, orphans } = JSON.parse((await backup('-l', '--json')).stdout)

    expect([crossed.code, adopted.code === 0, pruned.code]).toEqual([1, false, 0])
    expect(crossed.stderr).toContain(`${TEST}: no archive of it on the volume, only of ${PRODUCTION}`)
    expect(databases).toMatchObject([{ database: TEST, kept: 0 }])
    expect(orphans).toMatchObject([{ name: PRODUCTION, archives: 4 }])
    expect(filesOf(folder.volume)).toHaveLength(7)
  })
})

describe('FM153 a manifest that names another database than its file', () => {
  test('is counted by neither', async () => {
    using volume = shared()
    const path = pathOf(16)
    putArchive(volume.folder.volume, path, {
      manifest: { database: { ...manifestOf('').database, host: '127.0.0.1', port: 1, name: 'wallet' } },
    })

    const { stdout } = await volume.backup('-l', '--json')

    const { databases, orphans } = JSON.parse(stdout)
    expect(databases).toMatchObject([{ kept: 3, last: { takenAt: '2026-11-15T08:00:00.000Z' } }])
    expect(orphans).toMatchObject([{ name: `127.0.0.1:1/wallet, ${PRODUCTION}`, archives: 4 }])
  })
})
