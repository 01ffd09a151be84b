import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { acquireLock } from '../../src/catalog/locks.ts'
import { removeArchive } from '../../src/catalog/remove.ts'
import { isTightForFirst, requireSpace, volumeSpace } from '../../src/catalog/space.ts'
import { sweepLeftovers } from '../../src/catalog/sweep-leftovers.ts'
import { systemClock } from '../../src/system/clock.ts'
import { filesOf, putArchive, putFile, temporaryVolume } from '../support/volume.ts'

const never = new AbortController().signal
const NAME = 'db-app_2026-11-20_01-00-00.sql.gz'
const FOLDER = 'daily/2026-11-20'

describe('removeArchive', () => {
  test('removes archive, manifest and the folder that is empty then, and nothing else', async () => {
    const volume = temporaryVolume()
    putArchive(volume, `${FOLDER}/${NAME}`)
    putArchive(volume, 'daily/2026-11-19/db-app_2026-11-19_01-00-00.sql.gz')

    const removed = await removeArchive(volume, { folder: FOLDER, name: NAME })

    expect(removed).toBe(true)
    expect(existsSync(join(volume, FOLDER))).toBe(false)
    expect(filesOf(volume)).toHaveLength(2)
  })

  test('FM33 a folder in which anything else lies stays, and so does the empty one of another run', async () => {
    const volume = temporaryVolume()
    putArchive(volume, `${FOLDER}/${NAME}`)
    putFile(volume, `${FOLDER}/db-other_2026-11-20_01-00-00.sql.gz.in_progress`)
    mkdirSync(join(volume, 'daily/2026-11-21'))

    await removeArchive(volume, { folder: FOLDER, name: NAME })

    expect(filesOf(volume)).toEqual([`${FOLDER}/db-other_2026-11-20_01-00-00.sql.gz.in_progress`])
    expect(existsSync(join(volume, 'daily/2026-11-21'))).toBe(true)
  })

  test('FM33 what another run removed already is no error', async () => {
    const volume = temporaryVolume()

    expect(await removeArchive(volume, { folder: FOLDER, name: NAME })).toBe(false)
  })

  test.each([
    ['a foreign name', FOLDER, 'notes.txt'],
    ['a path as name', FOLDER, `../${NAME}`],
    ['a folder above', '..', NAME],
    ['a folder of another shape', 'daily', NAME],
    ['a folder that leaves the volume', '../2026-11-20', NAME],
  ])('FM26 refuses %s', async (_, folder, name) => {
    const volume = temporaryVolume()
    putFile(volume, `${FOLDER}/notes.txt`)
    putFile(volume, `daily/${NAME}`)

    await expect(removeArchive(volume, { folder, name })).rejects.toMatchObject({
      name: 'OperatorError',
      kind: 'volume',
    })

    expect(filesOf(volume)).toHaveLength(2)
  })

  test('FM26 refuses what a symbolic link leads to', async () => {
    const volume = temporaryVolume()
    const elsewhere = temporaryVolume()
    putArchive(elsewhere, `2026-11-20/${NAME}`)
    mkdirSync(join(volume, 'daily'))
    symlinkSync(join(elsewhere, '2026-11-20'), join(volume, FOLDER))

    await expect(removeArchive(volume, { folder: FOLDER, name: NAME })).rejects.toThrow('behind a symbolic link')

    expect(filesOf(elsewhere)).toHaveLength(2)
  })
})

describe('sweepLeftovers', () => {
  test('FM02 FM22 removes what dead runs of this database left, and only that', async () => {
    const volume = temporaryVolume()
    const others = [
      `${FOLDER}/db-app_archive_2026-11-20_01-00-00.sql.gz.in_progress`,
      `${FOLDER}/dump.in_progress`,
      `${FOLDER}/db-app.json`,
      `other/${NAME}.in_progress`,
    ]
    for (const path of others) putFile(volume, path)
    putArchive(volume, `${FOLDER}/${NAME}`)
    const leftovers = [
      'daily/2026-11-18/db-app_2026-11-18_01-00-00.sql.gz.in_progress',
      `${FOLDER}/db-app_2026-11-20_02-00-00.sql.gz.json.in_progress`,
      `${FOLDER}/db-app_2026-11-20_03-00-00.sql.gz.json`,
    ]
    for (const path of leftovers) putFile(volume, path)
    await using lock = await acquireLock(
      { backupDir: volume, stem: 'db-app', runId: 'run', waitMs: 0, clock: systemClock },
      never,
    )

    const removed = await sweepLeftovers(volume, lock)

    expect(removed.toSorted()).toEqual(leftovers.toSorted())
    expect(filesOf(volume)).toEqual([...others, `${FOLDER}/${NAME}`, `${FOLDER}/${NAME}.json`].sort())
    expect(existsSync(join(volume, 'daily/2026-11-18'))).toBe(false)
  })

  test('FM20 touches nothing once the lock is lost', async () => {
    const volume = temporaryVolume()
    putFile(volume, `${FOLDER}/${NAME}.in_progress`)
    const lock = await acquireLock(
      { backupDir: volume, stem: 'db-app', runId: 'run', waitMs: 0, clock: systemClock },
      never,
    )
    await lock.release()

    await expect(sweepLeftovers(volume, lock)).rejects.toMatchObject({ kind: 'locked' })

    expect(filesOf(volume)).toHaveLength(1)
  })
})

describe('space', () => {
  test('FM03 less than 1.1 times the last archive is a failure before anything is written', () => {
    expect(() => requireSpace('/backups', 110, 100)).not.toThrow()
    expect(() => requireSpace('/backups', 109, 100)).toThrow('/backups: 109 bytes are free; expected 110')
  })

  test('FM126 before a first backup it is a warning when less than half the size of the database is free', () => {
    expect(isTightForFirst(50_000, 100_000)).toBe(false)
    expect(isTightForFirst(49_999, 100_000)).toBe(true)
  })

  test('the space of a volume is read from its file system', async () => {
    const space = await volumeSpace(temporaryVolume())

    expect(space.freeBytes).toBeGreaterThan(0)
    expect(space.totalBytes).toBeGreaterThanOrEqual(space.freeBytes)
  })
})
