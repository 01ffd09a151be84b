import type { Clock } from '../../../system/clock.ts'
import type { Connection } from '../connection/connection.ts'
import { endSessions } from './sessions.ts'

const STEP_MS = 100

/**
 * Runs a statement that PostgreSQL does only with nobody connected to these databases, and ends their sessions again and
 * again until it is through: ALTER DATABASE … RENAME and DROP DATABASE take their lock, at which newcomers wait, and then
 * give the others up to five seconds to go (CountOtherDBBackends in procarray.c). `ender` is another session than the one
 * that `work` uses.
 */
export async function withoutSessions<Result>(
  work: () => Promise<Result>,
  given: { readonly ender: Connection; readonly databaseOids: readonly number[]; readonly clock: Clock },
): Promise<Result> {
  const done = new AbortController()
  const ending = keepEnding(given, done.signal)
  try {
    return await work()
  } finally {
    done.abort()
    await ending
  }
}

/** What goes wrong here shows in the statement that is waiting. */
async function keepEnding(
  given: { readonly ender: Connection; readonly databaseOids: readonly number[]; readonly clock: Clock },
  done: AbortSignal,
): Promise<void> {
  try {
    while (!done.aborted) {
      await endSessions(given.ender, given.databaseOids)
      await given.clock.sleep(STEP_MS, done)
    }
  } catch {}
}
