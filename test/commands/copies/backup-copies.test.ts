import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ftpsDestination } from '../../../src/destinations/ftps.ts'
import { s3Destination } from '../../../src/destinations/s3.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { backupEnvironment, sha256Of } from '../../support/archives.ts'
import {
  type BackupFolder,
  backupFolder,
  type ProgramResult,
  runBackup,
  startBackup,
} from '../../support/backup-program.ts'
import { archivePaths, everythingIn, manifestIn } from '../../support/backups.ts'
import { startChatServer } from '../../support/chat-server.ts'
import { ftpEnvironment, namesAt, pathAt, s3Environment } from '../../support/copy-places.ts'
import type { FtpServer } from '../../support/ftp-server.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { type S3Server, startS3Server } from '../../support/s3-server.ts'
import { startVsftpd } from '../../support/vsftpd.ts'

let postgres: PostgresServer
let ftp: FtpServer
let s3: S3Server

beforeAll(async () => {
  ;[postgres, ftp, s3] = await Promise.all([startPostgres(), startVsftpd(), startS3Server()])
  for (const name of ['shop', 'stock']) {
    await postgres.createDatabase(name)
    await postgres.sql(name, 'CREATE TABLE customer AS SELECT generate_series(1, 1000) AS id')
  }
})
afterAll(async () => {
  await postgres.stop()
  await ftp[Symbol.asyncDispose]()
  await s3[Symbol.asyncDispose]()
})

/** Whatever day it is, the backup is a daily one. */
const TWO_DAILY = { DAILY_BACKUPS: '2', WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0' }
const MIRROR = { FTP_RETENTION: 'mirror', S3_PRUNE_BACKUPS: 'true' }

/** Each volume has a place of its own at both servers. */
function placeOf(folder: BackupFolder): string {
  return basename(folder.path)
}

function environment(folder: BackupFolder): Record<string, string> {
  const place = placeOf(folder)
  return { ...backupEnvironment(postgres, folder), ...ftpEnvironment(ftp, place), ...s3Environment(s3, place) }
}

/** Runs the program with copies to both servers. */
function run(
  folder: BackupFolder,
  args: readonly string[] = ['-1', '--json'],
  more: Readonly<Record<string, string | undefined>> = {},
): Promise<ProgramResult> {
  return runBackup(args, { conf: folder.conf, env: { ...environment(folder), ...more } })
}

const database = (name: string): string => `127.0.0.1:${postgres.port}/${name}`
const namesOf = (folder: BackupFolder): readonly string[] => archivePaths(folder.volume).map(path => basename(path))
const withManifests = (names: readonly string[]): readonly string[] =>
  names.flatMap(name => [name, `${name}.json`]).toSorted()

function statesIn(folder: BackupFolder): readonly string[] {
  return archivePaths(folder.volume).map(path =>
    manifestIn(folder.volume, path)
      .copies.map(({ destination, state }) => `${destination} ${state}`)
      .join(', '),
  )
}

function manifestAt(server: FtpServer | S3Server, folder: BackupFolder, name: string): unknown {
  return JSON.parse(readFileSync(pathAt(server, placeOf(folder), `${name}.json`), 'utf8'))
}

/** Puts a file there as another program would. */
async function putForeign(server: FtpServer | S3Server, place: string, name: string): Promise<void> {
  await using destination =
    'home' in server
      ? ftpsDestination(server.settings({ folder: `/${place}/` }), { clock: systemClock })
      : s3Destination(server.settings({ prefix: `${place}/` }))
  await destination.put({ name, source: { content: Buffer.from('foreign') } }, AbortSignal.timeout(60_000))
}

describe('a backup run', () => {
  test('sends each archive and its manifest to every destination, and says so in the manifest', async () => {
    using folder = backupFolder(`${database('shop')}\n${database('stock')}`)

    const result = await run(folder)

    expect([result.code, result.stderr.match(/"level":"error".*/)]).toEqual([0, null])
    expect(statesIn(folder)).toEqual(['ftp done, s3 done', 'ftp done, s3 done'])
    const names = namesOf(folder)
    for (const server of [ftp, s3]) {
      expect(namesAt(server, placeOf(folder))).toEqual(withManifests(names))
      for (const path of archivePaths(folder.volume)) {
        const { sha256 } = manifestIn(folder.volume, path)
        expect(sha256Of(pathAt(server, placeOf(folder), basename(path)))).toBe(sha256)
        expect(manifestAt(server, folder, basename(path))).toMatchObject({
          sha256,
          copies: [
            { destination: 'ftp', state: 'done' },
            { destination: 's3', state: 'done' },
          ],
        })
      }
    }
    expect(JSON.parse(result.stdout)).toMatchObject({
      databases: [1, 2].map(() => ({ copies: [{ state: 'done' }, { state: 'done' }] })),
      destinations: ['ftp', 's3'].map(destination => ({ destination, missing: 0, caughtUp: 0, failure: null })),
    })
  })

  test('sends nothing twice, but a manifest again that has changed since', async () => {
    using folder = backupFolder(database('shop'))
    await run(folder)
    const [path = ''] = archivePaths(folder.volume)
    const verification = {
      at: '2026-11-21T01:00:00-08:00',
      from: 'volume',
      verdict: 'proved',
      durationSeconds: 1,
      reasons: [],
    }
    const changed = { ...manifestIn(folder.volume, path), verifications: [verification] }
    writeFileSync(join(folder.volume, `${path}.json`), JSON.stringify(changed, null, 2))
    const requestsBefore = s3.requests.length

    const result = await run(folder)

    const put = s3.requests.slice(requestsBefore).filter(request => request.startsWith('PUT'))
    const sent = (name: string): number => put.filter(request => request.includes(`${name}?`)).length
    expect(result.code).toBe(0)
    expect([sent(basename(path)), sent(`${basename(path)}.json`)]).toEqual([0, 1])
    for (const server of [ftp, s3]) {
      expect(manifestAt(server, folder, basename(path))).toMatchObject({ verifications: [{ verdict: 'proved' }] })
    }
  })

  test('FM12 shows no password of a destination in output, log, messages or manifests', async () => {
    await using chat = await startChatServer()
    using folder = backupFolder(database('shop'))
    const env = {
      WEBHOOK_URL: `${chat.url}/hooks/hook-id/hook-token-1234567890`,
      FTP_PASSWORD: 'hunter2-of-ftp',
      S3_USER: 'unknown-key',
      S3_PASSWORD: 'hunter2-of-s3',
      BACKUP_LOG_LEVEL: 'debug',
    }

    const result = await run(folder, ['-1'], env)

    expect(result.code).toBe(3)
    expect(result.stdout).toMatch(/NOT COPIED .*\/shop to ftp: .*the login was refused/)
    expect(result.stdout).toMatch(/NOT COPIED .*\/shop to s3: /)
    const [message = ''] = chat.posts.map(post => new URLSearchParams(post.body).get('message') ?? '')
    expect(message).toMatch(/NOT COPIED to ftp, NOT COPIED to s3/)
    expect(message).toMatch(/\ncopies to ftp: 1 MISSING.*FTP_PASSWORD/)
    const said = [result.stdout, result.stderr, message, everythingIn(folder.volume, { archives: true })]
    expect(said.join('\n')).not.toMatch(/hunter2/)
  })
})

test('FM49 a run that is killed while it copies leaves a copy that waits, and the next run sends it', async () => {
  using folder = backupFolder(database('shop'))
  let killed = (): void => {}
  const reached = new Promise<void>(resolve => {
    killed = resolve
  })
  // It never answers.
  s3.intercept(request => {
    if (request.method === 'PUT') killed()
    return request.method === 'PUT'
  })
  const program = startBackup(['-1'], { conf: folder.conf, env: environment(folder) })
  await reached
  process.kill(program.pid, 'SIGKILL')
  await program.result
  const states = statesIn(folder)

  s3.intercept(() => false)
  const next = await run(folder)

  expect(states).toEqual([expect.stringContaining('s3 waiting')])
  expect(next.code).toBe(0)
  expect(statesIn(folder)).toEqual(['ftp done, s3 done', 'ftp done, s3 done'])
  expect(namesAt(s3, placeOf(folder))).toEqual(withManifests(namesOf(folder)))
}, 120_000)

describe('retention', () => {
  test('FM50 FM26 under mirror lets the copies of removed archives go, and nothing of anybody else', async () => {
    using folder = backupFolder(database('shop'))
    const foreign = [
      'notes.txt',
      // Of another volume that backs up a database of the same name.
      '127.0.0.1-shop_2026-01-02_01-00-00.sql.gz',
      '127.0.0.1-shop_2026-01-02_01-00-00.sql.gz.json',
      '127.0.0.1-shop_archive_2026-01-02_01-00-00.sql.gz',
    ]
    await run(folder, undefined, TWO_DAILY)
    for (const server of [ftp, s3]) {
      for (const name of foreign) await putForeign(server, placeOf(folder), name)
    }

    const results = [await run(folder, undefined, { ...TWO_DAILY, ...MIRROR })]
    results.push(await run(folder, undefined, { ...TWO_DAILY, ...MIRROR }))

    expect(results.map(result => result.code)).toEqual([0, 0])
    expect(namesOf(folder)).toHaveLength(2)
    for (const server of [ftp, s3]) {
      const expected = [...withManifests(namesOf(folder)), ...foreign].toSorted()
      expect(namesAt(server, placeOf(folder))).toEqual(expected)
    }
  })

  test('FM125 under mirror lets the copies go that the bash tool made, which noted nothing', async () => {
    using folder = backupFolder(database('shop'))
    await run(folder, undefined, TWO_DAILY)
    const [old = ''] = archivePaths(folder.volume)
    rmSync(join(folder.volume, `${old}.json`))
    await run(folder, undefined, { ...TWO_DAILY, ...MIRROR })

    const { code } = await run(folder, undefined, { ...TWO_DAILY, ...MIRROR })

    expect(code).toBe(0)
    expect(namesOf(folder)).toHaveLength(2)
    expect(namesOf(folder)).not.toContain(basename(old))
    for (const server of [ftp, s3]) expect(namesAt(server, placeOf(folder))).toEqual(withManifests(namesOf(folder)))
  })

  test('under keep, the default, every copy stays', async () => {
    using folder = backupFolder(database('shop'))
    const names = new Set<string>()
    for (let count = 0; count < 3; count += 1) {
      await run(folder, undefined, TWO_DAILY)
      for (const name of namesOf(folder)) names.add(name)
    }

    expect(namesOf(folder)).toHaveLength(2)
    expect(names.size).toBe(3)
    for (const server of [ftp, s3]) expect(namesAt(server, placeOf(folder))).toEqual(withManifests([...names]))
  })
})

describe('with both destinations down', () => {
  test('FM49 a run takes no longer than the tries take, keeps its archives and ends with 3; the next one makes up for it', async () => {
    using folder = backupFolder(`${database('shop')}\n${database('stock')}`)
    await run(folder, undefined, { ...TWO_DAILY, ...MIRROR })
    await run(folder, undefined, { ...TWO_DAILY, ...MIRROR })
    const before = namesOf(folder)
    await ftp.kill()
    s3.intercept(request => {
      request.socket.destroy()
      return true
    })

    const started = performance.now()
    const result = await run(folder, undefined, { ...TWO_DAILY, ...MIRROR })
    const seconds = (performance.now() - started) / 1000

    const fresh = namesOf(folder).filter(name => !before.includes(name))
    expect(result.code).toBe(3)
    // 2, 10 and 30 seconds between the tries, of both at the same time, once for the whole run.
    expect(seconds).toBeLessThan(42 + 25)
    expect(JSON.parse(result.stdout)).toMatchObject({
      databases: [1, 2].map(() => ({
        result: 'backed-up',
        pruneFailure: null,
        copies: [{ state: 'failed' }, { state: 'failed' }],
      })),
      destinations: ['ftp', 's3'].map(destination => ({ destination, missing: 2, failure: { kind: 'connection' } })),
    })
    expect(fresh).toHaveLength(2)

    await ftp.start()
    s3.intercept(() => false)
    const repaired = await run(folder, undefined, { ...TWO_DAILY, ...MIRROR })

    expect(repaired.code).toBe(0)
    expect(JSON.parse(repaired.stdout).destinations).toMatchObject([
      { missing: 0, caughtUp: 2, failure: null },
      { missing: 0, caughtUp: 2, failure: null },
    ])
    expect(statesIn(folder)).toEqual(namesOf(folder).map(() => 'ftp done, s3 done'))
    for (const server of [ftp, s3]) {
      expect(namesAt(server, placeOf(folder))).toEqual(withManifests(namesOf(folder)))
    }
  }, 300_000)
})
