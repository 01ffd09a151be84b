import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup, startBackup } from '../../support/backup-program.ts'
import { archivePaths, manifestIn, textIn } from '../../support/backups.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { descendantsOf } from '../../support/processes.ts'
import { pathWithPgDump } from '../../support/stand-in-tools.ts'
import { untilTrue } from '../../support/until-true.ts'
import { filesOf, putArchive } from '../../support/volume.ts'

const STEM = '127.0.0.1-shop'
const DIE_AT = fileURLToPath(new URL('../../support/die-at.ts', import.meta.url))
/** Whatever day it is, the backup is a daily one. */
const ONLY_DAILY = { WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0' }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  await server.sql(
    'shop',
    "CREATE TABLE customer AS SELECT i AS id, 'customer ' || i AS name FROM generate_series(1, 100) i",
  )
  await server.createDatabase('big')
  await server.sql(
    'big',
    `CREATE TABLE noise AS SELECT encode(sha512(i::text::bytea), 'hex') AS t FROM generate_series(1, 100000) i`,
  )
})
afterAll(() => server.stop())

const shop = (): string => `127.0.0.1:${server.port}/shop`

/** An archive of the database as a good run some days ago would have left it; returns its path below the volume. */
function putOld(folder: BackupFolder, day: string, options: Parameters<typeof putArchive>[2] = {}): string {
  const path = `daily/${day}/${STEM}_${day}_01-00-00.sql.gz`
  putArchive(folder.volume, path, { port: server.port, empty: true, ...options })
  return path
}

/** Makes the volume a file system of its own until the folder is disposed of. */
function mountVolume(folder: BackupFolder, size: string): Disposable {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', folder.volume])
  return { [Symbol.dispose]: () => void execFileSync('umount', [folder.volume]) }
}

describe('a volume', () => {
  test('FM03 that fills up while it is written fails that database, leaves nothing of it, and the next one is done', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/big\n${shop()}`)
    using _volume = mountVolume(folder, '4m')
    const old = putOld(folder, '2026-10-01')

    const result = await runBackup(['-1', '--json'], { conf: folder.conf, env: backupEnvironment(server, folder) })

    const [big, small] = JSON.parse(result.stdout).databases
    expect(result.code).toBe(3)
    expect(big).toMatchObject({ result: 'failed', failure: { kind: expect.stringMatching(/^(space|volume)$/) } })
    expect(big.failure.hint).toContain('full')
    expect(small.result).toBe('backed-up')
    expect(filesOf(folder.volume).filter(path => path.includes('-big_'))).toEqual([])
    expect(archivePaths(folder.volume)).toContain(old)
  })

  test('FM126 is warned of before a first backup only when it may be too small', async () => {
    using roomy = backupFolder(shop())
    using tight = backupFolder(shop())
    using _volume = mountVolume(tight, '3m')
    const env = (folder: BackupFolder): Record<string, string> => backupEnvironment(server, folder)

    const results = [
      await runBackup(['-1', '--json'], { conf: roomy.conf, env: env(roomy) }),
      await runBackup(['-1', '--json'], { conf: tight.conf, env: env(tight) }),
    ]

    expect(results.map(({ code }) => code)).toEqual([0, 0])
    expect(results.map(({ stdout }) => JSON.parse(stdout).databases[0].warnings)).toEqual([
      [],
      [expect.stringMatching(/^a first backup: .* are free on the volume, less than half of the database's .* MB$/)],
    ])
  })

  test('FM03 with less space than 1.1 times the last archive fails before anything is dumped', async () => {
    using folder = backupFolder(shop())
    using _volume = mountVolume(folder, '4m')
    putOld(folder, '2026-10-01', { bytes: 3_000_000 })
    const before = filesOf(folder.volume)
    const PATH = pathWithPgDump(folder, server, `: > ${folder.path}/dumped; exec "$REAL" "$@"`)
    const env = { ...backupEnvironment(server, folder), ...ONLY_DAILY, DAILY_BACKUPS: '1', PATH }

    const result = await runBackup(['-1', '--json'], { conf: folder.conf, env })

    expect(result.code).toBe(1)
    expect(JSON.parse(result.stdout).databases[0].failure).toMatchObject({
      kind: 'space',
      message: expect.stringContaining('expected 3300000, 1.1 times the last archive'),
    })
    expect(existsSync(`${folder.path}/dumped`)).toBe(false)
    expect(filesOf(folder.volume)).toEqual(before)
  })

  test('FM03 that is read-only, or no folder at all, fails with its path and the reason', async () => {
    using folder = backupFolder(shop())
    using _volume = mountVolume(folder, '4m')
    execFileSync('mount', ['-o', 'remount,ro', folder.volume])
    const env = backupEnvironment(server, folder)

    const readOnly = await runBackup(['-1', '--json'], { conf: folder.conf, env })
    const noFolder = await runBackup(['-1', '--json'], { conf: folder.conf, env: { ...env, BACKUP_DIR: folder.conf } })

    expect([readOnly.code, noFolder.code]).toEqual([1, 1])
    expect(JSON.parse(readOnly.stdout).databases[0].failure).toMatchObject({
      kind: 'volume',
      message: expect.stringContaining('the file system is read-only'),
    })
    expect(JSON.parse(noFolder.stdout).databases[0].failure).toMatchObject({
      kind: 'volume',
      message: expect.stringContaining(folder.conf),
    })
  })
})

describe('a volume that fails at the last moment', () => {
  test.each([
    { at: 'rename .sql.gz EIO', what: 'the archive its name' },
    { at: 'rename .sql.gz.json ENOSPC', what: 'the manifest its name' },
  ])('FM03 FM25 FM105 when it gives $what leaves nothing of the archive, and nothing is pruned', async ({ at }) => {
    using folder = backupFolder(shop())
    for (const day of ['2026-10-01', '2026-10-02']) putOld(folder, day)
    const before = filesOf(folder.volume)
    const env = { ...backupEnvironment(server, folder), ...ONLY_DAILY, DAILY_BACKUPS: '1' }
    const failing = { ...env, NODE_OPTIONS: `--import ${DIE_AT}`, FAIL_AT: at }

    const result = await runBackup(['-1', '--json'], { conf: folder.conf, env: failing })

    expect(result.code).toBe(1)
    expect(JSON.parse(result.stdout).databases[0].failure.kind).toMatch(/^(volume|space)$/)
    expect(filesOf(folder.volume)).toEqual(before)
  })
})

describe('a run that is killed', () => {
  const steps = [
    {
      at: 'before rename .sql.gz',
      leaves: /^[^\n]+\.sql\.gz\.in_progress\n[^\n]+\.sql\.gz\.json\.in_progress$/,
      archives: 0,
      swept: 1,
    },
    { at: 'after rename .sql.gz', leaves: /\.sql\.gz\n.*\.sql\.gz\.json\.in_progress$/, archives: 1, swept: 1 },
    { at: 'before rename .sql.gz.json', leaves: /\.sql\.gz\n.*\.sql\.gz\.json\.in_progress$/, archives: 1, swept: 1 },
    { at: 'after rename .sql.gz.json', leaves: /\.sql\.gz\n.*\.sql\.gz\.json$/, archives: 1, swept: 0 },
  ]

  test.each(steps)(
    'FM22 FM21 $at leaves nothing half under a final name, and the next run carries on at once',
    async step => {
      using folder = backupFolder(shop())
      const options = { conf: folder.conf, env: backupEnvironment(server, folder) }
      const dying = { ...options, env: { ...options.env, NODE_OPTIONS: `--import ${DIE_AT}`, DIE_AT: step.at } }

      const killed = await runBackup(['-1'], dying)
      const left = filesOf(folder.volume)
      const next = await runBackup(['-1'], options)

      expect(killed.signal ?? killed.code).toBe('SIGKILL')
      expect(left.join('\n')).toMatch(step.leaves)
      expect(next.code).toBe(0)
      expect(next.stdout.includes('swept      ')).toBe(step.swept > 0)
      expect(archivePaths(folder.volume)).toHaveLength(step.archives + 1)
      for (const archive of archivePaths(folder.volume)) {
        expect(textIn(folder.volume, archive)).toContain('PostgreSQL database dump complete')
      }
      expect(filesOf(folder.volume).filter(path => path.endsWith('.in_progress'))).toEqual([])
    },
  )

  test('FM22 while it prunes leaves only whole archives, and the next run sweeps', async () => {
    using folder = backupFolder(shop())
    for (const day of ['2026-10-01', '2026-10-02', '2026-10-03']) putOld(folder, day)
    const env = { ...backupEnvironment(server, folder), ...ONLY_DAILY, DAILY_BACKUPS: '1' }
    const dying = { NODE_OPTIONS: `--import ${DIE_AT}`, DIE_AT: 'after unlink .sql.gz' }

    await runBackup(['-1'], { conf: folder.conf, env: { ...env, ...dying } })
    const left = filesOf(folder.volume)
    const next = await runBackup(['-1'], { conf: folder.conf, env })

    expect(left).not.toContain(`daily/2026-10-01/${STEM}_2026-10-01_01-00-00.sql.gz`)
    expect(left).toContain(`daily/2026-10-01/${STEM}_2026-10-01_01-00-00.sql.gz.json`)
    expect(left.filter(path => path.endsWith('.sql.gz'))).toHaveLength(3)
    expect(next.code).toBe(0)
    expect(next.stdout).toContain('swept      ')
    expect(archivePaths(folder.volume)).toHaveLength(1)
    expect(filesOf(folder.volume)).toHaveLength(2)
  })

  test('FM22 would find every file on the disk before it has its final name, and the manifest last', async () => {
    using folder = backupFolder(shop())
    const record = join(folder.path, 'steps')
    const env = { ...backupEnvironment(server, folder), NODE_OPTIONS: `--import ${DIE_AT}`, RECORD_STEPS: record }

    await runBackup(['-1'], { conf: folder.conf, env })

    const [archive = ''] = archivePaths(folder.volume)
    const own = readFileSync(record, 'utf8')
      .split('\n')
      .filter(line => line.includes(dirname(archive)))
    const steps = own.map(line =>
      line.replace(join(folder.volume, dirname(archive)), 'FOLDER').replace(basename(archive), 'ARCHIVE'),
    )
    expect(steps).toEqual([
      'sync FOLDER/ARCHIVE.in_progress',
      'sync FOLDER/ARCHIVE.json.in_progress',
      'rename FOLDER/ARCHIVE',
      'sync FOLDER',
      'rename FOLDER/ARCHIVE.json',
      'sync FOLDER',
    ])
  })
})

describe('two runs at once', () => {
  /** A run whose pg_dump waits until `release` is called. */
  async function heldRun(folder: BackupFolder) {
    const gate = join(folder.path, 'gate')
    const PATH = pathWithPgDump(folder, server, `: > ${folder.path}/started; read -r _ < ${gate}; exec "$REAL" "$@"`)
    execFileSync('mkfifo', [gate])
    const running = startBackup(['-1'], { conf: folder.conf, env: { ...backupEnvironment(server, folder), PATH } })
    await untilTrue(() => existsSync(`${folder.path}/started`))
    return { running, release: () => writeFileSync(gate, '\n') }
  }

  test('FM20 FM21 FM38 the second one ends with 11 and says who is at it; one with -s waits for its turn', async () => {
    using folder = backupFolder(shop())
    const options = { conf: folder.conf, env: backupEnvironment(server, folder) }
    const first = await heldRun(folder)

    const second = await runBackup(['-1', '--json'], options)
    const impatient = await runBackup(['-s'], { ...options, env: { ...options.env, LOCK_WAIT: '1s' } })
    const waiting = startBackup(['-s'], { ...options, env: { ...options.env, LOCK_WAIT: '2m' } })
    await waiting.printed(/run-started/)
    first.release()
    const [done, waited] = await Promise.all([first.running.result, waiting.result])

    expect([second.code, impatient.code, done.code, waited.code]).toEqual([11, 11, 0, 0])
    const [outcome] = JSON.parse(second.stdout).databases
    expect(outcome.seconds).toBeLessThan(4)
    expect(outcome.failure).toMatchObject({
      kind: 'locked',
      message: expect.stringMatching(/locked by run \S+ on \S+ \(process \d+\) since /),
      hint: expect.stringContaining('-s'),
    })
    expect(archivePaths(folder.volume)).toHaveLength(2)
    expect(new Set(archivePaths(folder.volume).map(archive => manifestIn(folder.volume, archive).sha256))).toHaveLength(
      2,
    )
    expect(locksIn(folder)).toEqual([])
  })

  test('FM21 the lock and the rest of a run that was killed are cleared away by the next one, at once', async () => {
    using folder = backupFolder(shop())
    const first = await heldRun(folder)
    const children = descendantsOf(first.running.pid)
    first.running.kill('SIGKILL')
    await untilTrue(() => first.running.child.signalCode !== null)
    const left = { locks: locksIn(folder), files: filesOf(folder.volume) }

    const next = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder) })

    for (const child of children) killQuietly(child.pid)
    expect(left.locks).toEqual([`${STEM}.lock`])
    expect(left.files).toEqual([expect.stringMatching(/\.sql\.gz\.in_progress$/)])
    expect(next.code).toBe(0)
    expect(next.stdout).toContain('swept      ')
    expect(filesOf(folder.volume)).toHaveLength(2)
    expect(locksIn(folder)).toEqual([])
  })

  test('FM88 FM42 a database that is locked does not stop the others', async () => {
    using folder = backupFolder(shop())
    const first = await heldRun(folder)
    folder.writeConf(`${shop()}\n127.0.0.1:${server.port}/postgres\n127.0.0.1:${server.port}/no_such`)

    const second = await runBackup(['-1', '--json'], { conf: folder.conf, env: backupEnvironment(server, folder) })
    first.release()
    await first.running.result

    expect(second.code).toBe(3)
    expect(JSON.parse(second.stdout).databases.map((each: { result: string }) => each.result)).toEqual([
      'failed',
      'backed-up',
      'failed',
    ])
  })
})

function locksIn(folder: BackupFolder): readonly string[] {
  return readdirSync(join(folder.volume, '.backup', 'locks'))
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
