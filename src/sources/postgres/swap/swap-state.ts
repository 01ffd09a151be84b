import type { DatabaseTarget } from '../../../config/database-target.ts'
import { targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'

/** A database by the number that stays with it whatever it is called. */
export interface NumberedDatabase {
  readonly oid: number
  readonly name: string
}

export interface StateQuestion {
  /** A database of the same server that is none of those in question. */
  readonly admin: DatabaseTarget
  readonly connect: ConnectOptions
  readonly clock: Clock
  /** The new database, and the name that it has once the swap is done. */
  readonly side: NumberedDatabase
  readonly finalName: string
  /** The session that may still be committing. */
  readonly processId: number | null
}

const ASK_FOR_MS = 90_000
const STEP_MS = 500

/**
 * What became of a swap whose COMMIT was not answered: true if the new database is live. Waits until the session that sent
 * it is gone, and for a server that starts again. Throws an OperatorError of kind `connection`, which says how to find
 * out, if the server does not answer for a minute and a half.
 */
export async function wasSwapped(question: StateQuestion): Promise<boolean> {
  const { clock } = question
  // Not the run's own signal: after an interruption too a person has to be told the truth.
  const { signal } = new AbortController()
  const deadline = clock.monotonicMs() + ASK_FOR_MS
  for (;;) {
    const answer = await ask(question, signal).catch(() => null)
    if (answer !== null) return answer
    if (clock.monotonicMs() > deadline) throw unsure(question)
    await clock.sleep(STEP_MS, signal)
  }
}

/** Null while the session that sent the COMMIT is still there. */
async function ask(question: StateQuestion, signal: AbortSignal): Promise<boolean | null> {
  const options = { ...question.connect, queryTimeoutMs: 10_000, connectTimeoutMs: 10_000 }
  await using connection = await connect(question.admin, options, signal)
  if (await isStillThere(connection, question)) return null
  const rows = await connection.query<{ name: string }>(
    'SELECT datname AS name FROM pg_catalog.pg_database WHERE oid = $1',
    [question.side.oid],
  )
  return rows[0]?.name === question.finalName
}

async function isStillThere(connection: Connection, question: StateQuestion): Promise<boolean> {
  const rows = await connection.query(
    `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
     WHERE pid = $1 AND usename = current_user AND application_name = pg_catalog.current_setting('application_name')`,
    [question.processId],
  )
  return rows.length > 0
}

function unsure(question: StateQuestion): OperatorError {
  const place = targetName({ ...question.admin, database: question.finalName })
  return new OperatorError(
    'connection',
    `${place}: the connection was lost while the databases were swapped, and the server does not answer; expected to learn whether the new one is live`,
    {
      hint: `ask once it is back: SELECT datname FROM pg_database WHERE oid = ${question.side.oid}; ${JSON.stringify(question.finalName)} means that the restore is live, ${JSON.stringify(question.side.name)} that nothing was changed`,
    },
  )
}
