import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { changedNames, findNames, type SwappedNames } from './names-found.ts'
import { sessionsOf } from './sessions.ts'
import { wasSwapped } from './swap-state.ts'
import { withoutSessions } from './without-sessions.ts'

export interface SwapInput extends SwappedNames {
  /** An admin's access to another database of the same server. */
  readonly admin: DatabaseTarget
  readonly connect: ConnectOptions
  readonly clock: Clock
  /** What the live database is called afterwards. */
  readonly beforeName: string
  /** Whether the side database's comment only says that it is kept, and goes with the swap. */
  readonly clearComment: boolean
  /** Called before the second and third try, with what went wrong. */
  onRetry?(error: OperatorError): void
}

const TRIES = 3
const PAUSE_MS = 1_000

/**
 * Makes the side database the live one, and keeps the one that was: both renames are one transaction, so that at any
 * moment, whoever dies, the name belongs to one of the two whole databases. Sessions on both are ended, newcomers wait.
 * ALLOW_CONNECTIONS is never touched: committed, it would lock everybody out if we died behind it. Where an answer to
 * COMMIT did not come, the server is asked what it did. Throws an OperatorError, or the signal's reason: then the live
 * database is as it was, unless the message says that this is not known.
 */
export async function swapDatabases(input: SwapInput, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const failure = await trySwap(input, signal)
    if (failure === null) return
    signal.throwIfAborted()
    if (!isWorthAnotherTry(failure)) throw failure
    if (attempt === TRIES) throw await stillConnected(input, failure, signal)
    input.onRetry?.(failure)
    await input.clock.sleep(PAUSE_MS, signal)
  }
}

/** In use, lock timeout, statement timeout, deadlock, shutting down or starting. */
const PASSING = new Set(['55006', '55P03', '57014', '40P01', '57P01', '57P02', '57P03'])

function isWorthAnotherTry(failure: OperatorError): boolean {
  return failure.kind === 'connection' || PASSING.has(failure.sqlstate ?? '')
}

interface Attempt {
  processId: number | null
  commitSent: boolean
}

/** Null when it is done; otherwise nothing was changed, and this is why. */
async function trySwap(input: SwapInput, signal: AbortSignal): Promise<OperatorError | null> {
  const attempt: Attempt = { processId: null, commitSent: false }
  try {
    await renameBoth(input, attempt, signal)
    return null
  } catch (error) {
    const swapped = attempt.commitSent && (await wasSwapped({ ...input, processId: attempt.processId }))
    if (swapped) return null
    if (error instanceof OperatorError) return error
    throw error
  }
}

async function renameBoth(input: SwapInput, attempt: Attempt, signal: AbortSignal): Promise<void> {
  await using ender = await connect(input.admin, input.connect, signal)
  const parameters = { ...input.connect.parameters, ...LIMITS }
  await using renamer = await connect(
    input.admin,
    { ...input.connect, queryTimeoutMs: LONGEST_QUERY_MS, parameters },
    signal,
  )
  attempt.processId = renamer.processId
  await watchForUs(renamer)
  const databaseOids = [input.side.oid, ...(input.live === null ? [] : [input.live.oid])]
  await renamer.query('BEGIN READ WRITE')
  await assertNames(renamer, input, { side: input.side.name, live: input.live?.name ?? null })
  await withoutSessions(() => rename(renamer, input), { ender, databaseOids, clock: input.clock })
  await assertNames(renamer, input, {
    side: input.finalName,
    live: input.live === null ? null : input.beforeName,
  })
  signal.throwIfAborted()
  attempt.commitSent = true
  await renamer.query('COMMIT')
}

async function rename(renamer: Connection, input: SwapInput): Promise<void> {
  const { live, side, finalName, beforeName } = input
  const final = quoteIdentifier(finalName)
  if (live !== null) await renamer.query(`ALTER DATABASE ${final} RENAME TO ${quoteIdentifier(beforeName)}`)
  await renamer.query(`ALTER DATABASE ${quoteIdentifier(side.name)} RENAME TO ${final}`)
  if (input.clearComment) await renamer.query(`COMMENT ON DATABASE ${final} IS NULL`)
}

/** If our process or our host is gone, the server must not go on waiting in our name with the lock in its hands. */
const LIMITS = { lock_timeout: '10s', idle_in_transaction_session_timeout: '15s' }
const LONGEST_QUERY_MS = 20_000

/** Only servers from 14 on look for a client that has gone while a statement runs. */
async function watchForUs(connection: Connection): Promise<void> {
  await connection.query(
    `SELECT pg_catalog.set_config(name, '1s', false) FROM pg_catalog.pg_settings WHERE name = 'client_connection_check_interval'`,
  )
}

/** Somebody else may have renamed or restored in the meantime: then what was planned is no longer true. */
async function assertNames(
  connection: Connection,
  input: SwapInput,
  expected: { readonly side: string; readonly live: string | null },
): Promise<void> {
  const found = await findNames(connection, input)
  const changes = changedNames(found, expected)
  if (changes === null) return
  const place = targetName({ ...input.admin, database: input.finalName })
  const untouched = found.holder === 'stranger' ? ', and what has that name now is untouched' : ''
  throw new OperatorError('server', `${place}: ${changes}; expected those of the plan`, {
    hint: `somebody else is at work on this server; nothing was swapped${untouched}`,
  })
}

async function stillConnected(input: SwapInput, failure: OperatorError, signal: AbortSignal): Promise<OperatorError> {
  const oids = [input.side.oid, ...(input.live === null ? [] : [input.live.oid])]
  const who = await connected(input, oids, signal).catch(() => [])
  if (who.length === 0 || failure.sqlstate !== '55006') return failure
  const place = targetName({ ...input.admin, database: input.finalName })
  return new OperatorError(
    'server',
    `${place}: ${who.join(', ')} could not be ended in ${TRIES} tries; expected nobody connected`,
    { sqlstate: '55006', hint: 'end these sessions and prepared transactions, or use an admin who may' },
  )
}

async function connected(input: SwapInput, oids: readonly number[], signal: AbortSignal): Promise<string[]> {
  await using connection = await connect(input.admin, input.connect, signal)
  const groups = await sessionsOf(connection, oids)
  const prepared = await connection.query<{ gid: string }>(
    'SELECT p.gid FROM pg_catalog.pg_prepared_xacts p JOIN pg_catalog.pg_database d ON d.datname = p.database WHERE d.oid = ANY ($1)',
    [oids],
  )
  return [
    ...groups.map(group => `${group.count} sessions of ${group.user ?? 'the server itself'}`),
    ...(prepared.length === 0 ? [] : [`${prepared.length} prepared transactions`]),
  ]
}
