import { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import type { DatabaseTarget } from '../../../config/database-target.ts'
import { codeOf } from '../../../system/error-code.ts'
import { connectionFailure, isLibraryMissing } from './connection-failure.ts'
import { tlsAttempts } from './tls-options.ts'

const DEFAULT_CONNECT_TIMEOUT_MS = 15_000
const DEFAULT_QUERY_TIMEOUT_MS = 60_000
const KEEPALIVE_AFTER_MS = 30_000

export interface ConnectOptions {
  /** The container's environment: `PGCONNECT_TIMEOUT` and `HOME` (for libpq's default certificates) are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly applicationName: string
  /** The longest that one query may take; a minute by default, 0 for no limit (which COPY needs). */
  readonly queryTimeoutMs?: number
  /** The longest that connecting may take; `PGCONNECT_TIMEOUT`, else 15 s, by default. */
  readonly connectTimeoutMs?: number
  /** Server parameters of this session, as startup options. */
  readonly parameters?: Readonly<Record<string, string>>
  /**
   * Where a library is gone that a database or a role names for every session, a superuser's session goes without. Not
   * for one beside which a tool connects: the tool would fail of it, and could not say why.
   */
  readonly goesWithoutLibraries?: boolean
}

/** One session on one server. */
export interface Connection extends AsyncDisposable {
  /** The process id that the server gave when the session began; a pooler gives one of its own. */
  readonly processId: number | null
  /** The rows of one statement. Rejects with an OperatorError that may leave the pod. */
  query<T extends object>(text: string, values?: readonly unknown[]): Promise<readonly T[]>
}

/** A session whose client of the `pg` library is needed itself, for COPY. */
export interface ClientSession extends Connection {
  readonly client: pg.Client
}

/**
 * Opens a session with exactly these credentials: nothing is taken from `PG*` variables or a password file. Rejects
 * with an OperatorError, or with the signal's reason; an abort later ends the session at once.
 */
export async function connect(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection> {
  return await openClient(target, options, signal)
}

/** `connect`, with the client. */
export async function openClient(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<ClientSession> {
  try {
    return await openEitherWay(target, options, signal)
  } catch (error) {
    if (options.goesWithoutLibraries !== true || !isLibraryMissing(error)) throw error
    const parameters = { ...options.parameters, ...NOTHING_PRELOADED }
    // Others than superusers are refused for asking; the first answer says what is missing.
    return await openEitherWay(target, { ...options, parameters }, signal).catch(() => {
      throw signal.aborted ? signal.reason : error
    })
  }
}

const NOTHING_PRELOADED = { session_preload_libraries: '', local_preload_libraries: '' }

/** With TLS or without, as the target's mode allows. */
async function openEitherWay(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<ClientSession> {
  signal.throwIfAborted()
  const [first, second] = tlsAttempts(target.host, target.tls, options.env)
  if (first === undefined) throw new Error('no way to connect')
  try {
    return await attempt(target, { ...options, ssl: first }, signal)
  } catch (error) {
    if (second === undefined || signal.aborted || !reachedServer(error)) throw failure(target, error, signal)
    return await attempt(target, { ...options, ssl: second }, signal).catch((later: unknown) => {
      // What the server said on the first try is the better answer: the second is often "no pg_hba.conf entry".
      throw failure(target, error instanceof pg.DatabaseError ? error : later, signal)
    })
  }
}

type Attempt = ConnectOptions & { readonly ssl: ConnectionOptions | false }

async function attempt(target: DatabaseTarget, options: Attempt, signal: AbortSignal): Promise<ClientSession> {
  // Our own socket: `Client.end()` waits for a server that may have gone.
  const socket = new Socket()
  const client = new pg.Client(clientConfig(target, { ...options, socket }))
  // Without a listener a connection that breaks between two queries ends the whole process.
  client.on('error', () => {})
  const abort = (): void => void socket.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await client.connect()
  } catch (error) {
    signal.removeEventListener('abort', abort)
    socket.destroy()
    throw error
  }
  return connectionOf(target, { client, socket, abort }, signal)
}

interface Open {
  readonly client: pg.Client
  readonly socket: Socket
  readonly abort: () => void
}

function connectionOf(target: DatabaseTarget, open: Open, signal: AbortSignal): ClientSession {
  const { client, socket, abort } = open
  return {
    client,
    processId: 'processID' in client && typeof client.processID === 'number' ? client.processID : null,
    async query<T extends object>(text: string, values: readonly unknown[] = []): Promise<readonly T[]> {
      try {
        const result = await client.query<T>(text, [...values])
        return result.rows
      } catch (error) {
        throw failure(target, error, signal)
      }
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', abort)
      const timer = setTimeout(abort, 2_000)
      await client.end().catch(() => {})
      clearTimeout(timer)
      socket.destroy()
    },
  }
}

/**
 * A database's owner sets the search_path of all sessions in it, and its own functions and operators would then run as
 * whoever connects, instead of PostgreSQL's (CVE-2018-1058). Nor may he end a session at the first statement that is refused.
 */
const SAFE_SESSION = { search_path: '', exit_on_error: 'off' }

function clientConfig(target: DatabaseTarget, options: Attempt & { readonly socket: Socket }): pg.ClientConfig {
  const queryTimeout = options.queryTimeoutMs ?? DEFAULT_QUERY_TIMEOUT_MS
  const parameters = { ...SAFE_SESSION, statement_timeout: String(queryTimeout), ...options.parameters }
  return {
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: target.password.reveal(),
    ssl: options.ssl,
    application_name: options.applicationName,
    client_encoding: 'UTF8',
    options: startupOptions(parameters),
    connectionTimeoutMillis: options.connectTimeoutMs ?? connectTimeoutMs(options.env),
    query_timeout: queryTimeout === 0 ? 0 : queryTimeout + 1_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    stream: () => options.socket,
  }
}

/** Server parameters in the form of `PGOPTIONS`: spaces and backslashes of a value are escaped. */
export function startupOptions(parameters: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string => value.replace(/[\\\s]/g, character => `\\${character}`)
  return Object.entries(parameters)
    .map(([name, value]) => `-c ${name}=${escaped(value)}`)
    .join(' ')
}

/** libpq's meaning: whole seconds, 1 is 2, and 0 or less is "no limit", which here is our default. */
function connectTimeoutMs(env: ConnectOptions['env']): number {
  const seconds = Number(env.PGCONNECT_TIMEOUT ?? '')
  return Number.isInteger(seconds) && seconds > 0 ? Math.max(seconds, 2) * 1_000 : DEFAULT_CONNECT_TIMEOUT_MS
}

/** libpq tries the other way only when a server answered the first. */
function reachedServer(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return true
  const unreachable = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']
  return !unreachable.includes(codeOf(error)) && !/timeout/.test(String(error))
}

function failure(target: DatabaseTarget, error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : connectionFailure(target, error)
}
