import type { Command } from '../cli.ts'
import type { Context } from './context.ts'
import { type LookUp, lookUpDatabases } from './look-up-databases.ts'

/** The context of one command with the databases that it needs to know of. Rejects only with the signal's reason. */
export async function lookUpFor(command: Command, context: Context, signal: AbortSignal): Promise<Context> {
  const wanted = lookUpOf(command)
  return wanted === null ? context : await lookUpDatabases(context, wanted, signal)
}

/** A person waits for what archives can tell without the server, too. */
const WAIT_MS = 5_000

/** Null: it is about no database. */
function lookUpOf(command: Command): LookUp | null {
  switch (command.mode) {
    case 'backup':
      return { everyServer: command.specs.length === 0, byArchives: true }
    case 'check-configuration':
      return { everyServer: command.access, byArchives: true, connectTimeoutMs: WAIT_MS }
    case 'prune':
      return { everyServer: false, byArchives: false }
    case 'list':
      return { everyServer: false, byArchives: true, connectTimeoutMs: WAIT_MS }
    case 'changes':
    case 'restore':
    case 'verify':
      return { everyServer: false, byArchives: true }
    default:
      return null
  }
}
