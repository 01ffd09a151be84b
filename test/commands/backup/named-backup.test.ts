import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/system/clock.ts'
import { backupEnvironment } from '../../support/archives.ts'
import { backupInProcess, type InProcessBackup } from '../../support/backup-in-process.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { archivePaths, manifestIn } from '../../support/backups.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { filesOf } from '../../support/volume.ts'

/** Whatever day it is, the backup is a daily one. */
const ONLY_DAILY = { WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0', TZ: 'UTC' }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  for (const database of ['shop', 'wallet']) await server.createDatabase(database)
})
afterAll(() => server.stop())

const spec = (database: string): string => `127.0.0.1:${server.port}/${database}`

function clockAt(instant: string): Clock {
  return { ...systemClock, now: () => new Date(instant) }
}

const ask = (folder: BackupFolder, more: Record<string, string> = {}) => {
  return { conf: folder.conf, env: { ...backupEnvironment(server, folder), ...ONLY_DAILY, ...more } }
}

describe('FM132 seven backups in a row', () => {
  test('leave every day of the week before, and are told apart from it by -p', async () => {
    using folder = backupFolder(spec('shop'))
    const asked = ask(folder, { DAILY_BACKUPS: '6' })
    for (const day of [14, 15, 16, 17, 18, 19])
      await backupInProcess({ ...asked, clock: clockAt(`2026-11-${day}T01:00:00Z`) })

    for (const minute of [1, 2, 3, 4, 5, 6, 7])
      await backupInProcess({ ...asked, clock: clockAt(`2026-11-20T10:0${minute}:00Z`) })

    const days = archivePaths(folder.volume).map(path => Number(path.slice('daily/2026-11-'.length).slice(0, 2)))
    expect(days).toEqual([15, 16, 17, 18, 19, 20, 20, 20, 20, 20, 20])
    const shown = await runBackup(['-p', '--dry-run'], asked)
    expect(shown.stdout).toMatch(
      /^keep +daily\/2026-11-15\/.* the newest of 2026-11-15, one of the newest 6 days with daily backups$/m,
    )
    expect(shown.stdout).toMatch(/^keep +daily\/2026-11-20\/.* one of the newest 6 daily backups$/m)
    expect(shown.stdout).toContain('Nothing to remove.')
  })
})

describe('FM133 a backup with a label and a date', () => {
  async function protectedVolume(folder: BackupFolder): Promise<string> {
    const args = ['-1', spec('shop'), '--label', 'before «2.0»', '--protect', '30d']
    const result = await runBackup(args, ask(folder))
    expect(result.code).toBe(0)
    const [path = ''] = archivePaths(folder.volume)
    return path
  }

  test('says so in its manifest and in -l, and stays by -p and by later backups', async () => {
    using folder = backupFolder(spec('shop'))
    const path = await protectedVolume(folder)
    const only = ask(folder, { DAILY_BACKUPS: '1' })

    const [listed, json] = [await runBackup(['-l', '--all'], only), await runBackup(['-l', '--json'], only)]
    for (const _ of [1, 2]) await runBackup(['-1'], only)
    const shown = await runBackup(['-p', '--dry-run'], only)

    const manifest = manifestIn(folder.volume, path)
    const { label, protectedUntil = '', trigger } = manifest
    expect({ label, trigger }).toEqual({ label: 'before «2.0»', trigger: 'command' })
    expect(Math.round((Date.parse(protectedUntil) - Date.parse(manifest.startedAt)) / 86_400_000)).toBe(30)
    const until = protectedUntil.slice(0, 10)
    expect(listed.stdout).toContain(`${basename(path)}  "before «2.0»"  (protected until ${until})`)
    expect(JSON.parse(json.stdout).databases[0].archives).toMatchObject([{ label, protectedUntil }])
    expect(shown.stdout).toMatch(new RegExp(`^keep .*${basename(path)} .* protected until ${until}$`, 'm'))
    expect(archivePaths(folder.volume)).toHaveLength(2)
  })

  test('goes by -p -f only with --force, and -p -f says that', async () => {
    using folder = backupFolder(spec('shop'))
    const path = await protectedVolume(folder)
    await runBackup(['-1'], ask(folder))
    const name = basename(path)

    const refused = await runBackup(['-p', '-s', '-f', name], ask(folder))
    const stayed = existsSync(join(folder.volume, path))
    const forced = await runBackup(['-p', '-s', '-f', name, '--force'], ask(folder))

    expect(refused.stdout).toMatch(/^keep .* protected until \S+: only --force removes it$/m)
    expect(refused.stdout).toContain('Nothing to remove.')
    expect(stayed).toBe(true)
    expect(forced.stdout).toContain('Removed: 1 archive')
    expect(existsSync(join(folder.volume, path))).toBe(false)
  })

  test('FM133 the manifest says what triggered the run, and nothing that was not asked for', async () => {
    using folder = backupFolder(spec('shop'))
    const run = { ...ask(folder), clock: clockAt('2026-11-20T10:00:00Z') } satisfies InProcessBackup

    await backupInProcess({ ...run, occasion: { trigger: 'missed', schedule: 'UTC 0 1 * * * backup -s' } })

    const [path = ''] = archivePaths(folder.volume)
    const written = JSON.parse(readFileSync(join(folder.volume, `${path}.json`), 'utf8'))
    expect(written).toMatchObject({ trigger: 'missed' })
    expect(Object.keys(written)).not.toEqual(expect.arrayContaining(['label']))
    expect(Object.keys(written)).not.toEqual(expect.arrayContaining(['protectedUntil']))
  })
})

describe('FM134 a backup of databases that are named', () => {
  test('is of these only, and the history says so', async () => {
    using folder = backupFolder(`${spec('shop')}\n${spec('wallet')}`)

    const result = await runBackup(['-1', '127.0.0.1/wallet', '--json'], ask(folder))

    expect(result.code).toBe(0)
    expect(archivePaths(folder.volume)).toEqual([expect.stringContaining('/127.0.0.1-wallet_')])
    const [line] = readFileSync(join(folder.volume, '.backup/runs.jsonl'), 'utf8').trim().split('\n')
    expect(JSON.parse(line ?? '').report).toMatchObject({ mode: 'backup', only: [spec('wallet')] })
  })

  test.each(['127.0.0.1/typo', 'walet', ''])('does nothing where one of them means nothing: "%s"', async name => {
    using folder = backupFolder(`${spec('shop')}\n${spec('wallet')}`)
    const before = filesOf(folder.volume)

    const result = await runBackup(['-1', spec('shop'), name], ask(folder))

    expect(result.code).toBe(2)
    if (name !== '') expect(result.stderr).toContain(`configured: ${spec('shop')}, ${spec('wallet')}`)
    expect(filesOf(folder.volume)).toEqual(before)
    expect(existsSync(join(folder.volume, '.backup/runs.jsonl'))).toBe(false)
  })

  test('in a line of backup.conf is a problem where it is not configured', async () => {
    using folder = backupFolder(`${spec('shop')}\n0 1 * * * default backup -s 127.0.0.1/typo`)

    const result = await runBackup(['-c'], ask(folder))

    expect(result.code).toBe(10)
    expect(result.stdout).toContain(
      'backup.conf:2: 127.0.0.1/typo: not configured; expected the whole name of a database that is',
    )
  })
})
