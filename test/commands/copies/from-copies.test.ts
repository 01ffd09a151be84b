import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { scheduledCommand } from '../../../src/schedule/scheduled-command.ts'
import { backupEnvironment, sha256Of } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult, runBackup } from '../../support/backup-program.ts'
import { archivePaths, manifestIn } from '../../support/backups.ts'
import { ftpEnvironment, namesAt, pathAt, s3Environment, sftpEnvironment } from '../../support/copy-places.ts'
import type { FtpServer } from '../../support/ftp-server.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf } from '../../support/restoring.ts'
import { type S3Server, startS3Server } from '../../support/s3-server.ts'
import { type SshServer, startSshServer } from '../../support/ssh-server.ts'
import { startVsftpd } from '../../support/vsftpd.ts'

const TIMEOUT = 120_000

let postgres: PostgresServer
let ftp: FtpServer
let s3: S3Server
let ssh: SshServer
/** With one archive, which is at every destination. */
let folder: BackupFolder
let name: string

beforeAll(async () => {
  ;[postgres, ftp, s3, ssh] = await Promise.all([startPostgres(), startVsftpd(), startS3Server(), startSshServer()])
  await postgres.createDatabase('shop')
  await postgres.sql('shop', 'CREATE TABLE customer AS SELECT generate_series(1, 1000) AS id')
}, TIMEOUT)
afterAll(async () => {
  await postgres.stop()
  await ftp[Symbol.asyncDispose]()
  await s3[Symbol.asyncDispose]()
  await ssh[Symbol.asyncDispose]()
})
beforeEach(async () => {
  folder = backupFolder(shop())
  // As root the scratch server runs as another user, who has to get there.
  chmodSync(folder.path, 0o711)
  mkdirSync(scratch())
  const result = await run('-1')
  expect(result.code, result.stderr).toBe(0)
  name = basename(archivePaths(folder.volume)[0] ?? '')
}, TIMEOUT)
afterEach(() => folder[Symbol.dispose]())

const shop = (): string => `127.0.0.1:${postgres.port}/shop`
const scratch = (): string => join(folder.path, 'scratch')
const place = (): string => basename(folder.path)

function run(...args: readonly string[]): Promise<ProgramResult> {
  const env = {
    ...backupEnvironment(postgres, folder),
    ...ftpEnvironment(ftp, place()),
    ...s3Environment(s3, place()),
    ...sftpEnvironment(ssh, place()),
    VERIFICATION_DIR: scratch(),
    _127_0_0_1_ADMIN_USER: postgres.superuser,
    _127_0_0_1_ADMIN_PASSWORD: postgres.password,
  }
  return runBackup(args, { conf: folder.conf, env })
}

/** Changes one byte in the middle of a copy, as a bad disk does. */
function rot(server: FtpServer | S3Server | SshServer): void {
  const path = pathAt(server, place(), name)
  const bytes = readFileSync(path)
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff
  writeFileSync(path, bytes)
}

function verdicts(): readonly (readonly string[])[] {
  const [path = ''] = archivePaths(folder.volume).filter(each => each.endsWith(name))
  return manifestIn(folder.volume, path).verifications.map(({ from, verdict }) => [from, verdict])
}

describe('backup -v --from', () => {
  test.each(['ftp', 's3', 'sftp'])(
    'FM74 proves the copy at %s, whatever the file on the volume is by now',
    async from => {
      const [path = ''] = archivePaths(folder.volume)
      writeFileSync(join(folder.volume, path), 'not what it was')

      const result = await run('-v', shop(), '--from', from, '--json')

      expect(result.code, result.stdout + result.stderr).toBe(0)
      expect(JSON.parse(result.stdout).databases).toMatchObject([
        { verdict: 'proved', from, archive: `${from}/${name}`, rows: 1000 },
      ])
      expect(verdicts()).toEqual([[from, 'proved']])
      expect(readdirSync(scratch())).toEqual([])
    },
    TIMEOUT,
  )

  test('FM74 is what a cron line can ask for', () => {
    expect(scheduledCommand('./backup.sh -s -v all --from s3')).toMatchObject({
      command: { mode: 'verify', spec: 'all', from: 's3' },
    })
  })

  test(
    'FM51 a copy that has rotted fails with its reason, says nothing about the archive, and is sent again',
    async () => {
      const [path = ''] = archivePaths(folder.volume)
      const { sha256 } = manifestIn(folder.volume, path)
      rot(s3)

      const fromCopy = await run('-v', shop(), '--from', 's3')
      const fromVolume = await run('-v', shop())
      const states = manifestIn(folder.volume, path).copies.map(({ destination, state }) => [destination, state])
      const again = await run('-1')

      expect(fromCopy.code, fromCopy.stdout).toBe(4)
      expect(fromCopy.stdout).toMatch(/FAILED .*\n +NO +the archive is what was dumped/)
      expect(fromCopy.stdout).toContain('the next backup run sends this copy again')
      expect(fromVolume.code, fromVolume.stdout).toBe(0)
      expect(states).toEqual([
        ['ftp', 'done'],
        ['s3', 'damaged'],
        ['sftp', 'done'],
      ])
      expect(again.code, again.stdout).toBe(0)
      expect(sha256Of(pathAt(s3, place(), name))).toBe(sha256)
      expect(verdicts()).toEqual([
        ['s3', 'failed'],
        ['volume', 'proved'],
      ])
    },
    TIMEOUT,
  )

  test('FM51 a copy that is gone is no proof', async () => {
    rmSync(pathAt(ftp, place(), name))

    const result = await run('-v', shop(), '--from', 'ftp')

    expect(result.code).toBe(5)
    expect(result.stdout).toContain('no archive of it at ftp')
  })

  test('a destination that is not set is a problem of the configuration', async () => {
    const env = { ...backupEnvironment(postgres, folder), ...ftpEnvironment(ftp, place()) }

    const result = await runBackup(['-v', 'all', '--from', 's3'], { conf: folder.conf, env })

    expect(result.code).toBe(10)
    expect(result.stderr).toContain('--from s3: S3_ENDPOINT is not set')
  })
})

describe('when the volume is lost', () => {
  test(
    'FM155 a copy whose manifest says that its proof has failed is passed over, unless -f names it alone',
    async () => {
      expect((await run('-1')).code).toBe(0)
      const newest = archivePaths(folder.volume)
        .map(path => basename(path))
        .find(each => each !== name)
      const path = pathAt(ftp, place(), `${newest}.json`)
      const facts = { isWhatWasDumped: 'held', loads: 'broken', comesBack: 'unknown' }
      const failed = {
        at: '2026-11-20T02:00:00Z',
        from: 's3',
        verdict: 'failed',
        durationSeconds: 1,
        reasons: [],
        facts,
      }
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), verifications: [failed] }))

      const choice = await run('-r', shop(), '--from', 'ftp', '--dry-run')
      const named = await run('-r', shop(), '--from', 'ftp', '-f', `${newest}`, '--dry-run')

      expect(choice.stdout).toContain(`Restore  ftp/${name}\n`)
      expect(choice.stdout).toContain(`note     passed over ftp/${newest}: its proof FAILED\n`)
      expect(named.stdout).toContain(`Restore  ftp/${newest}\n`)
      expect(named.stdout).toMatch(/ {2}taken .*, FAILED 2026-11-20 02:00, /)
    },
    TIMEOUT,
  )

  test.each(['ftp', 's3', 'sftp'])(
    'FM74 backup -l --from %s shows what there is, and backup -r --from restores it',
    async from => {
      rmSync(folder.volume, { recursive: true })
      await postgres.sql('shop', 'DROP TABLE customer')

      const listed = await run('-l', '--from', from)
      const nothing = await run('-l', '-f', 'FM131', '--from', from)
      const restored = await run('-r', shop(), '--from', from, '--yes')

      expect([nothing.code, nothing.stdout]).toEqual([2, ''])
      expect(nothing.stderr).toContain('-f "FM131": names no archive')
      expect(listed.code, listed.stderr).toBe(0)
      expect(listed.stdout).toMatch(new RegExp(`^${shop()} +\\d{4}-.* 1 +-$`, 'm'))
      expect(listed.stdout).toContain(name)
      expect(restored.code, restored.stdout + restored.stderr).toBe(0)
      expect(restored.stdout).toContain(`a copy from ${from}`)
      expect(await postgres.query('shop', 'SELECT count(*)::int AS rows FROM customer')).toEqual([{ rows: 1000 }])
      expect(readdirSync(scratch())).toEqual([])
      for (const kept of await databasesOf(postgres)) {
        if (kept.startsWith('shop_before_')) await postgres.sql('postgres', `DROP DATABASE "${kept}"`)
      }
    },
    TIMEOUT,
  )

  test(
    'FM127 a copy whose name could be that of two databases is restored into the one that its manifest names only',
    async () => {
      await postgres.createDatabase('web-shop')
      folder.writeConf(`127.0.0.1:${postgres.port}/web-shop`)
      const backup = await run('-1')
      await postgres.query('postgres', 'DROP DATABASE "web-shop"')

      const result = await run('-r', '127.0.0.1-web/shop', '-a', 'anything', '--from', 's3', '--yes')

      expect(backup.code, backup.stderr).toBe(0)
      expect(namesAt(s3, place()).join()).toContain('127.0.0.1-web-shop_')
      expect(result.code).toBe(1)
      expect(result.stderr).toContain('127.0.0.1-web/shop: no archive of it at s3')
    },
    TIMEOUT,
  )

  test.each(['ftp', 'sftp'])('a damaged copy at %s is not restored', async from => {
    rot(from === 'ftp' ? ftp : ssh)

    const result = await run('-r', shop(), '--from', from, '--yes')

    expect(result.code).toBe(1)
    expect(result.stderr + result.stdout).toMatch(/SHA-256/)
    expect(await databasesOf(postgres)).toEqual(['shop'])
  })
})

describe('backup -c --check', () => {
  test('logs in everywhere, writes and removes a file at each destination, and says so', async () => {
    const result = await run('-c', '--check')

    expect(result.code, result.stdout).toBe(0)
    expect(result.stdout).toMatch(/works +127\.0\.0\.1:\d+\/shop +PostgreSQL \d+\.\d+, .*everything readable/)
    expect(result.stdout).toMatch(/works +ftp ftp:\/\/127\.0\.0\.1:\d+\/.* +a small file was written and removed/)
    expect(result.stdout).toMatch(/works +s3 s3 127/)
    expect(result.stdout).toMatch(
      /works +sftp sftp:\/\/\w+@127\.0\.0\.1:\d+\/~\/\S+ +a small file was written and removed/,
    )
    for (const server of [ftp, s3, ssh]) expect(namesAt(server, place())).toEqual([name, `${name}.json`])
  })

  test('FM38 ends with 3 where something does not work, and says why', async () => {
    const env = {
      ...backupEnvironment(postgres, folder),
      ...ftpEnvironment(ftp, place()),
      FTP_PASSWORD: 'hunter2-is-wrong',
      DATABASE_PASSWORD: 'hunter3-is-wrong',
    }

    const result = await runBackup(['-c', '--check', '--json'], { conf: folder.conf, env })

    expect(result.code).toBe(3)
    expect(JSON.parse(result.stdout).access).toMatchObject([
      { kind: 'volume', failure: null },
      { kind: 'database', failure: { kind: 'authentication' } },
      { kind: 'destination', failure: { kind: 'authentication', hint: expect.stringContaining('FTP_PASSWORD') } },
    ])
    expect(result.stdout + result.stderr).not.toMatch(/hunter/)
  })
})
