import { cpSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../support/backup-program.ts'
import { putOdd } from '../support/odd-files.ts'
import { filesOf, manifestOf, putArchive } from '../support/volume.ts'

/** Nobody listens there: none of these gets as far as a server. */
const CONF = '127.0.0.1:1/shop'
const STEM = '127.0.0.1-shop'
/** What waits for ever is killed, and fails by that. */
const PATIENCE_MS = 40_000

function archiveOf(day: number): string {
  return `daily/2026-11-${day}/${STEM}_2026-11-${day}_01-00-00.sql.gz`
}

/** Three good archives, of which the counts keep one. */
function volumeWithArchives(): BackupFolder {
  const folder = backupFolder(CONF)
  for (const day of [10, 11, 12]) {
    const database = { ...manifestOf(archiveOf(day)).database, host: '127.0.0.1', port: 1, name: 'shop' }
    putArchive(folder.volume, archiveOf(day), { manifest: { database } })
  }
  return folder
}

function run(folder: BackupFolder, args: readonly string[], env: Record<string, string> = {}): Promise<ProgramResult> {
  return runBackup(args, {
    conf: folder.conf,
    env: {
      BACKUP_DIR: folder.volume,
      TZ: 'UTC',
      DATABASE_USER: 'a',
      DATABASE_PASSWORD: 'b',
      DAILY_BACKUPS: '1',
      ...env,
    },
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
}

describe.each(['a FIFO', 'a symbolic link'] as const)('FM103 %s on the volume', what => {
  const places: readonly {
    readonly at: string
    readonly args: readonly string[]
    readonly code: number
    readonly says: RegExp
  }[] = [
    {
      at: `${archiveOf(12)}.json`,
      args: ['-l', '--all'],
      code: 0,
      says: /2026-11-12_01-00-00\.sql\.gz {2}\(its manifest cannot be used: a /,
    },
    {
      at: archiveOf(13),
      args: ['-l', '--all'],
      code: 0,
      says: /Not looked into.*\n {2}daily\/2026-11-13.*\.sql\.gz: a /,
    },
    {
      at: `${archiveOf(13)}.in_progress`,
      args: ['-l', '--all'],
      code: 0,
      says: /\n {2}daily\/2026-11-13.*\.in_progress: a /,
    },
    {
      at: '.backup/checked.jsonl',
      args: ['-l', '--all'],
      code: 0,
      says: /warning {4}not read: \.backup\/checked\.jsonl: a /,
    },
    {
      at: '.backup/runs.jsonl',
      args: ['-p', '-s'],
      code: 0,
      says: /Removed(.|\n)*warning {4}not recorded: this run, in the history: .*runs\.jsonl: a /,
    },
    { at: '.backup/pins/0b0e6a1c-8a0f-4e2f-9a2e-0123456789ab.pin', args: ['-p', '-s'], code: 0, says: /Removed: 2/ },
    { at: `.backup/locks/${STEM}.lock`, args: ['-p', '-s'], code: 1, says: /\.lock: a .*; expected a plain file/ },
    { at: `.backup/locks/${STEM}.lock`, args: ['-1'], code: 1, says: /\.lock: a .*; expected a plain file/ },
  ]

  test.each(places)('at $at: $args ends and says so', async ({ at, args, code, says }) => {
    using folder = volumeWithArchives()
    const inTheWay = join(folder.volume, at)
    rmSync(inTheWay, { force: true })
    await putOdd(inTheWay, what)

    const result = await run(folder, args)

    expect(result.signal).toBeNull()
    expect(result.stdout + result.stderr).toMatch(says)
    expect(result.code).toBe(code)
  })
})

describe.each(['a FIFO'] as const)('FM103 %s in the configuration', what => {
  test('as backup.conf ends the run before anything is done', async () => {
    using folder = backupFolder()
    await putOdd(folder.conf, what)

    const result = await run(folder, ['-c'])

    expect(result.signal).toBeNull()
    expect(result.stderr).toMatch(/backup\.conf: a .*; expected a plain file/)
    expect(result.code).toBe(10)
  })

  test.each(['_127_0_0_1_PASSWORD_FILE', 'WEBHOOK_URL_FILE'])('as %s is a problem', async variable => {
    using folder = backupFolder(CONF)
    const path = join(folder.path, 'secret')
    await putOdd(path, what)

    const result = await run(folder, ['-c'], { [variable]: path })

    expect(result.signal).toBeNull()
    expect(result.stdout).toMatch(new RegExp(`${variable}: .*a .*; expected a plain file`))
    expect(result.code).toBe(10)
  })

  test('as SSLROOTCERT fails that database', async () => {
    using folder = backupFolder(CONF)
    const path = join(folder.path, 'ca.pem')
    await putOdd(path, what)

    const result = await run(folder, ['-1'], { DATABASE_SSLMODE: 'verify-ca', DATABASE_SSLROOTCERT: path })

    expect(result.signal).toBeNull()
    expect(result.stdout).toContain('FAILED')
    expect(result.code).toBe(1)
  })
})

describe('FM104 a file that is far too large', () => {
  /** Of that many bytes, none of which takes room. */
  function putGiant(path: string): void {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
    truncateSync(path, 3_000_000_000)
  }

  test.each<readonly [string, readonly string[], number, RegExp]>([
    [
      `${archiveOf(12)}.json`,
      ['-l', '--all'],
      0,
      /cannot be used: it has 3000000000 bytes or more; expected at most 67108864\)/,
    ],
    [
      '.backup/checked.jsonl',
      ['-l', '--all'],
      0,
      /not read: \.backup\/checked\.jsonl: it has more than 16777216 bytes/,
    ],
    [`.backup/locks/${STEM}.lock`, ['-p', '-s'], 11, /locked by an unknown run/],
    ['.backup/runs.jsonl', ['-p', '-s'], 0, /Removed: 2/],
  ])('as %s takes no memory, and is said', async (at, args, code, says) => {
    using folder = volumeWithArchives()
    putGiant(join(folder.volume, at))

    const result = await run(folder, args, { LOCK_WAIT: '1s', NODE_OPTIONS: '--max-old-space-size=200' })

    expect(result.signal).toBeNull()
    expect(result.stdout + result.stderr).toMatch(says)
    expect(result.code).toBe(code)
  })

  test('as backup.conf or a secret is refused with the limit', async () => {
    using folder = backupFolder()
    putGiant(folder.conf)
    using other = backupFolder(CONF)
    const secret = join(other.path, 'secret')
    putGiant(secret)

    const conf = await run(folder, ['-c'])
    const password = await run(other, ['-c'], { _127_0_0_1_PASSWORD_FILE: secret })

    expect(conf.stderr).toContain('it has 3000000000 bytes or more; expected at most 1048576')
    expect(password.stdout).toContain('it has 3000000000 bytes or more; expected at most 65536')
    expect([conf.code, password.code]).toEqual([10, 10])
  })
})

describe('FM101 a folder of the volume that is a link', () => {
  test.each(['daily', 'daily/2026-11-12', '.backup'])(
    '%s is named by -l and by -c --check, and nothing behind it is listed',
    async linked => {
      using folder = volumeWithArchives()
      using elsewhere = backupFolder()
      cpSync(folder.volume, elsewhere.volume, { recursive: true })
      rmSync(join(folder.volume, linked), { recursive: true, force: true })
      symlinkSync(join(elsewhere.volume, linked), join(folder.volume, linked))
      const before = filesOf(elsewhere.volume)

      const listed = await run(folder, ['-l', '--all'])
      const checked = await run(folder, ['-c', '--check'])

      expect(listed.stdout).toContain('Not looked into')
      expect(listed.stdout).toContain(`\n  ${linked}: a symbolic link\n`)
      expect(listed.code).toBe(0)
      expect(checked.stdout).toContain(
        `${linked}: a symbolic link, which is not looked into; expected none on the volume`,
      )
      expect(checked.code).toBe(3)
      expect(filesOf(elsewhere.volume)).toEqual(before)
    },
  )

  const UNSEEN = 'daily (a symbolic link)'

  test.each([
    { args: ['-r', CONF, '--dry-run'], code: 1 },
    { args: ['-v', CONF], code: 5 },
    { args: ['-p', '--yes'], code: 0 },
    { args: ['-p', '-f', '2026-11-12', '--yes'], code: 2 },
  ])('is named by backup $args.0 $args.1, which finds no archive', async ({ args, code }) => {
    using folder = volumeWithArchives()
    using elsewhere = backupFolder()
    cpSync(folder.volume, elsewhere.volume, { recursive: true })
    rmSync(join(folder.volume, 'daily'), { recursive: true })
    symlinkSync(join(elsewhere.volume, 'daily'), join(folder.volume, 'daily'))

    const result = await run(folder, args, { DATABASE_ADMIN_PASSWORD: 'c' })

    const said = result.stdout + result.stderr
    expect(said).toContain(`not looked into: ${UNSEEN}`)
    expect(said).toContain('no link on the volume is followed: mount')
    if (args[0] !== '-p') {
      expect(said).toMatch(/no archive of it on the volume, but not looked into: daily/)
      expect(said).not.toContain('run backup -1')
    }
    expect(result.code).toBe(code)
  })

  test('is named as well where an older archive is found beside it', async () => {
    using folder = volumeWithArchives()
    rmSync(join(folder.volume, 'daily/2026-11-12'), { recursive: true })
    symlinkSync('/nowhere', join(folder.volume, 'daily/2026-11-12'))

    const result = await run(folder, ['-p', '--yes', '--json'])
    const verified = await run(folder, ['-v', CONF])

    expect(JSON.parse(result.stdout)).toMatchObject({
      notLookedInto: [{ path: 'daily/2026-11-12', found: 'a symbolic link' }],
    })
    expect(verified.stdout).toContain('not looked into: daily/2026-11-12 (a symbolic link)')
  })
})
