import type { NamedDatabase } from '../../config/source-id.ts'
import { OperatorError } from '../../errors.ts'
import type { Context } from '../context.ts'
import type { Snapshot } from './compare-snapshots.ts'
import { differencesNow, type LiveDifference } from './live-difference.ts'

/** What `--changes --live --json` prints. Times are ISO 8601 in UTC. */
export interface NowReport extends LiveDifference {
  readonly schemaVersion: 1
  /** `host[:port]/database`. */
  readonly database: string
  /** Path below the volume. */
  readonly archive: string
  readonly takenAt: string
  readonly ageSeconds: number
  /** Tables that were not counted: the server's guess stands for them, or nothing. */
  readonly notCounted: number
}

/** Counting may take so long; then the server's guesses have to do. */
const COUNTING_MS = 10_000

/**
 * Counts the rows of a configured database, and holds them against an archive. Throws an OperatorError: `usage` for a
 * database that is not configured, and whatever the connection says.
 */
export async function compareWithNow(
  { configuration, clock, env, runId }: Pick<Context, 'configuration' | 'clock' | 'env' | 'runId'>,
  { database, newest }: { readonly database: NamedDatabase; readonly newest: Snapshot },
  signal: AbortSignal,
): Promise<NowReport> {
  const target = configuration.databases.find(({ id }) => id.name === database.id.name)?.target ?? null
  if (target === null) throw notConfigured(database)
  const { liveTables } = await import('../../sources/postgres/inspect/live-tables.ts')
  const options = { env, applicationName: `backup-container ${runId} changes`, limitMs: COUNTING_MS }
  const tables = await liveTables(target, options, signal)
  return {
    schemaVersion: 1,
    database: database.id.name,
    archive: newest.archive,
    takenAt: newest.takenAt.toISOString(),
    ageSeconds: Math.max(0, Math.round((clock.now().getTime() - newest.takenAt.getTime()) / 1000)),
    notCounted: tables.filter(({ isEstimate }) => isEstimate).length,
    ...differencesNow(newest, tables),
  }
}

function notConfigured({ id }: NamedDatabase): OperatorError {
  const message = `--live: nobody knows as whom to log in to ${id.name}; expected a line of backup.conf for it, with its credentials`
  return new OperatorError('usage', message, { hint: 'without --live its archives are held against each other' })
}
