import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../support/backup-program.ts'
import { fillUp } from '../support/full-volume.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf, loadersOn } from '../support/restoring.ts'
import { verificationDir } from '../support/scratch.ts'
import { pathWithPgDump } from '../support/stand-in-tools.ts'
import { filesOf } from '../support/volume.ts'

/** As OpenShift chooses one for a project. */
const ANY_USER = 1_000_690_000
const TIMEOUT = 120_000

let server: PostgresServer
/** Taken once; each test works on a copy. */
let original: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  original = backupFolder()
  await server.createDatabase('shop')
  await server.sql(
    'shop',
    "CREATE TABLE customer AS SELECT i AS id, 'customer ' || i AS name FROM generate_series(1, 100) i",
  )
  await takeBackup(server, original, { database: 'shop' })
}, TIMEOUT)
afterAll(async () => {
  original[Symbol.dispose]()
  await server.stop()
})

/** A volume of its own, a file system of four megabytes with the archive on it. */
function mountedCopy(): BackupFolder & { mount(options: string): void } {
  const folder = backupFolder(`127.0.0.1:${server.port}/shop`)
  chmodSync(folder.path, 0o711)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', folder.volume])
  onTestFinished(() => {
    execFileSync('umount', [folder.volume])
    folder[Symbol.dispose]()
  })
  cpSync(original.volume, folder.volume, { recursive: true })
  return { ...folder, mount: options => void execFileSync('mount', ['-o', options, folder.volume]) }
}

const STATES = [
  { state: 'full', reason: 'no space is left' },
  { state: 'read-only', reason: 'the file system is read-only' },
  { state: "somebody else's", reason: 'this user has no right to it' },
] as const

/** The volume in that state, and the user for whom it is so. */
function volumeThatIs(state: (typeof STATES)[number]['state']): { folder: BackupFolder; uid?: number } {
  const folder = mountedCopy()
  switch (state) {
    case 'full':
      // In the last page of a file that is there more would fit.
      rmSync(join(folder.volume, '.backup'), { recursive: true })
      fillUp(folder.volume)
      return { folder }
    case 'read-only':
      folder.mount('remount,ro')
      return { folder }
    case "somebody else's":
      execFileSync('chmod', ['-R', 'a+rX,g-w', folder.volume])
      return { folder, uid: ANY_USER }
  }
}

async function run(
  at: { readonly folder: BackupFolder; readonly uid?: number },
  args: readonly string[],
): Promise<ProgramResult> {
  using scratch = verificationDir()
  chmodSync(scratch.path, 0o777)
  const admin = { _127_0_0_1_ADMIN_USER: server.superuser, _127_0_0_1_ADMIN_PASSWORD: server.password }
  return await runBackup(args, {
    conf: at.folder.conf,
    env: { ...backupEnvironment(server, at.folder), ...admin, VERIFICATION_DIR: scratch.path, NODE_COMPILE_CACHE: '' },
    ...(at.uid === undefined ? {} : { uid: at.uid }),
  })
}

describe.each(STATES)('FM99 a volume that is $state', { timeout: TIMEOUT }, ({ state, reason }) => {
  test('is listed', async () => {
    const at = volumeThatIs(state)

    const result = await run(at, ['-l', '--all'])

    expect(result.code).toBe(0)
    expect(result.stdout).toMatch(/daily|weekly|monthly/)
  })

  test('has its archives proved, and it is said what of that could not be written down', async () => {
    const at = volumeThatIs(state)

    const result = await run(at, ['-v', 'all'])

    expect(result.code).toBe(0)
    expect(result.stdout).toContain('1 of 1 proved')
    for (const what of [
      'that this archive is being read',
      'this verdict, in the manifest',
      'this run, in the history',
    ]) {
      expect(result.stdout).toMatch(new RegExp(`not recorded: ${what}.*${reason}`))
    }
  })

  test('restores a database, also from an archive that nothing vouches for', async () => {
    const at = volumeThatIs(state)
    onTestFinished(async () => {
      const made = (await databasesOf(server)).filter(name => name !== 'shop')
      for (const database of made) await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
    })
    await server.sql('shop', 'TRUNCATE customer')

    const result = await run(at, ['-r', `127.0.0.1:${server.port}/shop`, '--yes'])

    expect(result.code).toBe(0)
    expect(result.stdout).toMatch(new RegExp(`warning +not recorded: this run, in the history: .*${reason}`))
    expect(await server.query('shop', 'SELECT count(*)::int AS count FROM customer')).toEqual([{ count: 100 }])
    expect(await loadersOn(server)).toEqual([])
  })
})

describe('FM99 -c --check', { timeout: TIMEOUT }, () => {
  const PROBLEMS = [
    { state: 'full', reason: 'no space is left', hint: 'backup -p' },
    { state: 'read-only', reason: 'the file system is read-only', hint: 'its mount' },
    { state: "somebody else's", reason: 'this user has no right to it', hint: 'the rights of this user' },
  ] as const

  test.each(PROBLEMS)('says that a volume does not work that is $state', async ({ state, reason, hint }) => {
    const at = volumeThatIs(state)

    const result = await run(at, ['-c', '--check'])

    expect(result.stdout).toMatch(new RegExp(`FAILED +volume ${at.folder.volume} .*${reason}.*; .*${hint}`))
    expect(result.code).toBe(3)
  })

  test('says so of archives that this user may not read, on a volume that he may write', async () => {
    const folder = mountedCopy()
    execFileSync('chmod', ['-R', 'a+rwX', folder.volume])
    const archive = join(folder.volume, filesOf(folder.volume).find(path => path.endsWith('.sql.gz')) ?? '')
    chmodSync(archive, 0o600)

    const result = await run({ folder, uid: ANY_USER }, ['-c', '--check'])

    expect(result.stdout).toMatch(
      new RegExp(`FAILED +volume .*${archive}: this user has no right to it \\(it belongs to .*\\); check`),
    )
    expect(result.code).toBe(3)
  })

  test('says what it did on one that works, and leaves nothing there', async () => {
    const folder = mountedCopy()
    const before = readdirSync(join(folder.volume, '.backup'))

    const result = await run({ folder }, ['-c', '--check'])

    expect(result.stdout).toMatch(/works +volume .*\d archives, no links, a small file was written and removed/)
    expect(result.code).toBe(0)
    expect(readdirSync(join(folder.volume, '.backup'))).toEqual(before)
  })
})

describe('FM100 checked.jsonl that this user may not read', { timeout: TIMEOUT }, () => {
  test('stops no listing, which says so', async () => {
    const at = volumeThatIs("somebody else's")
    writeFileSync(join(at.folder.volume, '.backup/checked.jsonl'), '', { mode: 0o600 })

    const result = await run(at, ['-l', '--all'])

    expect(result.code).toBe(0)
    expect(result.stdout).toContain('not read: .backup/checked.jsonl: this user has no right to it')
  })
})

describe('FM99 an archive without a manifest on a full volume', { timeout: TIMEOUT }, () => {
  test('is read and restored, although nobody can write down that it is whole', async () => {
    const folder = mountedCopy()
    const manifest = filesOf(folder.volume).find(path => path.endsWith('.json')) ?? ''
    rmSync(join(folder.volume, manifest))
    fillUp(folder.volume)
    onTestFinished(async () => {
      const made = (await databasesOf(server)).filter(name => name !== 'shop')
      for (const database of made) await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
    })

    const result = await run({ folder }, ['-r', `127.0.0.1:${server.port}/shop`, '--yes'])

    expect(result.code).toBe(0)
    expect(result.stdout).toMatch(/not recorded: which archives without a manifest are whole: .*no space is left/)
  })
})

describe('FM105 a volume on which there is no room for the manifest', { timeout: TIMEOUT }, () => {
  test('keeps nothing of the archive, and what was there stays', async () => {
    const folder = mountedCopy()
    const before = filesOf(folder.volume)
    const preload = fileURLToPath(new URL('../support/fill-before-manifest.ts', import.meta.url))
    const env = { ...backupEnvironment(server, folder), NODE_OPTIONS: `--import ${preload}`, FILL: folder.volume }

    const result = await runBackup(['-1', '--json'], { conf: folder.conf, env })

    expect(JSON.parse(result.stdout).databases[0].failure).toMatchObject({ kind: 'space' })
    expect(result.code).toBe(1)
    expect(filesOf(folder.volume).filter(path => path !== 'filler')).toEqual(before)
    expect(existsSync(join(folder.volume, 'filler'))).toBe(true)
  })
})

/** Where the folders of a backup are, also of one that starts after midnight. */
const LINKED: Readonly<Record<'tier' | 'date' | '.backup', () => readonly string[]>> = {
  tier: () => ['daily'],
  date: () => [0, 1].map(days => `daily/${dateIn(days)}`),
  '.backup': () => ['.backup'],
}

function dateIn(days: number): string {
  const date = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Vancouver' })
  return date.format(new Date(Date.now() + days * 86_400_000))
}

describe('FM101 a folder that a backup would write into', { timeout: TIMEOUT }, () => {
  test.each(['tier', 'date', '.backup'] as const)(
    'is not written through when the %s is a link, and nothing is dumped',
    async which => {
      using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
      using elsewhere = backupFolder()
      for (const linked of LINKED[which]()) {
        mkdirSync(dirname(join(folder.volume, linked)), { recursive: true })
        symlinkSync(elsewhere.volume, join(folder.volume, linked))
      }
      const PATH = pathWithPgDump(folder, server, `: > ${folder.path}/dumped; exec "$REAL" "$@"`)
      const env = { ...backupEnvironment(server, folder), WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0', PATH }

      const result = await runBackup(['-1', '--json'], { conf: folder.conf, env })

      expect(result.code).toBe(1)
      expect(JSON.parse(result.stdout).databases[0].failure).toMatchObject({
        kind: 'volume',
        message: expect.stringMatching(
          /\/(daily|daily\/[-\d]+|\.backup): a symbolic link, which is not followed; expected a folder$/,
        ),
        hint: expect.stringContaining('mounted in its place'),
      })
      expect(existsSync(`${folder.path}/dumped`)).toBe(false)
      expect(readdirSync(elsewhere.volume)).toEqual([])
    },
  )

  test('may be a volume that is a link itself', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const link = join(folder.path, 'link')
    symlinkSync(folder.volume, link)

    const result = await runBackup(['-1'], {
      conf: folder.conf,
      env: { ...backupEnvironment(server, folder), BACKUP_DIR: link },
    })

    expect(result.code).toBe(0)
    expect(filesOf(folder.volume)).toHaveLength(2)
  })
})
