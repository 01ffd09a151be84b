import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { type FailureKind, OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import { type Connection, connect } from '../connection/connection.ts'
import type { Dump } from './dump.ts'
import { type Backend, judgeSilentDump, type Limits, nextStep, type StallVerdict } from './stall.ts'

const ASK_TIMEOUT_MS = 10_000

export interface WatchOptions extends Limits {
  readonly target: DatabaseTarget
  readonly env: Readonly<Record<string, string | undefined>>
  /** That of the dump. */
  readonly applicationName: string
  readonly clock: Clock
  /** How long the server may take to answer; 10 s by default. */
  readonly askTimeoutMs?: number
}

/**
 * Watches a dump until it is disposed of: after DUMP_TIMEOUT it is ended with an error of kind `deadline`. If nothing
 * came for STALL_TIMEOUT while we were reading, the server is asked about the dump's session, and unless that is at work the
 * dump and what is left of its session are ended: `connection` when the session is gone, else `lock-timeout` or `stalled`.
 */
export function watchDump(dump: Dump, options: WatchOptions, signal: AbortSignal): AsyncDisposable {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const watching = watch(dump, options, either).catch((error: unknown) => {
    if (!either.aborted)
      dump.stop(
        error instanceof OperatorError
          ? error
          : new OperatorError(
              'stalled',
              `${targetName(options.target)}: the watchdog of the dump failed; expected it to watch`,
              { logOnly: [String(error)] },
            ),
      )
  })
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new Error('the dump is over'))
      await watching
    },
  }
}

async function watch(dump: Dump, options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options
  const startedAt = clock.monotonicMs()
  let foundAtWork = startedAt
  while (!dump.progress().hasEnded) {
    const since = dump.progress().waitingSince
    const waitingSince = since === null ? null : Math.max(since, foundAtWork)
    const next = nextStep(options, startedAt, { now: clock.monotonicMs(), waitingSince })
    if (next.step === 'deadline') return dump.stop(deadlineError(options))
    if (next.step === 'sleep') await clock.sleep(next.ms, signal)
    else if (await endIfStuck(dump, options, signal)) return
    else foundAtWork = clock.monotonicMs()
  }
}

/** Asks the server about a silent dump and ends it unless its session is at work; says whether it was ended. */
async function endIfStuck(dump: Dump, options: WatchOptions, signal: AbortSignal): Promise<boolean> {
  const since = dump.progress().waitingSince
  const judge = (backend: Backend): boolean => {
    const verdict = judgeSilentDump(backend)
    // Bytes may have come while the server was asked.
    if (verdict.action === 'go-on' || dump.progress().waitingSince !== since) return false
    dump.stop(stallError(verdict.because, options))
    return true
  }
  try {
    await using connection = await connect(options.target, askingSession(options), signal)
    const isEnded = judge(await backendOf(connection, options.applicationName))
    // Only now: a dump whose session ends first would report a lost connection instead of the reason.
    if (isEnded) await endBackend(connection, options.applicationName)
    return isEnded
  } catch (error) {
    if (signal.aborted) throw error
    return judge({ seen: 'unknown' })
  }
}

function askingSession(options: WatchOptions) {
  const timeoutMs = options.askTimeoutMs ?? ASK_TIMEOUT_MS
  return {
    env: options.env,
    applicationName: 'backup-container watchdog',
    connectTimeoutMs: timeoutMs,
    queryTimeoutMs: timeoutMs,
  }
}

const OURS = `FROM pg_catalog.pg_stat_activity WHERE usename = session_user AND application_name = $1
  AND datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()`

async function backendOf(connection: Connection, applicationName: string): Promise<Backend> {
  interface Row {
    readonly state: string | null
    readonly type: string | null
    readonly event: string | null
  }
  const [row] = await connection.query<Row>(`SELECT state, wait_event_type AS type, wait_event AS event ${OURS}`, [
    applicationName,
  ])
  return row === undefined
    ? { seen: 'gone' }
    : { seen: 'running', state: row.state, waitEventType: row.type, waitEvent: row.event }
}

/** Without this a session that no longer has a reader would hold its locks and its place in the queue. */
async function endBackend(connection: Connection, applicationName: string): Promise<void> {
  await connection.query(`SELECT pg_catalog.pg_terminate_backend(pid) ${OURS}`, [applicationName])
}

function deadlineError(options: WatchOptions): OperatorError {
  const message = `${targetName(options.target)}: the dump took longer than ${options.dumpTimeoutMs / 1_000} s; expected it to end within DUMP_TIMEOUT`
  return new OperatorError('deadline', message, { hint: 'raise DUMP_TIMEOUT if the database has grown' })
}

type Reason = Extract<StallVerdict, { action: 'end' }>['because']

const WHY: Readonly<Record<Reason, { readonly kind: FailureKind; readonly text: string }>> = {
  gone: { kind: 'connection', text: 'and its session on the server is gone' },
  unreachable: { kind: 'connection', text: 'and the server does not answer' },
  idle: { kind: 'stalled', text: 'and its session on the server is idle' },
  lock: { kind: 'lock-timeout', text: 'because it waits for a lock that another session holds' },
  client: { kind: 'stalled', text: 'although the server is sending: the network between lets nothing through' },
}

function stallError(because: Reason, options: WatchOptions): OperatorError {
  const why = WHY[because]
  const silence = `no byte of the dump came for ${options.stallTimeoutMs / 1_000} s, ${why.text}`
  return new OperatorError(why.kind, `${targetName(options.target)}: ${silence}; expected data within STALL_TIMEOUT`)
}
