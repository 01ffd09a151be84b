import { join } from 'node:path'
import { findCompressor } from '../../archive/compressor.ts'
import { shareEarlierFiles } from '../../catalog/share-earlier.ts'
import type { Command } from '../../cli.ts'
import type { ConfiguredDatabase } from '../../config/configured-databases.ts'
import type { Settings } from '../../config/settings.ts'
import { failureOf } from '../../errors.ts'
import type { BackupEvent, DatabaseOutcome, ServerNews } from '../../events.ts'
import { type ExitCode, exitCodesOfBackups, exitCodesOfCopies } from '../../exit-codes.ts'
import { type BackupJob, planBackup } from '../../plan.ts'
import { createRolesReader } from '../../sources/postgres/capture/roles-reader.ts'
import { findClientTools } from '../../sources/postgres/client-tools/client-tools.ts'
import { inParallel } from '../../system/parallel.ts'
import type { Context } from '../context.ts'
import { createCopyRun, type FinishedCopies } from '../copies/copy-run.ts'
import { type BegunRun, type RunEnd, run, type Stopped, stopped } from '../run.ts'
import { sharingGroup } from '../share-volume.ts'
import { finishedRuns } from '../tell-of-run.ts'
import { createWarner } from '../warner.ts'
import { askedFor, marksOf } from './asked-for.ts'
import { backUpDatabase } from './backup-database.ts'
import { createBackupHooks } from './backup-hooks.ts'
import { createReporter } from './backup-report.ts'
import type { BackupRun } from './backup-run.ts'
import { serverNews, serverNewsTexts } from './server-news.ts'

type BackupOptions = Omit<Extract<Command, { readonly mode: 'backup' }>, 'mode'>

/**
 * Backs up every valid database of the configuration, or those that are named, and reports one outcome for each: a failure
 * of one never hides or stops another. Resolves with the run's exit code; an interrupted run is what `signal` says it is.
 * Throws an OperatorError of kind `usage`, before anything is done, for a name that means no configured database.
 */
export async function backup(context: Context, options: BackupOptions, signal: AbortSignal): Promise<ExitCode> {
  const { settings } = context.configuration
  const databases = askedFor(options, context.configuration, context.occasion.trigger)
  const isOfAll = options.specs.length === 0
  const only = isOfAll ? {} : { only: databases.map(({ id }) => id.name) }
  const reporter = createReporter(context, options)
  const report = (event: BackupEvent): void => {
    reporter.report(event)
    if (event.type !== 'database-finished') return
    const result = { mode: 'backup', outcome: event.outcome } as const
    context.notifications.tell({ type: 'database-finished', runId: context.runId, result })
  }
  const hooks = createBackupHooks(context)
  await using copies = createCopyRun(context, report, signal)
  const work = async ({ startedAt, begin }: BegunRun): Promise<RunEnd> => {
    const jobs = planBackup(databases, settings, startedAt)
    const mayRun = await hooks.beforeRun(signal).catch(stopped)
    if (mayRun === false) return skippedRun(jobs, only, reporter)
    // Whoever waits for the end of a run of all databases is not told of the beginning of another one.
    if (isOfAll) await begin()
    report({ type: 'run-started', databases: jobs.length })
    const notTaken = isOfAll ? reportNotTaken(context, report) : []
    const servers = isOfAll ? await whatIsNew(context, databases, report) : {}
    await shareEarlier(settings, report)
    const shared =
      mayRun === true
        ? await prepareRun(context, { options, startedAt, report, copies, hooks }, signal).catch(stopped)
        : mayRun
    if ('stoppedBy' in shared) {
      const outcomes = [...notTaken, ...notTried(jobs, shared)]
      await hooks.afterRun({ outcomes, ...shared }, signal)
      return { ...shared, report: { mode: 'backup', ...only, ...servers, outcomes } }
    }
    const tried = await inParallel(jobs, limitsOf(settings), job => backUpDatabase(job, shared, signal))
    const dumped = tried.filter(outcome => outcome !== null)
    const leftOut = leftOutOf(jobs, tried)
    const copied = await copies.finish(signal)
    const outcomes = [...notTaken, ...dumped].map(outcome => withCopies(outcome, copied, settings.backupDir))
    const { destinations } = copied
    for (const text of await hooks.afterRun({ outcomes }, signal)) report({ type: 'run-note', text })
    return {
      codes: [...exitCodesOfBackups(outcomes), ...exitCodesOfCopies(destinations)],
      report: {
        ...{ mode: 'backup', ...only, ...servers, ...leftOut, outcomes },
        ...(destinations.length === 0 ? {} : { destinations }),
      },
      show: (facts, exitCode) => reporter.finish({ outcomes, destinations, ...leftOut }, { ...facts, exitCode }),
    }
  }
  return await run({ context, mode: 'backup', warn: createWarner(context, options.json) }, work, signal)
}

function limitsOf({ concurrency, concurrencyPerHost }: Settings) {
  return { total: concurrency, perGroup: concurrencyPerHost, groupOf: (job: BackupJob) => job.id.lane }
}

function withCopies(outcome: DatabaseOutcome, { outcomes }: FinishedCopies, backupDir: string): DatabaseOutcome {
  if (outcome.result === 'failed') return outcome
  return { ...outcome, copies: outcomes.get(join(backupDir, outcome.archive)) ?? outcome.copies }
}

async function prepareRun(
  context: Context,
  given: { readonly options: BackupOptions; readonly startedAt: Date } & Pick<BackupRun, 'report' | 'copies' | 'hooks'>,
  signal: AbortSignal,
): Promise<BackupRun> {
  const { lockWaitMs, timeZone } = context.configuration.settings
  return {
    context,
    lockWaitMs: given.options.waitForLocks ? lockWaitMs : 0,
    marks: marksOf(given.options, { trigger: context.occasion.trigger, startedAt: given.startedAt, timeZone }),
    clientTools: await findClientTools(context.env, signal),
    compressor: await findCompressor(context.env),
    readRoles: createRolesReader(context),
    report: given.report,
    note: noteOnce(given.report),
    copies: given.copies,
    hooks: given.hooks,
  }
}

/** What hooks have left out; nothing where they have left out nothing. */
function leftOutOf(
  jobs: readonly BackupJob[],
  tried: readonly (DatabaseOutcome | null)[],
): { readonly skipped?: readonly string[] } {
  const skipped = jobs.flatMap(({ id }, index) => (tried[index] === null ? [id.name] : []))
  return skipped.length === 0 ? {} : { skipped }
}

/** Of a run that a hook has left out as a whole: a line of the history, and no word to anybody. */
function skippedRun(
  jobs: readonly BackupJob[],
  only: { readonly only?: readonly string[] },
  reporter: ReturnType<typeof createReporter>,
): RunEnd {
  const leftOut = leftOutOf(
    jobs,
    jobs.map(() => null),
  )
  return {
    codes: [],
    report: { mode: 'backup', ...only, ...leftOut, outcomes: [] },
    show: (facts, exitCode) => reporter.finish({ outcomes: [], destinations: [], ...leftOut }, { ...facts, exitCode }),
  }
}

/** What this user's runs made before the volume was shared, with an earlier version of this program too. */
async function shareEarlier(settings: Settings, report: BackupRun['report']): Promise<void> {
  const group = sharingGroup(settings)
  const opened = group === null ? 0 : await shareEarlierFiles(settings.backupDir, group)
  if (opened === 0) return
  const text = `opened to group ${group}: ${opened} files and folders of earlier runs, as it shares the volume (VOLUME_SHARED)`
  report({ type: 'run-note', text })
}

/** Which databases came and went since the last run, for the screen and the report; nothing where nothing did. */
async function whatIsNew(
  context: Context,
  databases: readonly ConfiguredDatabase[],
  report: BackupRun['report'],
): Promise<{ readonly servers?: readonly ServerNews[] }> {
  const { servers } = context.configuration.found
  if (servers.length === 0) return {}
  const news = serverNews(servers, databases, await finishedRuns(context))
  for (const text of news.flatMap(serverNewsTexts)) report({ type: 'run-note', text })
  return news.length === 0 ? {} : { servers: news }
}

/** What a server has, or seems to have, and no run can take. */
function reportNotTaken({ configuration }: Context, report: BackupRun['report']): readonly DatabaseOutcome[] {
  return configuration.found.notTaken.map(({ database, failure }) => {
    const outcome = { result: 'failed', database, seconds: 0, failure } as const
    report({ type: 'database-finished', outcome })
    return outcome
  })
}

function noteOnce(report: BackupRun['report']): BackupRun['note'] {
  const told = new Set<string>()
  return text => {
    if (!told.has(text)) report({ type: 'run-note', text })
    told.add(text)
  }
}

/** What stopped the whole run is what stopped each database of it. */
function notTried(jobs: readonly BackupJob[], { stoppedBy }: Stopped): readonly DatabaseOutcome[] {
  const failure = failureOf(stoppedBy)
  return jobs.map(({ id }) => ({ result: 'failed', database: id.name, seconds: 0, failure }))
}
