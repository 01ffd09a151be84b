import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { FtpSettings } from '../../src/config/destination-settings.ts'
import { parseFtpAddress } from '../../src/config/ftp-address.ts'
import { Secret } from '../../src/config/secret.ts'
import { makeCertificate } from './certificate.ts'
import { freePort } from './postgres-cluster.ts'
import { descendantsOf } from './processes.ts'

/** A real FTP server on loopback, with one user, that ends with the test. */
export interface FtpServer extends AsyncDisposable {
  readonly port: number
  readonly user: string
  readonly password: string
  /** Where a login leads, on the disk. */
  readonly home: string
  /** Path of its certificate, in PEM format. */
  readonly certificate: string
  /** What it wrote to its log so far. */
  log(): string
  /** Settings that reach it. `folder` is what follows the port in FTP_URL. */
  settings(changed?: Partial<FtpSettings> & { readonly folder?: string; readonly port?: number }): FtpSettings
  /** Ends every process of it at once, as a crash does. */
  kill(): Promise<void>
  /** Starts it again, on the same port. */
  start(): Promise<void>
}

export interface FtpServerOptions {
  /** Lines of the server's configuration. */
  readonly lines?: readonly string[]
  readonly tls?: 'explicit' | 'implicit'
  readonly tlsVersion?: '1.2' | '1.3'
  readonly password?: string
  /** Login folder instead of one of its own. */
  readonly home?: string
}

/** What every FTP server of a test needs. */
export interface Place {
  readonly folder: string
  readonly home: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly certificate: string
  readonly key: string
  /** Who owns the files: nobody, where this process may choose. */
  readonly owner: { readonly uid: number; readonly gid: number }
}

/** How to start it. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A folder with certificate, key and login folder, and a free port. */
export async function makePlace(name: string, options: FtpServerOptions): Promise<Place> {
  const folder = mkdtempSync(path.join(tmpdir(), `${name}-`))
  chmodSync(folder, 0o755)
  const made = makeCertificate(folder, '127.0.0.1')
  const root = process.getuid?.() === 0
  const owner = root ? { uid: 65_534, gid: 65_534 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const home = options.home ?? path.join(folder, 'home')
  mkdirSync(home, { recursive: true })
  if (root) chownSync(home, owner.uid, owner.gid)
  const key = path.join(folder, 'made.key')
  const user = 'copies'
  return {
    folder,
    home,
    port: await freePort(),
    user,
    password: options.password ?? 'hunter2-for-copies',
    certificate: made.file,
    key,
    owner,
  }
}

/** Starts the program and waits until it listens. */
export async function startServer(place: Place, program: Program, options: FtpServerOptions): Promise<FtpServer> {
  const { folder, home, port, user, password, certificate } = place
  let running: ReturnType<typeof spawn> | null = null
  const start = async (): Promise<void> => {
    running = spawn(program.command, program.args, {
      env: { ...process.env, ...program.env },
      stdio: 'ignore',
    })
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
  return {
    port,
    user,
    password,
    home,
    certificate,
    start,
    kill,
    log: () => readFileSync(path.join(folder, 'log'), 'utf8'),
    settings({ folder: below = '/', port: other = port, ...changed } = {}) {
      const address = parseFtpAddress(`${options.tls === 'implicit' ? 'ftps' : 'ftp'}://127.0.0.1:${other}${below}`)
      if (address === null) throw new Error(`no address: ${below}`)
      return {
        name: 'ftp',
        address,
        user,
        password: new Secret(password),
        tls: 'required',
        caFile: certificate,
        retention: 'keep',
        ...changed,
      }
    },
    async [Symbol.asyncDispose]() {
      await kill()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Resolves when somebody listens there; throws when the child ends before. */
export async function untilListening(child: ReturnType<typeof spawn>, port: number, folder: string): Promise<void> {
  while (!(await listens(port))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(
        `server: it ended with ${child.exitCode ?? child.signalCode}; expected it to listen; see ${folder} (${readdirSync(folder)})`,
      )
    await pause(25)
  }
}

/** Ends a server at once, and its children too, one or two for each session, which make groups of their own. */
export function endTree(leader: number): void {
  // Stopped, it can start no more of them.
  send(leader, 'SIGSTOP')
  for (const pid of [...descendantsOf(leader).map(child => child.pid), leader]) send(pid, 'SIGKILL')
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Writes a file and gives its path. */
export function file(folder: string, name: string, content: string, mode = 0o600): string {
  const made = path.join(folder, name)
  writeFileSync(made, content, { mode })
  return made
}

/** The first path that exists. */
export function found(paths: readonly string[]): string {
  const first = paths.find(each => existsSync(each))
  if (first === undefined) throw new Error(`${paths.join(', ')}: not there; expected what scripts/setup test installs`)
  return first
}
