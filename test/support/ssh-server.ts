import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { parseSftpAddress } from '../../src/config/sftp-address.ts'
import type { SftpSettings } from '../../src/config/sftp-settings.ts'
import { endTree, file, found, untilListening } from './ftp-server.ts'
import { freePort } from './postgres-cluster.ts'

/** A real SSH server on loopback, with one user, that ends with the test. */
export interface SshServer extends AsyncDisposable {
  readonly port: number
  readonly user: string
  /** Where a login leads, on the disk. */
  readonly home: string
  readonly keyFile: string
  readonly knownHostsFile: string
  /** What it wrote to its log so far. */
  log(): string
  /** Settings that reach it. `folder` is as the server reads it; that of the login where it is left out. */
  settings(changed?: Partial<SftpSettings> & { readonly folder?: string; readonly port?: number }): SftpSettings
  /** Ends every process of it at once, as a crash does. */
  kill(): Promise<void>
  /** Starts it again, on the same port. */
  start(): Promise<void>
}

export interface SshServerOptions {
  /** Lines of the server's configuration. */
  readonly lines?: readonly string[]
  /** Folder that the session can't leave; only root can make one. It stands in the place of `/`, and `home` is in it. */
  readonly chroot?: boolean
  /** Login folder instead of one of its own. */
  readonly home?: string
  readonly withoutSftp?: boolean
  /** A key that vouches for the host key. */
  readonly hostAuthority?: string
}

const USER = 'copies'
/** As root the files belong to nobody, so that rights count. */
const NOBODY = 65_534

/** Keys, and who may log in. */
interface Ground {
  readonly folder: string
  readonly home: string
  readonly port: number
  readonly user: string
  readonly hostKey: string
  readonly keyFile: string
  readonly knownHostsFile: string
}

/** OpenSSH's server, with its own SFTP. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const ground = await makeGround(options)
  const { folder, user, home, hostKey, keyFile, port } = ground
  // A chroot's folders must belong to root alone up to `/`.
  const inside = options.chroot === true ? path.dirname(home) : null
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${keyFile}.pub`,
    `PidFile ${folder}/pid`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UseDNS no',
    ...(options.withoutSftp === true ? [] : ['Subsystem sftp internal-sftp']),
    ...(inside === null ? [] : [`ChrootDirectory ${inside}`, 'ForceCommand internal-sftp']),
    ...(options.hostAuthority === undefined
      ? []
      : [`HostCertificate ${certificateOf(hostKey, options.hostAuthority)}`]),
    ...(options.lines ?? []),
  ]
  const configuration = file(folder, 'sshd_config', `${lines.join('\n')}\n`)
  const env = isRoot() ? namesOf(folder, home) : {}
  const args = ['-D', '-r', '-f', configuration, '-E', path.join(folder, 'log')]
  const server = await startDaemon({ ground, command: found(['/usr/sbin/sshd']), args, env })
  return {
    ...server,
    settings: changed => settingsOf(ground, { folder: inside === null ? home : `/${path.basename(home)}`, ...changed }),
    async [Symbol.asyncDispose]() {
      await server.kill()
      rmSync(folder, { recursive: true })
      if (inside !== null) rmSync(inside, { recursive: true })
    },
  }

  function namesOf(where: string, homeOf: string): Record<string, string> {
    const passwd = `${readFileSync('/etc/passwd', 'utf8')}${user}:x:${NOBODY}:${NOBODY}::${homeOf}:/bin/sh\n`
    const group = readFileSync('/etc/group', 'utf8')
    return {
      LD_PRELOAD: 'libnss_wrapper.so',
      NSS_WRAPPER_PASSWD: file(where, 'passwd', passwd, 0o644),
      NSS_WRAPPER_GROUP: file(where, 'group', group, 0o644),
    }
  }
}

/** ProFTPD's mod_sftp: another implementation, without OpenSSH's extensions for a full disk or for limits, and with a password. */
export async function startProftpdSftp(password: string): Promise<SshServer> {
  const ground = await makeGround({})
  const { folder, user, home, hostKey, keyFile, port } = ground
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim()
  const [uid, gid] = isRoot() ? [NOBODY, NOBODY] : [process.getuid?.(), process.getgid?.()]
  const users = file(folder, 'users', `${user}:${hash}:${uid}:${gid}::${home}:/bin/sh\n`)
  const keys = path.join(folder, 'authorized')
  writeFileSync(keys, execFileSync('ssh-keygen', ['-e', '-f', `${keyFile}.pub`]))
  const lines = [
    'ModulePath /usr/lib/proftpd',
    'LoadModule mod_sftp.c',
    'ServerType standalone',
    'DefaultAddress 127.0.0.1',
    `Port ${port}`,
    'SocketBindTight on',
    'UseIPv6 off',
    ...(isRoot() ? ['User nobody', 'Group nogroup'] : []),
    `PidFile ${folder}/pid`,
    `ScoreboardFile ${folder}/scoreboard`,
    'DelayTable none',
    `SystemLog ${folder}/log`,
    'WtmpLog off',
    'TransferLog none',
    `AuthUserFile ${users}`,
    'AuthOrder mod_auth_file.c',
    'RequireValidShell off',
    'UseFtpUsers off',
    'AuthPAM off',
    'AllowOverwrite on',
    'AllowStoreRestart on',
    'UseReverseDNS off',
    'DefaultRoot ~',
    'SFTPEngine on',
    `SFTPHostKey ${hostKey}`,
    `SFTPAuthorizedUserKeys file:${keys}`,
    'SFTPAuthMethods publickey password',
    `SFTPLog ${folder}/sftp`,
  ]
  const configuration = file(folder, 'proftpd.conf', `${lines.join('\n')}\n`, 0o644)
  const args = ['-n', '-q', '-c', configuration]
  const server = await startDaemon({ ground, command: found(['/usr/sbin/proftpd']), args, env: {} })
  return {
    ...server,
    settings: changed => settingsOf(ground, { folder: '/', ...changed }),
    async [Symbol.asyncDispose]() {
      await server.kill()
      rmSync(folder, { recursive: true })
    },
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

async function makeGround({ home, chroot = false }: SshServerOptions): Promise<Ground> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sshd-'))
  chmodSync(folder, 0o755)
  if (isRoot()) mkdirSync('/run/sshd', { recursive: true })
  const port = await freePort()
  const hostKey = newKey(folder, 'host')
  const keyFile = newKey(folder, 'key')
  const own = home ?? path.join(chroot ? mkdtempSync('/run/sshd-test-') : folder, 'home')
  if (chroot) chmodSync(path.dirname(own), 0o755)
  mkdirSync(own, { recursive: true })
  if (isRoot()) chownSync(own, NOBODY, NOBODY)
  const knownHostsFile = file(folder, 'known_hosts', knownHostsLine(port, hostKey))
  return { folder, home: own, port, user: isRoot() ? USER : userInfo().username, hostKey, keyFile, knownHostsFile }
}

/** Makes a key in a folder, and gives the path of its private half. */
export function newKey(folder: string, name: string, passphrase = ''): string {
  const made = path.join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', '', '-f', made])
  return made
}

function certificateOf(hostKey: string, authority: string): string {
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'host', '-h', '-n', '127.0.0.1', `${hostKey}.pub`])
  return `${hostKey}-cert.pub`
}

/** The line of known_hosts for a host key on a port. */
export function knownHostsLine(port: number, hostKey: string): string {
  return `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`
}

/** The server's user may log in with this key too. */
export function allowKey(server: SshServer, keyFile: string): void {
  const allowed = `${server.keyFile}.pub`
  writeFileSync(allowed, readFileSync(allowed, 'utf8') + readFileSync(`${keyFile}.pub`, 'utf8'))
}

/** A copy of a file with another mode and owner. */
export function copyAs(
  from: string,
  to: string,
  { mode, uid }: { readonly mode: number; readonly uid: number },
): string {
  copyFileSync(from, to)
  chmodSync(to, mode)
  chownSync(to, uid, process.getgid?.() ?? 0)
  return to
}

function settingsOf(
  ground: Ground,
  { folder, port = ground.port, ...changed }: Partial<SftpSettings> & { folder: string; port?: number },
): SftpSettings {
  const address = parseSftpAddress(
    `sftp://${ground.user}@127.0.0.1:${port}${folder.startsWith('/') ? folder : `/~/${folder}`}`,
  )
  if (address === null) throw new Error(`no address: ${folder}`)
  return {
    name: 'sftp',
    address,
    keyFile: ground.keyFile,
    passphrase: null,
    password: null,
    knownHostsFile: ground.knownHostsFile,
    retention: 'keep',
    ...changed,
  }
}

interface Daemon {
  readonly ground: Ground
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

async function startDaemon({ ground, command, args, env }: Daemon) {
  const { folder, port, user, home, keyFile, knownHostsFile } = ground
  let running: ChildProcess | null = null
  const start = async (): Promise<void> => {
    running = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
    await untilListening(running, port, folder)
  }
  const kill = async (): Promise<void> => {
    const ending = running
    running = null
    if (ending?.pid === undefined) return
    const ended = ending.exitCode === null && ending.signalCode === null ? once(ending, 'exit') : null
    endTree(ending.pid)
    await ended
  }
  await start()
  const log = (): string => readFileSync(path.join(folder, 'log'), 'utf8')
  return { port, user, home, keyFile, knownHostsFile, start, kill, log }
}
