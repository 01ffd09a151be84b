import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { ftpsDestination } from '../../src/destinations/ftps.ts'
import { retrying } from '../../src/destinations/retrying.ts'
import { type Clock, systemClock } from '../../src/system/clock.ts'
import { text } from '../suites/destination-suite.ts'
import { makeCertificate } from '../support/certificate.ts'
import { operatorError } from '../support/failure.ts'
import type { FtpServer } from '../support/ftp-server.ts'
import { startProftpd } from '../support/proftpd.ts'
import { startScriptedFtpServer } from '../support/scripted-ftp-server.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { startVsftpd } from '../support/vsftpd.ts'

const NAME = 'wallet-db-tob_2026-11-20_01-00-00.sql.gz'
const signal = AbortSignal.timeout(600_000)
const parts = { clock: systemClock }

let folder: string
let vsftpd: FtpServer

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'ftps-'))
  // The servers' user has to get through.
  chmodSync(folder, 0o755)
  vsftpd = await startVsftpd()
})

afterAll(async () => {
  await vsftpd[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

function file(bytes: number): { path: string; bytes: number; sha256: string } {
  const content = randomBytes(bytes)
  const made = path.join(folder, `file-${randomBytes(6).toString('hex')}`)
  writeFileSync(made, content)
  return { path: made, bytes, sha256: createHash('sha256').update(content).digest('hex') }
}

/** Does not wait, and lets the test put things right while others would. */
function clockThat(mend: () => Promise<void> | void): Clock {
  return { ...systemClock, sleep: async () => await mend() }
}

/** Makes a folder a file system of its own, with room for 1 MB. */
function smallVolume(home: string): Disposable {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0755,uid=65534,gid=65534', 'tmpfs', home])
  return { [Symbol.dispose]: () => void execFileSync('umount', [home]) }
}

function hashOf(home: string, name: string): string {
  return createHash('sha256')
    .update(readFileSync(path.join(home, name)))
    .digest('hex')
}

describe('TLS', () => {
  test('FM45 a server without TLS never learns user or password', async () => {
    await using server = await startScriptedFtpServer()
    await using destination = ftpsDestination(server.settings({ tls: 'required' }), parts)

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('refuses TLS') })
    expect(server.received()).toMatch(/^AUTH TLS\n(QUIT\n)?$/)
  })

  test('FM45 a server that would not protect the data connection gets no file', async () => {
    const made = makeCertificate(mkdtempSync(path.join(folder, 'tls-')), '127.0.0.1')
    await using server = await startScriptedFtpServer({ tls: made, replies: { PROT: '536 no' } })
    await using destination = ftpsDestination(server.settings({ tls: 'required', caFile: made.file }), parts)

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error.kind).toBe('configuration')
    expect(server.received()).not.toMatch(/EPSV|PASV|STOR/)
  })

  test('FM45 a certificate that nobody vouches for is refused before the password', async () => {
    await using server = await startVsftpd()
    await using destination = ftpsDestination(server.settings({ caFile: null }), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'configuration', hint: expect.stringContaining('FTP_CA_FILE') })
    expect(server.log()).not.toMatch(/USER|PASS/)
  })

  test('FM45 a certificate for another host is refused', async () => {
    const { address, ...others } = vsftpd.settings()
    await using destination = ftpsDestination({ ...others, address: { ...address, host: 'localhost' } }, parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('another host name') })
  })

  test('a FTP_CA_FILE that is not there is a problem of the configuration', async () => {
    await using destination = ftpsDestination(vsftpd.settings({ caFile: path.join(folder, 'none.pem') }), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('FTP_CA_FILE') })
  })

  test('FTP_TLS=insecure encrypts, and takes any certificate', async () => {
    await using destination = ftpsDestination(vsftpd.settings({ caFile: null, tls: 'insecure' }), parts)

    await expect(destination.list(signal)).resolves.toEqual([])
  })
})

describe('logging in', () => {
  test.each(['vsftpd', 'proftpd'])(
    'FM12 a refused password is told by %s and by nothing that is thrown',
    async name => {
      await using own = name === 'proftpd' ? await startProftpd() : null
      const server = own ?? vsftpd
      await using destination = ftpsDestination(server.settings({ password: new Secret('wrong-hunter3') }), parts)

      const error = await operatorError(destination.list(signal))

      expect(error).toMatchObject({ kind: 'authentication', hint: expect.stringContaining('FTP_PASSWORD') })
      expect(JSON.stringify([error.message, error.hint, error.logOnly, destination])).not.toContain('hunter3')
    },
  )

  test('FM12 a server that repeats the password does not bring it into the log', async () => {
    await using server = await startScriptedFtpServer({ replies: { PASS: '530 not with hunter2-for-copies' } })
    await using destination = ftpsDestination(server.settings(), parts)

    const error = await operatorError(destination.list(signal))

    expect(error.logOnly).toEqual(['530 not with [secret]'])
  })

  test('FM13 a password with blanks, quotes and other alphabets arrives as it is', async () => {
    await using server = await startProftpd({ password: ' p ä"$@:\\%20\'ж ' })
    await using destination = ftpsDestination(server.settings(), parts)

    await expect(destination.list(signal)).resolves.toEqual([])
  })

  test('FM13 a password with a line break, which FTP cannot carry, is explained', async () => {
    await using destination = ftpsDestination(vsftpd.settings({ password: new Secret('hunter3\nx') }), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('line break') })
    expect(JSON.stringify([error.message, error.hint, error.logOnly])).not.toContain('hunter3')
  })

  test('a server that is not there is worth another try', async () => {
    await using server = await startProftpd()
    await server.kill()
    await using destination = ftpsDestination(server.settings(), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('ECONNREFUSED') })
  })

  test.each(['USER', 'AUTH', 'FEAT', 'SIZE'])(
    'a server that falls silent at %s costs no more than its time',
    async command => {
      const made = makeCertificate(mkdtempSync(path.join(folder, 'tls-')), '127.0.0.1')
      await using server = await startScriptedFtpServer({ tls: made, replies: { [command]: null } })
      const settings = server.settings(command === 'AUTH' ? { tls: 'required', caFile: made.file } : {})
      await using destination = ftpsDestination(settings, { ...parts, timeoutMs: 300 })

      const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

      expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('does not answer') })
    },
  )

  test('FM45 a server that says yes to TLS and then nothing costs no more than its time', async () => {
    await using server = await startScriptedFtpServer({ replies: { AUTH: '234 go on' } })
    await using destination = ftpsDestination(server.settings({ tls: 'required' }), { ...parts, timeoutMs: 300 })

    const error = await operatorError(destination.list(signal))

    expect(['connection', 'configuration']).toContain(error.kind)
    expect(server.received()).not.toContain('hunter2')
  })
})

describe('FM122 a refusal names the command that was refused, and nothing that followed it', () => {
  test.each([
    ['PASS', '530 no', 'could not log in: the login was refused (530 to PASS)'],
    ['LIST', '500 what?', 'could not list: the server refused (500 to LIST)'],
    ['RNTO', '500 what?', 'could not publish: the server refused (500 to RNTO)'],
  ])('%s', async (command, reply, message) => {
    await using server = await startScriptedFtpServer({ replies: { [command]: reply } })
    await using destination = ftpsDestination(server.settings(), parts)
    const work =
      command === 'RNTO' ? destination.put({ name: NAME, source: text('content') }, signal) : destination.list(signal)

    const error = await operatorError(work)

    expect(error.message).toContain(message)
    expect(JSON.stringify([error.message, error.hint, error.logOnly])).not.toContain('hunter2')
  })
})

describe('the folder', () => {
  test('is relative to the login folder, and absolute after two slashes', async () => {
    const absolute = path.join(vsftpd.home, 'from-root')
    await using relative = ftpsDestination(vsftpd.settings({ folder: '/some%20where/deep' }), parts)
    await using fromRoot = ftpsDestination(vsftpd.settings({ folder: `/${absolute}` }), parts)

    await relative.put({ name: NAME, source: text('1') }, signal)
    await fromRoot.put({ name: NAME, source: text('2') }, signal)

    expect(readdirSync(path.join(vsftpd.home, 'some where/deep'))).toEqual([NAME])
    expect(readdirSync(absolute)).toEqual([NAME])
  })

  test('that cannot be made is a matter of rights', async () => {
    await using destination = ftpsDestination(vsftpd.settings({ folder: '//proc/copies' }), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'rights', message: expect.stringContaining('could not enter the folder') })
  })
})

test('one control connection serves several calls', async () => {
  await using server = await startVsftpd()
  await using destination = ftpsDestination(server.settings(), parts)

  await destination.put({ name: NAME, source: file(100_000) }, signal)
  await destination.put({ name: `${NAME}.json`, source: text('{}') }, signal)
  await destination.list(signal)
  await destination.remove(NAME, signal)

  expect(server.log().match(/OK LOGIN/g)).toHaveLength(1)
})

describe('a transfer', () => {
  test.each(['vsftpd', 'ProFTPD'])(
    'FM44 FM48 to %s that dies in the middle leaves no half file, and goes on where it stopped',
    async name => {
      await using server =
        name === 'vsftpd'
          ? await startVsftpd({ lines: ['local_max_rate=20000000'] })
          : await startProftpd({ lines: ['TransferRate STOR 20000'] })
      const seen: number[] = []
      let killed: Promise<void> | null = null
      let left: readonly string[] = []
      let later = 0
      const clock = clockThat(async () => {
        await killed
        left = readdirSync(server.home)
        later = seen.length
        await server.start()
      })
      await using destination = retrying(ftpsDestination(server.settings(), parts), { clock })
      const source = file(40_000_000)
      const onProgress = (bytes: number): void => {
        seen.push(bytes)
        if (bytes > 10_000_000) killed ??= server.kill()
      }

      await destination.put({ name: NAME, source, onProgress }, signal)

      expect(left).toEqual([expect.stringMatching(/\.in_progress$/)])
      expect(hashOf(server.home, NAME)).toBe(source.sha256)
      expect(readdirSync(server.home)).toEqual([NAME])
      expect(seen[later]).toBeGreaterThan(1_000_000)
    },
  )

  test.each(['vsftpd', 'ProFTPD'])(
    'FM48 to a full %s is a matter of space, and its half file is removed',
    async name => {
      const home = mkdtempSync(path.join(folder, 'small-'))
      using _volume = smallVolume(home)
      await using server = name === 'vsftpd' ? await startVsftpd({ home }) : await startProftpd({ home })
      // ProFTPD calls the write that was cut short an input/output error, and only the next one a full disk.
      const clock = clockThat(() => {})
      await using destination = retrying(ftpsDestination(server.settings(), parts), { clock })
      await destination.put({ name: `older-${NAME}`, source: text('older') }, signal)

      const error = await operatorError(destination.put({ name: NAME, source: file(3_000_000) }, signal))

      expect(error).toMatchObject({ kind: 'space', message: expect.stringContaining('no space is left') })
      expect(readdirSync(home)).toEqual([`older-${NAME}`])
    },
  )

  test('FM48 whose control connection was forgotten on the way is not sent a second time', async () => {
    await using server = await startProftpd({ lines: ['TransferRate STOR 20000'] })
    await using proxy = await startTcpProxy(server.port)
    const clock = clockThat(() => proxy.heal())
    const inner = ftpsDestination(server.settings({ port: proxy.port }), { ...parts, timeoutMs: 3_000 })
    await using destination = retrying(inner, { clock })
    const source = file(20_000_000)
    const onProgress = (bytes: number): void => {
      if (bytes > 0 && bytes < 10_000_000) proxy.stall()
    }

    await destination.put({ name: NAME, source, onProgress }, signal)

    expect(hashOf(server.home, NAME)).toBe(source.sha256)
  })

  test.each([
    ['a closed port', '229 here (|||1|)'],
    ['a refusal', '550 no'],
  ])('FM48 whose data connection meets %s says so, and leaves the conversation usable', async (_, reply) => {
    await using server = await startScriptedFtpServer({ replies: { EPSV: reply, PASV: '502 no' } })
    await using destination = ftpsDestination(server.settings(), parts)

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({ kind: 'connection', hint: expect.stringContaining('passive ports') })
  })

  test('FM48 to a server that allows no passive mode is refused with a hint', async () => {
    await using server = await startVsftpd({ lines: ['pasv_enable=NO'] })
    await using destination = ftpsDestination(server.settings(), parts)

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({ kind: 'connection', hint: expect.stringContaining('passive ports') })
    expect(readdirSync(server.home)).toEqual([])
  })

  test('FM47 that arrived short is not published, whatever the server said', async () => {
    await using server = await startScriptedFtpServer({ replies: { SIZE: '213 0' } })
    await using destination = ftpsDestination(server.settings(), parts)

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({ kind: 'connection', message: expect.stringMatching(/0 bytes arrived .* expected 7/) })
    expect([...server.files.keys()]).toEqual([])
  })

  test('FM44 that arrived damaged is not published where the server can tell the hash', async () => {
    const replies = { FEAT: '211-here\r\n XSHA256\r\n211 end', XSHA256: `250 ${'0'.repeat(64)}` }
    await using server = await startScriptedFtpServer({ replies })
    await using destination = ftpsDestination(server.settings(), parts)

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('another SHA-256') })
    expect([...server.files.keys()]).toEqual([])
  })

  test('to a server that does not rename onto a file that is there replaces it all the same', async () => {
    await using server = await startScriptedFtpServer()
    await using destination = ftpsDestination(server.settings(), parts)
    await destination.put({ name: NAME, source: text('first') }, signal)

    await destination.put({ name: NAME, source: text('second') }, signal)

    expect([...server.files].map(([name, content]) => [name, String(content)])).toEqual([[NAME, 'second']])
  })
})
