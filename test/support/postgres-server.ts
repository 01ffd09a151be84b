import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { DatabaseTarget } from '../../src/config/database-target.ts'
import { Secret } from '../../src/config/secret.ts'
import {
  asOwner,
  type Cluster,
  createCluster,
  freePort,
  type OsUser,
  serverBinaries,
  writeClusterFile,
} from './postgres-cluster.ts'

export interface PostgresOptions {
  /** Where the server's temporary folder is made; the system's temporary folder by default. */
  readonly folder?: string
  /** Server parameters, such as `{ log_statement: 'all' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** UTF8 (with the C.UTF-8 locale) by default; any other one comes with the C locale. */
  readonly encoding?: string
  /** The folder with `initdb` and `postgres`; the newest installed one by default. */
  readonly binFolder?: string
}

export type Row = Record<string, unknown>

/** A real PostgreSQL on a free loopback port, with SCRAM passwords and without fsync. It is gone after `stop()`. */
export interface PostgresServer extends AsyncDisposable {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly superuser: string
  readonly password: string
  readonly majorVersion: number
  readonly binFolder: string
  readonly folder: string
  /** Whom the server's files belong to; null when that is us. */
  readonly owner: OsUser | null
  /** The postmaster's process id. */
  pid(): number
  /** Gives the text to psql (ON_ERROR_STOP, no psqlrc) as the superuser and returns what it prints, unaligned, tuples only. */
  sql(database: string, text: string): Promise<string>
  /** The rows of one query, as `user` (the superuser by default). */
  query(database: string, text: string, user?: { readonly name: string; readonly password: string }): Promise<Row[]>
  createDatabase(name: string, options?: { readonly owner?: string; readonly with?: string }): Promise<void>
  /** Makes a login role; returns its password (a random one unless given). `attributes` such as `CREATEDB`. */
  createRole(name: string, options?: { readonly password?: string; readonly attributes?: string }): Promise<string>
  /** The database as a configuration would name it; the superuser unless a user is given. */
  target(database: string, user?: string, password?: string): DatabaseTarget
  /** What the server has written to its log so far. */
  log(): string
  /** Writes a file (0600) that the server may read into its folder; returns the path. */
  writeFile(name: string, content: string): string
  /** SIGKILL: nothing is shut down. */
  crash(): Promise<void>
  /** Starts again, on the same port, after `crash()`. */
  restart(): Promise<void>
  /** Fast shutdown; removes the folder. May be called again. */
  stop(): Promise<void>
}

/** Makes and starts a server; throws when no PostgreSQL server is installed. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const cluster = createCluster({
    folder: options.folder,
    encoding: options.encoding ?? 'UTF8',
    binFolder: options.binFolder,
  })
  try {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      const postmaster = await Postmaster.start(cluster, port, options.settings ?? {})
      if (postmaster !== null) return serverOf(cluster, port, postmaster)
      if (attempt === 5)
        throw new Error('postgres: five ports were taken by others between choosing and binding; expected a free one')
    }
  } catch (error) {
    rmSync(cluster.folder, { recursive: true, force: true })
    throw error
  }
}

/** The server process of a cluster. */
class Postmaster {
  #child: ChildProcess
  #log = ''
  readonly #cluster: Cluster
  readonly #port: number
  readonly #settings: Readonly<Record<string, string>>

  private constructor(cluster: Cluster, port: number, settings: Readonly<Record<string, string>>) {
    this.#cluster = cluster
    this.#port = port
    this.#settings = settings
    this.#child = this.#spawn()
  }

  /** Null when the port is taken. */
  static async start(
    cluster: Cluster,
    port: number,
    settings: Readonly<Record<string, string>>,
  ): Promise<Postmaster | null> {
    const postmaster = new Postmaster(cluster, port, settings)
    return (await postmaster.#ready()) ? postmaster : null
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  get log(): string {
    return this.#log
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
    await exited
    clearTimeout(timer)
  }

  async restart(): Promise<void> {
    await this.kill('SIGINT')
    this.#child = this.#spawn()
    if (!(await this.#ready()))
      throw new Error(`postgres: port ${this.#port} was taken after a crash; expected it free`)
  }

  #spawn(): ChildProcess {
    const settings = { ...defaultSettings(this.#port), ...this.#settings }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const [command, args] = asOwner(this.#cluster, [
      path.join(this.#cluster.binFolder, 'postgres'),
      '-D',
      this.#cluster.dataFolder,
      ...flags,
    ])
    const child = spawn(command, args, {
      cwd: this.#cluster.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
    })
    return child
  }

  /** Asks until the server answers. False when its port is taken, an error when it ended otherwise. */
  async #ready(): Promise<boolean> {
    const started = Date.now()
    while (!(await answers(this.#cluster, this.#port))) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        if (/could not bind|Address already in use/.test(this.#log)) return false
        throw new Error(`postgres: it ended while starting; expected it to answer on port ${this.#port}\n${this.#log}`)
      }
      if (Date.now() - started > 60_000) throw new Error(`postgres: no answer within a minute\n${this.#log}`)
      await pause(25)
    }
    return true
  }
}

function defaultSettings(port: number): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '32MB',
    // Its segments are then files of the data folder, so that a crash leaves nothing outside.
    dynamic_shared_memory_type: 'mmap',
    log_min_messages: 'warning',
  }
}

function serverOf(cluster: Cluster, port: number, postmaster: Postmaster): PostgresServer {
  const superuser = { name: cluster.superuser, password: cluster.password }
  const server: PostgresServer = {
    host: '127.0.0.1',
    port,
    superuser: cluster.superuser,
    password: cluster.password,
    majorVersion: cluster.majorVersion,
    binFolder: cluster.binFolder,
    folder: cluster.folder,
    owner: cluster.owner,
    pid: () => postmaster.pid,
    sql: (database, text) => runPsql(server, database, text),
    query: (database, text, user = superuser) => runQuery({ port, database, user }, text),
    async createDatabase(name, options = {}) {
      const owner = options.owner === undefined ? '' : ` OWNER ${pg.escapeIdentifier(options.owner)}`
      await server.query('postgres', `CREATE DATABASE ${pg.escapeIdentifier(name)}${owner} ${options.with ?? ''}`)
    },
    async createRole(name, options = {}) {
      const password = options.password ?? `pw-${Math.random().toString(36).slice(2)}`
      const attributes = options.attributes ?? ''
      await server.query(
        'postgres',
        `CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN ${attributes} PASSWORD ${pg.escapeLiteral(password)}`,
      )
      return password
    },
    target: (database, user = cluster.superuser, password = cluster.password) => ({
      host: '127.0.0.1',
      port,
      database,
      user,
      password: new Secret(password),
      tls: { mode: 'prefer' },
    }),
    log: () => postmaster.log,
    writeFile: (name, content) => writeClusterFile(cluster, name, content),
    crash: async () => {
      const segment = sharedMemory(cluster)
      await postmaster.kill('SIGKILL')
      if (segment !== null) await releaseMemory(segment)
    },
    restart: () => postmaster.restart(),
    stop: async () => {
      await postmaster.kill('SIGINT')
      rmSync(cluster.folder, { recursive: true, force: true, maxRetries: 5 })
    },
    [Symbol.asyncDispose]: () => server.stop(),
  }
  return server
}

async function answers(cluster: Cluster, port: number): Promise<boolean> {
  try {
    await runQuery(
      { port, database: 'postgres', user: { name: cluster.superuser, password: cluster.password } },
      'SELECT 1',
    )
    return true
  } catch {
    return false
  }
}

async function runQuery(
  where: {
    readonly port: number
    readonly database: string
    readonly user: { readonly name: string; readonly password: string }
  },
  text: string,
): Promise<Row[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: where.port,
    database: where.database,
    user: where.user.name,
    password: where.user.password,
    ssl: false,
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    const result = await client.query<Row>(text)
    return result.rows
  } finally {
    await client.end()
  }
}

async function runPsql(server: PostgresServer, database: string, text: string): Promise<string> {
  const own = path.join(server.binFolder, 'psql')
  const child = spawn(
    // npm's servers come without clients; any psql will do.
    existsSync(own) ? own : path.join(serverBinaries(), 'psql'),
    ['-X', '-q', '-A', '-t', '-w', '-v', 'ON_ERROR_STOP=1', '-f', '-'],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        LC_ALL: 'C.UTF-8',
        PGHOST: server.host,
        PGPORT: String(server.port),
        PGUSER: server.superuser,
        PGPASSWORD: server.password,
        PGDATABASE: database,
        PGCLIENTENCODING: 'UTF8',
      },
    },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  child.stdin.on('error', () => {})
  child.stdin.end(text)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`psql: it ended with ${code}; expected 0\n${stderr}`)
  return stdout.trimEnd()
}

/** The System V segment of a running server: line 7 of postmaster.pid ends with its id. */
function sharedMemory(cluster: Cluster): string | null {
  const line = readFileSync(path.join(cluster.dataFolder, 'postmaster.pid'), 'utf8').split('\n')[6] ?? ''
  return /\d+\s+(\d+)/.exec(line)?.[1] ?? null
}

/** The orphaned backends see that the postmaster died and leave; then the segment can go. */
async function releaseMemory(segment: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const entry = readFileSync('/proc/sysvipc/shm', 'utf8')
      .split('\n')
      .find(line => line.trim().split(/\s+/)[1] === segment)
    if (entry === undefined) return
    if (entry.trim().split(/\s+/)[6] === '0') break
    await pause(25)
  }
  spawnSync('ipcrm', ['-m', segment])
}
