import type { DatabaseTarget } from '../../../config/database-target.ts'
import { targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { lockHolders, type TargetLockHolder } from './lock-holders.ts'
import { targetKey } from './marker.ts'

/** The right to restore into one database: at most one run has it, whatever volume and pod it runs in. */
export interface TargetLock extends AsyncDisposable {
  /** The server's process that holds it. */
  readonly processId: number | null
  /**
   * The session that holds the lock, for making what a killed run would leave: while one of its statements goes on in
   * the server, nobody else has the lock. Taken again if it was lost; throws OperatorError('locked') if another run was
   * quicker. After an abort it begins no statement, and does not wait for the running one.
   */
  session(signal: AbortSignal): Promise<Connection>
}

export interface TargetLockInput {
  /** Advisory locks belong to a database: everybody who restores into `target` must come here. */
  readonly maintenance: DatabaseTarget
  readonly connect: ConnectOptions
  readonly clock: Clock
  readonly target: string
}

const TRY_FOR_MS = 3_000
const STEP_MS = 200

/** Takes the lock, or throws OperatorError('locked') that names the run that has it. */
export async function lockTarget(input: TargetLockInput, signal: AbortSignal): Promise<TargetLock> {
  let held = await take(input, signal)
  return {
    get processId() {
      return held.processId
    },
    async session(given) {
      if (!(await answers(held, given))) {
        await held[Symbol.asyncDispose]()
        held = await take(input, given)
      }
      return boundTo(held, given)
    },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  }
}

/** A run that was killed a moment ago still has it until the server notices. */
async function take(input: TargetLockInput, signal: AbortSignal): Promise<Connection> {
  const session = await connectBeyond(input, signal)
  try {
    await session.query(OUTLIVE)
    const deadline = input.clock.monotonicMs() + TRY_FOR_MS
    while (!(await tryLock(session, input.target))) {
      if (input.clock.monotonicMs() > deadline) throw locked(input, await lockHolders(session, input.target))
      await input.clock.sleep(STEP_MS, signal)
    }
    return session
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

/** Lives on after an abort: what was begun is ended in order, and nobody else comes in between. */
async function connectBeyond(
  { maintenance, connect: options }: TargetLockInput,
  signal: AbortSignal,
): Promise<Connection> {
  const own = new AbortController()
  const stop = (): void => own.abort(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await connect(maintenance, options, own.signal)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** An idle session must stay, and that of a host that vanished must not: only then is the lock free when its run is dead. */
const OUTLIVE = `
SELECT pg_catalog.set_config(name, CASE name WHEN 'tcp_keepalives_idle' THEN '30' WHEN 'tcp_keepalives_interval' THEN '10'
    WHEN 'tcp_keepalives_count' THEN '3' ELSE '0' END, false)
FROM pg_catalog.pg_settings
WHERE name IN ('tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'idle_session_timeout')`

async function tryLock(session: Connection, target: string): Promise<boolean> {
  const { high, low } = targetKey(target)
  const key = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))
  const [row] = await session.query<{ got: boolean }>('SELECT pg_catalog.pg_try_advisory_lock($1) AS got', [
    String(key),
  ])
  return row?.got === true
}

async function answers(session: Connection, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted()
  return await session.query('SELECT').then(
    () => true,
    () => false,
  )
}

function boundTo(session: Connection, signal: AbortSignal): Connection {
  return {
    processId: session.processId,
    async query<T extends object>(text: string, values?: readonly unknown[]): Promise<readonly T[]> {
      signal.throwIfAborted()
      return await orAborted(session.query<T>(text, values), signal)
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function locked({ maintenance, target }: TargetLockInput, holders: readonly TargetLockHolder[]): OperatorError {
  const place = targetName({ ...maintenance, database: target })
  const [holder] = holders
  const who = holder === undefined ? 'another session' : holder.text
  return new OperatorError('locked', `${place}: ${who} restores into it; expected nobody else`, {
    hint:
      holder === undefined
        ? 'nothing was changed; try again'
        : `nothing was changed; wait until it has ended, or if that is no restore: SELECT pg_catalog.pg_terminate_backend(${holder.processId})`,
  })
}
