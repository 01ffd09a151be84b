import { findCompressor } from '../../archive/compressor.ts'
import type { ExitCode } from '../../cli.ts'
import { exitCodeOf } from '../../cli.ts'
import type { DatabaseOutcome } from '../../events.ts'
import { planBackup } from '../../plan.ts'
import { findClientTools } from '../../postgres/client-tools.ts'
import { inParallel } from '../../system/parallel.ts'
import type { Context } from '../context.ts'
import { backUpDatabase } from './backup-database.ts'
import { createReporter } from './backup-report.ts'
import { createRolesReader } from './roles-reader.ts'

export interface BackupOptions {
  /** Wait for a lock up to LOCK_WAIT instead of giving up at once. */
  readonly waitForLocks: boolean
  readonly json: boolean
}

/**
 * Backs up every valid database of the configuration, and reports one outcome for each: a failure of one never hides or
 * stops another. Resolves with the run's exit code; an interrupted run is what `signal` says it is.
 */
export async function backup(context: Context, options: BackupOptions, signal: AbortSignal): Promise<ExitCode> {
  const { configuration, clock } = context
  const { settings, targets } = configuration
  const startedAt = clock.now()
  const reporter = createReporter(context, { json: options.json, startedAt })
  const jobs = planBackup(targets, settings, startedAt)
  reporter.report({ type: 'run-started', databases: jobs.length })

  const run = {
    context,
    lockWaitMs: options.waitForLocks ? settings.lockWaitMs : 0,
    clientTools: await findClientTools(context.env, signal),
    compressor: await findCompressor(context.env),
    readRoles: createRolesReader(context),
    report: reporter.report,
  }
  const limits = {
    total: settings.concurrency,
    perGroup: settings.concurrencyPerHost,
    groupOf: (job: (typeof jobs)[number]) => job.target.host,
  }
  const outcomes = await inParallel(jobs, limits, job => backUpDatabase(job, run, signal))

  const exitCode = exitCodeOf(
    exitCodesOf(
      outcomes,
      configuration.problems.some(p => p.severity === 'problem'),
    ),
  )
  reporter.finish(outcomes, exitCode)
  return exitCode
}

/** Every code that applies to a run. A lock counts as a failure only beside other failures. */
export function exitCodesOf(outcomes: readonly DatabaseOutcome[], hasProblems: boolean): ExitCode[] {
  const failures = outcomes.flatMap(outcome => (outcome.result === 'failed' ? [outcome.failure] : []))
  const lockedOnly = failures.length > 0 && failures.every(failure => failure.kind === 'locked')
  const codes: ExitCode[] = []
  if (hasProblems) codes.push(10)
  if (lockedOnly) codes.push(11)
  else if (failures.length > 0) codes.push(failures.length === outcomes.length ? 1 : 3)
  if (outcomes.some(outcome => outcome.result === 'backed-up' && outcome.pruneFailure !== null)) codes.push(3)
  return codes
}
