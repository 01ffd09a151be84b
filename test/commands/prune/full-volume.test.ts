import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Manifest } from '../../../src/catalog/manifest.ts'
import { ownIdentity } from '../../../src/system/process-identity.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../../support/backup-program.ts'
import { fillUp, mountSmall } from '../../support/full-volume.ts'
import { filesOf, putArchive } from '../../support/volume.ts'

const TIMEOUT = 60_000

type Copies = Manifest['copies']

/** A volume with these days of one database, on which not a byte more fits. */
function fullVolume(days: Readonly<Record<number, Copies>>): BackupFolder {
  const folder = backupFolder('wallet-db:5432/tob')
  onTestFinished(() => folder[Symbol.dispose]())
  mountSmall(folder.volume, 2048)
  for (const [day, copies] of Object.entries(days))
    putArchive(folder.volume, pathOf(Number(day)), { manifest: { copies } })
  return folder
}

function pathOf(day: number): string {
  return `daily/2026-11-${day}/wallet-db-tob_2026-11-${day}_01-00-00.sql.gz`
}

function daysOf({ volume }: BackupFolder): number[] {
  const archives = filesOf(volume).filter(path => path.endsWith('.sql.gz'))
  return archives.map(path => Number(path.slice('daily/2026-11-'.length).slice(0, 2)))
}

async function prune(
  folder: BackupFolder,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return await runBackup(['-p', ...args], {
    conf: folder.conf,
    env: {
      BACKUP_DIR: folder.volume,
      DAILY_BACKUPS: '1',
      WALLET_DB_USER: 'tob',
      WALLET_DB_PASSWORD: 'x',
      NODE_COMPILE_CACHE: '',
      ...env,
    },
  })
}

/** A lock of another pod with its last sign of life so long ago; it has to be there before the volume is full. */
function otherPodsLock({ volume }: BackupFolder, text: string, ageSeconds: number): string {
  const path = join(volume, '.backup/locks/wallet-db-tob.lock')
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  const touched = new Date(Date.now() - ageSeconds * 1000)
  utimesSync(path, touched, touched)
  return path
}

const HOLDER = JSON.stringify({
  ...ownIdentity(),
  owner: 'other-pod',
  bootId: 'another',
  token: 'foreign',
  runId: 'run-0',
  since: '2026-11-20T01:00:00Z',
})

const S3 = {
  S3_ENDPOINT: 'http://127.0.0.1:9',
  S3_BUCKET: 'backups',
  S3_USER: 'key',
  S3_PASSWORD: 'secret',
  S3_RETENTION: 'keep',
}

function copy(day: number, state: 'done' | 'failed'): Copies {
  const name = `wallet-db-tob_2026-11-${day}_01-00-00.sql.gz`
  return [{ destination: 's3', state, at: '2026-11-20T01:00:00Z', name, bytes: 100 }]
}

describe('FM99 on a volume that is full -p', { timeout: TIMEOUT }, () => {
  test('removes what the counts do not keep, and leaves no lock', async () => {
    const folder = fullVolume({ 10: [], 11: [], 12: [] })
    fillUp(folder.volume)

    const result = await prune(folder, ['-s'])

    expect(result.stdout).toMatch(
      /warning +not recorded: that this run holds the lock of wallet-db-tob: .*no space is left/,
    )
    expect(result.stdout).toContain('Removed: 2 archives')
    expect(result.code).toBe(0)
    expect(daysOf(folder)).toEqual([12])
    expect(readdirSync(join(folder.volume, '.backup/locks'))).toEqual([])
  })

  test('-f removes what it names', async () => {
    const folder = fullVolume({ 12: [] })
    fillUp(folder.volume)

    const result = await prune(folder, ['-f', '2026-11-12', '--force', '--yes'])

    expect(result.code).toBe(0)
    expect(daysOf(folder)).toEqual([])
  })

  test.each([
    { what: 'a lock of another pod', text: HOLDER },
    { what: 'a lock of another pod that had no room either', text: '' },
  ])('respects $what', async ({ text }) => {
    const folder = fullVolume({ 10: [], 12: [] })
    const lock = otherPodsLock(folder, text, 5)
    fillUp(folder.volume)

    const result = await prune(folder, ['--yes'], { LOCK_WAIT: '0s' })

    expect(result.stdout).toContain('locked by')
    expect(result.code).toBe(11)
    expect(daysOf(folder)).toEqual([10, 12])
    expect(existsSync(lock)).toBe(true)
  })

  test('takes over a lock of another pod that shows no sign of life', async () => {
    const folder = fullVolume({ 10: [], 12: [] })
    otherPodsLock(folder, HOLDER, 100)
    fillUp(folder.volume)

    const result = await prune(folder, ['--yes'])

    expect(result.code).toBe(0)
    expect(daysOf(folder)).toEqual([12])
  })

  test('notes what has to follow at a destination when others have made room for that', async () => {
    const folder = fullVolume({ 10: copy(10, 'failed'), 11: copy(11, 'done'), 12: copy(12, 'done') })
    fillUp(folder.volume)

    const result = await prune(folder, ['--yes'], S3)

    expect(result.code).toBe(0)
    expect(daysOf(folder)).toEqual([12])
    expect(readdirSync(join(folder.volume, '.backup/removed'))).toEqual(['wallet-db-tob_2026-11-10_01-00-00.sql.gz'])
  })

  test('keeps what has to follow at a destination while nothing makes room to note that, and says what to do', async () => {
    const folder = fullVolume({ 10: copy(10, 'failed'), 12: copy(12, 'done') })
    fillUp(folder.volume)

    const result = await prune(folder, ['--yes'], S3)

    expect(result.stdout).toMatch(
      /no space is left for the note that its copy elsewhere is to follow; .*backup -p -f FILE/,
    )
    expect(result.code).toBe(1)
    expect(daysOf(folder)).toEqual([10, 12])
  })
})

describe('FM132 where three more backups do not fit -p', { timeout: TIMEOUT }, () => {
  const KB_300 = 300 * 1024

  /** Of 2 MB: one archive of each of three days, and three of the day after; day 12 is protected, if that is wanted. */
  function crowdedVolume(given: { readonly isProtected: boolean }): BackupFolder {
    const folder = backupFolder('wallet-db:5432/tob')
    onTestFinished(() => folder[Symbol.dispose]())
    mountSmall(folder.volume, 2048)
    const times = ['10_01-00-00', '11_01-00-00', '12_01-00-00', '13_01-00-00', '13_02-00-00', '13_03-00-00']
    for (const time of times) {
      const path = `daily/2026-11-${time.slice(0, 2)}/wallet-db-tob_2026-11-${time}.sql.gz`
      const manifest = given.isProtected && time.startsWith('12') ? { protectedUntil: '2126-01-01T00:00:00Z' } : {}
      putArchive(folder.volume, path, { bytes: KB_300, manifest })
    }
    return folder
  }

  test('lets go of what only its period keeps, the oldest first, and of nothing else', async () => {
    const folder = crowdedVolume({ isProtected: false })

    const result = await prune(folder, ['--yes'], { DAILY_BACKUPS: '3' })

    expect(result.stdout).toMatch(
      /^remove +daily\/2026-11-11\/.* kept for its period only; 3 more backups would not fit on the volume$/m,
    )
    expect(daysOf(folder)).toEqual([13, 13, 13])
  })

  test('FM133 leaves a protected one, though room stays short', async () => {
    const folder = crowdedVolume({ isProtected: true })

    const result = await prune(folder, ['--yes'], { DAILY_BACKUPS: '3' })

    expect(result.stdout).toMatch(/^keep +daily\/2026-11-12\/.* protected until 2126-01-01$/m)
    expect(daysOf(folder)).toEqual([12, 13, 13, 13])
  })
})
