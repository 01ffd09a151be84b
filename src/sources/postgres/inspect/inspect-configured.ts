import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { ConnectOptions } from '../connection/connection.ts'
import { isNoSuchDatabase } from '../connection/connection-failure.ts'
import type { DatabaseFacts } from '../database/database-facts.ts'
import { leftByRestores } from '../made/left-by-restores.ts'
import { inspectDatabase } from './inspect.ts'

/**
 * Looks at a configured database. Throws as `inspectDatabase` does; where the server has none of that name, because a
 * restore in place died or is under way, the error says that, what is left of it, and how to go on.
 */
export async function inspectConfigured(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<DatabaseFacts> {
  try {
    return await inspectDatabase(target, options, signal)
  } catch (error) {
    if (!isNoSuchDatabase(error)) throw error
    const left = await leftBeside(target, options, signal)
    if (left.length === 0) throw error
    throw withLeft(error, { left, target })
  }
}

/** What restores have left is asked in another database of the server; nothing where this role may log in to none. */
async function leftBeside(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (const database of ['postgres', 'template1'].filter(name => name !== target.database)) {
    try {
      return await leftByRestores(target, { ...target, database }, options, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof OperatorError)) throw error
    }
  }
  return []
}

function withLeft(
  { kind, message, sqlstate, object, logOnly }: OperatorError,
  { left, target }: { readonly left: readonly string[]; readonly target: DatabaseTarget },
): OperatorError {
  return new OperatorError(kind, [message, ...left].join('; '), {
    hint: `unless a restore is under way, backup -r ${targetName(target)} makes the database again, and removes what died`,
    ...(sqlstate === undefined ? {} : { sqlstate }),
    ...(object === undefined ? {} : { object }),
    logOnly,
  })
}
