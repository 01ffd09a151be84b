import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import type { Destination } from '../../src/destinations/destination.ts'
import { retrying } from '../../src/destinations/retrying.ts'
import { sftpDestination } from '../../src/destinations/sftp/sftp.ts'
import { type Clock, systemClock } from '../../src/system/clock.ts'
import { text } from '../suites/destination-suite.ts'
import { operatorError } from '../support/failure.ts'
import type { Lie } from '../support/lying-sftp-server.ts'
import {
  allowKey,
  copyAs,
  knownHostsLine,
  newKey,
  type SshServer,
  startProftpdSftp,
  startSshServer,
} from '../support/ssh-server.ts'
import { lyingSsh, standInSsh } from '../support/stand-in-ssh.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const NAME = 'wallet-db-tob_2026-11-20_01-00-00.sql.gz'
const PASSWORD = 'hunter2-for-copies'
const signal = AbortSignal.timeout(600_000)
const parts = { clock: systemClock, env: process.env }

let folder: string
let server: SshServer
let proftpd: SshServer

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sftp-'))
  // The servers' user has to get through.
  chmodSync(folder, 0o755)
  server = await startSshServer()
  proftpd = await startProftpdSftp(PASSWORD)
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await proftpd?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

function file(bytes: number): { path: string; bytes: number; sha256: string } {
  const content = randomBytes(bytes)
  const made = path.join(folder, `file-${randomBytes(6).toString('hex')}`)
  writeFileSync(made, content)
  return { path: made, bytes, sha256: createHash('sha256').update(content).digest('hex') }
}

function written(content: string): string {
  const made = path.join(folder, `text-${randomBytes(6).toString('hex')}`)
  writeFileSync(made, content)
  return made
}

function hashOf(made: string): string {
  return createHash('sha256').update(readFileSync(made)).digest('hex')
}

/** Does not wait, and lets the test put things right while others would. */
function clockThat(mend: () => Promise<void> | void): Clock {
  return { ...systemClock, sleep: async () => await mend() }
}

/** Makes a folder a file system of its own, with room for so many megabytes. */
function smallVolume(home: string, megabytes: number): Disposable {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755,uid=65534,gid=65534`, 'tmpfs', home])
  return { [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', home]) }
}

function lying(lie: Lie): Destination {
  return sftpDestination(server.settings(), { ...parts, env: lyingSsh(folder, lie), timeoutMs: 2_000 })
}

/** Folders that a login makes. */
function loginFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter(name => name.startsWith('backup-sftp-'))
}

describe('the host key', () => {
  test('FM230 of a server that is another one than before is refused before anything is said to it', async () => {
    const knownHostsFile = written(
      knownHostsLine(server.port, newKey(folder, `other-${randomBytes(4).toString('hex')}`)),
    )
    await using destination = sftpDestination(server.settings({ knownHostsFile }), parts)

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('another one than SFTP_KNOWN_HOSTS_FILE'),
    })
    expect(readdirSync(server.home)).toEqual([])
  })

  test('FM230 of a server that nobody knows is refused, and not written down', async () => {
    const knownHostsFile = written('# nothing yet\n')
    await using destination = sftpDestination(server.settings({ knownHostsFile }), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('not known') })
    expect(readFileSync(knownHostsFile, 'utf8')).toBe('# nothing yet\n')
  })

  test('FM230 is not looked for in a file that is not there', async () => {
    await using destination = sftpDestination(server.settings({ knownHostsFile: '/nowhere/known_hosts' }), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('SFTP_KNOWN_HOSTS_FILE: /nowhere/known_hosts'),
    })
  })

  test('may stand there hashed, or be vouched for by an authority', async () => {
    const hashed = written(readFileSync(server.knownHostsFile, 'utf8'))
    execFileSync('ssh-keygen', ['-q', '-H', '-f', hashed], { stdio: 'ignore' })
    const authority = newKey(folder, `authority-${randomBytes(4).toString('hex')}`)
    await using own = await startSshServer({ hostAuthority: authority })
    const vouched = written(`@cert-authority * ${readFileSync(`${authority}.pub`, 'utf8')}`)
    await using byHash = sftpDestination(server.settings({ knownHostsFile: hashed }), parts)
    await using byAuthority = sftpDestination(own.settings({ knownHostsFile: vouched }), parts)

    expect(readFileSync(hashed, 'utf8')).not.toContain('127.0.0.1')
    await expect(byHash.list(signal)).resolves.toEqual([])
    await expect(byAuthority.list(signal)).resolves.toEqual([])
  })

  test('a path with blanks, percent and dollar signs is the path that it is', async () => {
    const odd = path.join(folder, `a b%h$${'{HOME}'}"x`)
    mkdirSync(odd, { recursive: true })
    const knownHostsFile = path.join(odd, 'hosts')
    writeFileSync(knownHostsFile, readFileSync(server.knownHostsFile))
    const keyFile = copyAs(server.keyFile, path.join(odd, 'key'), { mode: 0o600, uid: process.getuid?.() ?? 0 })
    await using destination = sftpDestination(server.settings({ knownHostsFile, keyFile }), parts)

    await expect(destination.list(signal)).resolves.toEqual([])
  })
})

describe('logging in', () => {
  test('FM231 a key that the server does not know is refused, once', async () => {
    await using own = await startSshServer()
    const keyFile = newKey(folder, `stranger-${randomBytes(4).toString('hex')}`)
    await using destination = retrying(sftpDestination(own.settings({ keyFile }), parts), { clock: systemClock })

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'authentication', hint: expect.stringContaining('SFTP_KEY_FILE') })
    await expect.poll(() => own.log()).toContain('Connection closed by authenticating user')
    expect(own.log().match(/Connection closed by authenticating user/g)).toHaveLength(1)
  })

  test('a key with a passphrase opens with it', async () => {
    const keyFile = newKey(folder, `locked-${randomBytes(4).toString('hex')}`, 'hunter2 of "the" key')
    allowKey(server, keyFile)
    const passphrase = new Secret('hunter2 of "the" key')
    await using destination = sftpDestination(server.settings({ keyFile, passphrase }), parts)

    await expect(destination.list(signal)).resolves.toEqual([])
  })

  test.each([
    ['another passphrase', new Secret('hunter3')],
    ['none', null],
  ])('FM231 a key with a passphrase does not open with %s', async (_, passphrase) => {
    const keyFile = newKey(folder, `locked-${randomBytes(4).toString('hex')}`, 'hunter2')
    allowKey(server, keyFile)
    await using destination = sftpDestination(server.settings({ keyFile, passphrase }), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'authentication', hint: expect.stringContaining('SFTP_KEY_') })
    expect(JSON.stringify([error.message, error.hint, error.logOnly])).not.toContain('hunter3')
  })

  test.each([
    ['0440 of another owner, as Kubernetes mounts a Secret', 0o440, 65_534],
    ['0400 of its own', 0o400, process.getuid?.() ?? 0],
  ])('a key of mode %s is taken', async (_, mode, uid) => {
    const keyFile = copyAs(server.keyFile, path.join(folder, `key-${mode}`), { mode, uid })
    await using destination = sftpDestination(server.settings({ keyFile }), parts)

    await expect(destination.list(signal)).resolves.toEqual([])
  })

  test('FM231 a key of its own that others may read is refused with what to do', async () => {
    const keyFile = copyAs(server.keyFile, path.join(folder, 'open-key'), { mode: 0o644, uid: process.getuid?.() ?? 0 })
    await using destination = sftpDestination(server.settings({ keyFile }), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('others may read it') })
  })

  test.each([
    ['is not there', '/nowhere/key'],
    ['is no key', null],
  ])('FM231 a key file that %s is named', async (_, keyFile) => {
    const settings = server.settings({
      keyFile: keyFile ?? copyAs(written('no key\n'), path.join(folder, 'no-key'), { mode: 0o600, uid: 0 }),
    })
    await using destination = sftpDestination(settings, parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('SFTP_KEY_FILE') })
  })

  test('a password logs in where it is given', async () => {
    await using destination = sftpDestination(
      proftpd.settings({ keyFile: null, password: new Secret(PASSWORD) }),
      parts,
    )

    await expect(destination.list(signal)).resolves.toEqual([])
  })

  test('FM231 a wrong password is refused, and in nothing that is thrown', async () => {
    await using destination = sftpDestination(
      proftpd.settings({ keyFile: null, password: new Secret('hunter3') }),
      parts,
    )

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'authentication', hint: expect.stringContaining('SFTP_PASSWORD') })
    expect(JSON.stringify([error.message, error.hint, error.logOnly, destination])).not.toContain('hunter3')
  })

  test('a server without SFTP is a matter of its configuration', async () => {
    await using own = await startSshServer({ withoutSftp: true })
    await using destination = sftpDestination(own.settings(), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringContaining('no SFTP') })
  })

  test('a server that is not there is worth another try', async () => {
    await using own = await startSshServer()
    await own.kill()
    await using destination = sftpDestination(own.settings(), parts)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('refused the connection') })
  })

  test('without ssh it says what to install', async () => {
    await using destination = sftpDestination(server.settings(), { ...parts, env: { PATH: '/nowhere' } })

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'tools', hint: expect.stringContaining('openssh-client') })
  })

  test('one connection serves several calls', async () => {
    await using own = await startSshServer()
    await using destination = sftpDestination(own.settings(), parts)

    await destination.put({ name: NAME, source: file(100_000) }, signal)
    await destination.put({ name: `${NAME}.json`, source: text('{}') }, signal)
    await destination.list(signal)
    await destination.remove(NAME, signal)

    expect(own.log().match(/Accepted publickey/g)).toHaveLength(1)
  })
})

describe('FM237 a secret', () => {
  test('is in no argument, in no environment, and in no file once the login is over', async () => {
    const secrets = { passphrase: new Secret('hunter2-of-the-key'), password: new Secret('hunter2-of-the-user') }
    const seen = path.join(folder, 'seen')
    const look = `{ tr '\\0' '\\n' </proc/$$/cmdline; tr '\\0' '\\n' </proc/$$/environ; stat -c '%a %n' "\${SSH_ASKPASS%/*}" "\${SSH_ASKPASS%/*}"/*; } >'${seen}'; exec /usr/bin/ssh "$@"`
    await using destination = sftpDestination(server.settings(secrets), { ...parts, env: standInSsh(folder, look) })

    await destination.list(signal)

    expect(readFileSync(seen, 'utf8')).not.toContain('hunter2')
    expect(readFileSync(seen, 'utf8')).toMatch(/^700 \/.*backup-sftp-[^/]*$/m)
    expect(readFileSync(seen, 'utf8')).toMatch(/^600 .*\/passphrase$/m)
    expect(loginFolders().filter(name => readFileSync(seen, 'utf8').includes(name))).toEqual([])
  })

  test('that opens the key is given to no server, whatever it asks', async () => {
    const answers = path.join(folder, 'answers')
    const passphrase = new Secret('hunter2-of-the-key')
    const ask = `for question in "(copies@host) Enter passphrase for key 'x': " 'Password: ' "Enter passphrase for key '/x/key': "; do
      "$SSH_ASKPASS" "$question" || echo nothing; done >'${answers}' 2>/dev/null; exit 255`
    await using destination = sftpDestination(server.settings({ passphrase }), {
      ...parts,
      env: standInSsh(folder, ask),
    })

    await operatorError(destination.list(signal))

    expect(readFileSync(answers, 'utf8')).toBe('nothing\nnothing\nhunter2-of-the-key\n')
  })
})

describe('the user of this process', () => {
  test.runIf(process.getuid?.() === 0)('FM238 needs no name', async () => {
    const script = path.join(folder, 'list.ts')
    const source = path.join(import.meta.dirname, '../../src')
    writeFileSync(
      script,
      `import { sftpDestination } from '${source}/destinations/sftp/sftp.ts'
import { systemClock } from '${source}/system/clock.ts'
const settings = JSON.parse(process.argv[2] ?? '')
process.setgroups?.([]); process.setgid?.(1_000_690_000); process.setuid?.(1_000_690_000)
await using destination = sftpDestination({ ...settings, password: null, passphrase: null }, { clock: systemClock, env: process.env })
console.log(JSON.stringify(await destination.list(AbortSignal.timeout(20_000))))
`,
    )
    const keyFile = copyAs(server.keyFile, path.join(folder, 'key-of-nobody'), { mode: 0o400, uid: 1_000_690_000 })
    const knownHostsFile = copyAs(server.knownHostsFile, path.join(folder, 'hosts-of-nobody'), { mode: 0o444, uid: 0 })
    const settings = JSON.stringify(server.settings({ keyFile, knownHostsFile }))

    const found = execFileSync(process.execPath, [script, settings], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })

    expect(JSON.parse(found)).toEqual([])
  })
})

describe('the folder', () => {
  test('is absolute, or begins at the home folder', async () => {
    const absolute = path.join(server.home, 'from-root')
    const { address } = server.settings()
    await using fromHome = sftpDestination(
      server.settings({ address: { ...address, folder: 'some where/deep' } }),
      parts,
    )
    await using fromRoot = sftpDestination(server.settings({ folder: absolute }), parts)

    await fromHome.put({ name: NAME, source: text('1') }, signal)
    await fromRoot.put({ name: NAME, source: text('2') }, signal)

    expect(readdirSync(path.join(server.home, 'some where/deep'))).toEqual([NAME])
    expect(readdirSync(absolute)).toEqual([NAME])
    expect(statSync(path.join(absolute, NAME)).mode & 0o777).toBe(0o600)
    expect(statSync(absolute).mode & 0o777).toBe(0o700)
  })

  test.runIf(process.getuid?.() === 0)('that cannot be made is a matter of rights', async () => {
    await using destination = sftpDestination(server.settings({ folder: '/root-of-somebody/copies' }), parts)

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({ kind: 'rights', hint: expect.stringContaining('SFTP_URL') })
  })

  test('shows plain files only: no folder, no link', async () => {
    const at = path.join(server.home, 'mixed')
    mkdirSync(path.join(at, 'folder'), { recursive: true, mode: 0o755 })
    symlinkSync('/etc/passwd', path.join(at, `link-${NAME}`))
    writeFileSync(path.join(at, NAME), 'content')
    await using destination = sftpDestination(server.settings({ folder: at }), parts)

    expect(await destination.list(signal)).toEqual([{ name: NAME, bytes: 7, state: 'published' }])
  })
})

describe('a transfer', () => {
  test('FM232 to a full disk is a matter of space, and its half file is removed', async () => {
    const home = mkdtempSync(path.join(folder, 'small-'))
    using _volume = smallVolume(home, 4)
    await using own = await startSshServer({ home })
    await using destination = sftpDestination(own.settings(), parts)
    await destination.put({ name: `older-${NAME}`, source: text('older') }, signal)

    const error = await operatorError(destination.put({ name: NAME, source: file(9_000_000) }, signal))

    expect(error).toMatchObject({ kind: 'space', message: expect.stringContaining('no space is left') })
    expect(readdirSync(home)).toEqual([`older-${NAME}`])
  })

  test('FM232 that a full server refuses without a word is a matter of space where it says how much room there is', async () => {
    await using destination = lying('full without a word')

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error.kind).toBe('space')
  })

  test.each(['OpenSSH', 'ProFTPD'])(
    'FM233 to %s that dies in the middle leaves no half file, and goes on where it stopped',
    async name => {
      await using own = name === 'OpenSSH' ? await startSshServer() : await startProftpdSftp(PASSWORD)
      await using proxy = await startTcpProxy(own.port)
      const knownHostsFile = written(
        readFileSync(own.knownHostsFile, 'utf8').replace(`:${own.port} `, `:${proxy.port} `),
      )
      const seen: number[] = []
      let killed: Promise<void> | null = null
      let left: readonly string[] = []
      let later = 0
      const clock = clockThat(async () => {
        await killed
        left = readdirSync(own.home)
        later = seen.length
        await own.start()
      })
      const settings = own.settings({ port: proxy.port, knownHostsFile })
      await using destination = retrying(sftpDestination(settings, parts), { clock })
      const source = file(60_000_000)
      const onProgress = (bytes: number): void => {
        seen.push(bytes)
        if (bytes > 20_000_000) killed ??= own.kill()
      }

      await destination.put({ name: NAME, source, onProgress }, signal)

      expect(left).toEqual([expect.stringMatching(/\.in_progress$/)])
      expect(hashOf(path.join(own.home, NAME))).toBe(source.sha256)
      expect(readdirSync(own.home)).toEqual([NAME])
      expect(seen[later]).toBeGreaterThan(10_000_000)
    },
  )

  test('FM233 whose ssh is killed costs one login more', async () => {
    const pids = path.join(folder, 'killed-pids')
    const env = standInSsh(folder, `echo $$ >>'${pids}'; exec /usr/bin/ssh "$@"`)
    const started = (): readonly number[] => readFileSync(pids, 'utf8').trim().split('\n').map(Number)
    await using destination = retrying(sftpDestination(server.settings({ folder: 'killed' }), { ...parts, env }), {
      clock: clockThat(() => {}),
    })
    const source = file(30_000_000)
    let isKilled = false
    const onProgress = (bytes: number): void => {
      if (bytes > 10_000_000 && !isKilled) process.kill(started()[0] ?? 0, 'SIGKILL')
      isKilled ||= bytes > 10_000_000
    }

    await destination.put({ name: NAME, source, onProgress }, signal)

    expect(hashOf(path.join(server.home, 'killed', NAME))).toBe(source.sha256)
    expect(started()).toHaveLength(2)
  })

  test('FM233 that a firewall forgets costs no more than its time, and goes on', async () => {
    await using own = await startSshServer()
    await using proxy = await startTcpProxy(own.port)
    const knownHostsFile = written(readFileSync(own.knownHostsFile, 'utf8').replace(`:${own.port} `, `:${proxy.port} `))
    const clock = clockThat(() => proxy.heal())
    const settings = own.settings({ port: proxy.port, knownHostsFile })
    await using destination = retrying(sftpDestination(settings, { ...parts, timeoutMs: 2_000 }), { clock })
    const source = file(20_000_000)
    let stalled = false
    const onProgress = (bytes: number): void => {
      if (bytes > 8_000_000 && !stalled) proxy.stall()
      stalled ||= bytes > 8_000_000
    }

    await destination.put({ name: NAME, source, onProgress }, signal)

    expect(hashOf(path.join(own.home, NAME))).toBe(source.sha256)
  })

  test('FM233 where what was under way was written with a hole in it is repeated from before the hole', async () => {
    const at = path.join(server.home, 'hole')
    mkdirSync(at, { mode: 0o777 })
    chmodSync(at, 0o777)
    const source = file(9_000_000)
    const half = readFileSync(source.path).fill(0, 5_000_000, 5_100_000).subarray(0, 8_000_000)
    const temporary = path.join(at, `${NAME}.${source.sha256.slice(0, 8)}.in_progress`)
    writeFileSync(temporary, half)
    chmodSync(temporary, 0o666)
    const seen: number[] = []
    await using destination = sftpDestination(server.settings({ folder: at }), parts)

    await destination.put({ name: NAME, source, onProgress: bytes => seen.push(bytes) }, signal)

    expect(hashOf(path.join(at, NAME))).toBe(source.sha256)
    expect(seen[0]).toBeGreaterThan(3_000_000)
  })

  test('that is longer than the time between two new keys goes through', async () => {
    await using own = await startSshServer({ lines: ['RekeyLimit 1M'] })
    await using destination = sftpDestination(own.settings(), parts)
    const source = file(12_000_000)

    await destination.put({ name: NAME, source }, signal)

    expect(hashOf(path.join(own.home, NAME))).toBe(source.sha256)
  })

  test('FM239 leaves no ssh behind, neither after an abort nor after the end', async () => {
    const pids = path.join(folder, 'pids')
    const env = standInSsh(folder, `echo $$ >>'${pids}'; exec /usr/bin/ssh "$@"`)
    const controller = new AbortController()
    {
      await using destination = sftpDestination(server.settings(), { ...parts, env })
      const onProgress = (): void => controller.abort(new Error('enough'))
      const aborted = destination.put({ name: NAME, source: file(30_000_000), onProgress }, controller.signal)
      await expect(aborted).rejects.toThrow('enough')
      await destination.remove(NAME, signal)
    }

    const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number)

    expect(started).toHaveLength(2)
    await expect.poll(() => started.filter(isAlive), { timeout: 10_000 }).toEqual([])
  })
})

describe('a server that lies', () => {
  test.each<readonly [Lie, string]>([
    ['longer than it says', 'incomplete'],
    ['shorter than it says', 'connection'],
    ['more than was asked for', 'server'],
    ['nothing for a read', 'server'],
    ['an answer to nothing', 'server'],
    ['an answer of another kind', 'server'],
    ['no answer', 'connection'],
    ['no version', 'connection'],
    ['a greeting', 'server'],
    ['a huge packet', 'server'],
  ])('FM234 by %s leaves nothing here', async (lie, kind) => {
    const into = path.join(folder, `got-${randomBytes(4).toString('hex')}`)
    await using destination = lying(lie)

    const error = await operatorError(destination.get({ name: NAME, path: into, mostBytes: 1_000 }, signal))

    expect(error.kind).toBe(kind)
    expect(() => statSync(into)).toThrow('ENOENT')
  })

  test('FM241 of words without end on the way of its messages fills neither memory nor log', async () => {
    const env = standInSsh(folder, 'head -c 100000000 /dev/zero | tr "\\0" x >&2; exit 255')
    await using destination = sftpDestination(server.settings(), { ...parts, env })

    const error = await operatorError(destination.list(signal))

    expect(error.kind).toBe('connection')
    expect(error.logOnly.join().length).toBeLessThan(100_000)
  })

  test('FM234 by another size than was sent gets no copy published', async () => {
    await using destination = lying('another size than was sent')

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({
      kind: 'connection',
      message: expect.stringMatching(/1000 bytes arrived .* expected 7/),
    })
  })

  test.each<readonly [Lie, RegExp]>([
    ['a name that leads out', /leads out of the folder/],
    ['a listing without end', /more than 250000 files/],
    ['pages with nothing in them', /nothing in it/],
  ])('FM235 by %s in its listing is not listened to', async (lie, message) => {
    await using destination = lying(lie)

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'server', message: expect.stringMatching(message) })
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
