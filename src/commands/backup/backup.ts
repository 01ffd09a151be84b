import { join } from 'node:path'
import { findCompressor } from '../../archive/compressor.ts'
import { targetName } from '../../config/database-target.ts'
import { failureOf } from '../../errors.ts'
import type { BackupEvent, DatabaseOutcome } from '../../events.ts'
import { type ExitCode, exitCodeOf, exitCodesOfBackups, exitCodesOfCopies } from '../../exit-codes.ts'
import { type BackupJob, planBackup } from '../../plan.ts'
import { findClientTools } from '../../postgres/client-tools.ts'
import { inParallel } from '../../system/parallel.ts'
import type { Context } from '../context.ts'
import { createCopyRun, type FinishedCopies } from '../copies/copy-run.ts'
import { beginRun, finishRun } from '../finish-run.ts'
import { runFacts, startOfRun } from '../run-facts.ts'
import { createWarner } from '../warner.ts'
import { backUpDatabase } from './backup-database.ts'
import { createReporter, type RunEnd } from './backup-report.ts'
import type { BackupRun } from './backup-run.ts'
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
  const { configuration } = context
  const start = startOfRun(context)
  const reporter = createReporter(context, { json: options.json, startedAt: start.startedAt })
  const jobs = planBackup(configuration.targets, configuration.settings, start.startedAt)
  const report = (event: BackupEvent): void => {
    reporter.report(event)
    if (event.type !== 'database-finished') return
    const result = { mode: 'backup', outcome: event.outcome } as const
    context.notifications.tell({ type: 'database-finished', runId: context.runId, result })
  }
  const finish = (end: RunEnd): Promise<void> => {
    const { exitCode, outcomes, destinations } = end
    const facts = runFacts(context, { ...start, exitCode }, signal)
    const given = destinations.length === 0 ? {} : { destinations }
    return finishRun(context, { mode: 'backup', ...facts, outcomes, ...given }, createWarner(context, options.json))
  }
  await beginRun(context, 'backup')
  reporter.report({ type: 'run-started', databases: jobs.length })

  await using copies = createCopyRun(context, report, signal)
  const run = await prepareRun(context, { options, report, copies }, signal).catch(async (error: unknown) => {
    await finish({ outcomes: jobs.map(job => notTried(job, error)), exitCode: 1, destinations: [] })
    throw error
  })
  const limits = {
    total: configuration.settings.concurrency,
    perGroup: configuration.settings.concurrencyPerHost,
    groupOf: (job: BackupJob) => job.target.host,
  }
  const dumped = await inParallel(jobs, limits, job => backUpDatabase(job, run, signal))
  const copied = await copies.finish(signal)
  const outcomes = dumped.map(outcome => withCopies(outcome, copied, configuration.settings.backupDir))
  const { destinations } = copied

  const hasProblems = configuration.problems.some(p => p.severity === 'problem')
  const exitCode = exitCodeOf([
    ...(hasProblems ? [10 as const] : []),
    ...exitCodesOfBackups(outcomes),
    ...exitCodesOfCopies(destinations),
  ])
  reporter.finish({ outcomes, destinations, exitCode })
  await finish({ outcomes, destinations, exitCode })
  return exitCode
}

function withCopies(outcome: DatabaseOutcome, { outcomes }: FinishedCopies, backupDir: string): DatabaseOutcome {
  if (outcome.result === 'failed') return outcome
  return { ...outcome, copies: outcomes.get(join(backupDir, outcome.archive)) ?? outcome.copies }
}

async function prepareRun(
  context: Context,
  given: { readonly options: BackupOptions } & Pick<BackupRun, 'report' | 'copies'>,
  signal: AbortSignal,
): Promise<BackupRun> {
  return {
    context,
    lockWaitMs: given.options.waitForLocks ? context.configuration.settings.lockWaitMs : 0,
    clientTools: await findClientTools(context.env, signal),
    compressor: await findCompressor(context.env),
    readRoles: createRolesReader(context),
    report: given.report,
    copies: given.copies,
  }
}

/** What stopped the whole run is what stopped each database of it. */
function notTried(job: BackupJob, error: unknown): DatabaseOutcome {
  return { result: 'failed', database: targetName(job.target), seconds: 0, failure: failureOf(error) }
}
