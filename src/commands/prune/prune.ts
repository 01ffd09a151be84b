import { type ArchiveEntry, entriesByStem, orphanStems, readCatalog } from '../../catalog/catalog.ts'
import { type CheckedArchives, openCheckedArchives } from '../../catalog/checked.ts'
import { matchingArchives, pathBelowVolume } from '../../catalog/filter.ts'
import { acquireLock, type Lock, type LockInput } from '../../catalog/locks.ts'
import { notLookedIntoWarning } from '../../catalog/not-looked-into.ts'
import { readPins } from '../../catalog/pins.ts'
import { carryOutPrune, type PruneCandidate, type PruneRule, planPrune } from '../../catalog/prune.ts'
import type { Decision } from '../../catalog/retention.ts'
import { volumeSpace } from '../../catalog/space.ts'
import { spareUncopied } from '../../catalog/spare-uncopied.ts'
import { type Failure, failureOf, logLinesOf, OperatorError } from '../../errors.ts'
import { type ExitCode, exitCodesOfFailures } from '../../exit-codes.ts'
import type { Context } from '../context.ts'
import { destinationNames } from '../copies/destination-names.ts'
import { noteAndRemove } from '../copies/note-and-remove.ts'
import { type RunEnd, run, stopped } from '../run.ts'
import { createWarner, notRecorded, type Warner } from '../warner.ts'
import { pruneJson, prunePlanText, pruneResultText } from './prune-text.ts'
import type { StemPlan, StemResult } from './stem-plan.ts'

export interface PruneOptions {
  /** Only the archives that it names, of any database; null: what the counts of the settings do not keep. */
  readonly filter: string | null
  readonly dryRun: boolean
  /** With a filter: the last good archive of a database too. */
  readonly force: boolean
  /** Do not ask, and wait for locks. */
  readonly yes: boolean
  readonly json: boolean
  /** Asked on a terminal only. */
  confirm(question: string): Promise<boolean>
  /** Whether the archive at this path is a whole backup; it is read for that. */
  check(path: string, signal: AbortSignal): Promise<boolean>
}

type PruneContext = Pick<Context, 'configuration' | 'clock' | 'screen' | 'log' | 'runId' | 'occasion' | 'notifications'>

/**
 * `-p`: shows for every archive whether it stays and why, asks on a terminal, and removes the rest, one database after
 * the other, each under its lock and decided anew there. Archives of databases that are not configured are reported,
 * and go only when a filter names them. Throws an OperatorError of kind `volume` if the volume can't be read, and of
 * kind `usage` if the filter names nothing.
 */
export async function pruneBackups(
  context: PruneContext,
  options: PruneOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const warn = createWarner(context, options.json)
  const work = async (): Promise<RunEnd> => {
    const end = await showAndRemove(context, { options, warn }, signal).catch(stopped)
    const { removed, failure } = 'stoppedBy' in end ? { removed: [], failure: failureOf(end.stoppedBy) } : end
    const isTold = !options.dryRun && failure?.kind !== 'usage'
    return { ...end, report: isTold ? { mode: 'prune', removed, failure } : null }
  }
  return await run({ context, mode: 'prune', warn }, work, signal)
}

interface PruneEnd {
  readonly codes: readonly ExitCode[]
  /** Paths below the volume. */
  readonly removed: readonly string[]
  /** The first, where there are several. */
  readonly failure: Failure | null
}

async function showAndRemove(
  context: PruneContext,
  { options, warn }: { readonly options: PruneOptions; readonly warn: Warner },
  signal: AbortSignal,
): Promise<PruneEnd> {
  const { configuration, screen, clock } = context
  const { backupDir, timeZone } = configuration.settings
  const [catalog, checked] = await Promise.all([
    readCatalog(backupDir, { timeZone }),
    openCheckedArchives(backupDir, warn),
  ])
  const unseen = notLookedIntoWarning(catalog.notLookedInto)
  if (unseen !== null) warn(unseen)
  const rule = ruleOf(catalog.entries, context, options)
  const work: Work = { context, options, rule, checked, warn }
  const plans = await planAll(catalog.entries, work, signal)
  const orphans = rule.kind === 'named' ? [] : orphanStems(catalog.entries, configuredStems(context))
  const view = { orphans, notLookedInto: catalog.notLookedInto, now: clock.now() }
  if (!options.json) screen.print(prunePlanText(plans, view))
  const results = (await mayRemove(plans, context, options)) ? await removeAll(plans, work, signal) : []
  if (options.json) screen.printJson(pruneJson(plans, results, view))
  else if (results.length > 0) screen.print(pruneResultText(results))
  const failures = results.flatMap(({ failure }) => failure ?? [])
  return {
    removed: results.flatMap(result => result.removed.map(pathBelowVolume)),
    failure: failures[0] ?? null,
    codes: exitCodesOfFailures(failures, results.length),
  }
}

function ruleOf(entries: readonly ArchiveEntry[], context: PruneContext, options: PruneOptions): PruneRule {
  const { backupDir, keep, strategy } = context.configuration.settings
  if (options.filter === null) return { kind: 'counts', keep, strategy, fresh: null }
  const named = matchingArchives(entries, options.filter, backupDir)
  if (named.length > 0) return { kind: 'named', paths: new Set(named.map(entry => entry.path)), force: options.force }
  throw new OperatorError(
    'usage',
    `-f ${JSON.stringify(options.filter)}: names no archive; expected a path, a file name, or a part of it`,
    {
      hint: 'backup -l shows the archives',
    },
  )
}

interface Work {
  readonly context: PruneContext
  readonly options: PruneOptions
  readonly rule: PruneRule
  readonly checked: CheckedArchives
  readonly warn: Warner
}

async function planAll(entries: readonly ArchiveEntry[], work: Work, signal: AbortSignal): Promise<StemPlan[]> {
  const byStem = entriesByStem(entries)
  const configured = configuredStems(work.context)
  const others = work.rule.kind === 'named' ? orphanStems(entries, configured) : []
  const plans: StemPlan[] = []
  for (const stem of [...configured, ...others]) {
    const decisions = await planStem(stem, byStem.get(stem) ?? [], work, signal)
    if (decisions.length > 0) plans.push({ stem, decisions })
  }
  return plans
}

async function planStem(
  stem: string,
  entries: readonly ArchiveEntry[],
  { context, options, rule, checked }: Work,
  signal: AbortSignal,
): Promise<readonly Decision<PruneCandidate>[]> {
  const pins = await readPins(context.configuration.settings.backupDir)
  const check: typeof options.check = (path, stop) => options.check(path, stop)
  const decisions = await planPrune({ stem, entries, rule, checked, pins, now: context.clock.now(), check }, signal)
  // Who names an archive means it.
  if (rule.kind === 'named') return decisions
  const { settings } = context.configuration
  const { freeBytes } = await volumeSpace(settings.backupDir)
  return spareUncopied(decisions, { destinations: destinationNames(settings), freeBytes })
}

async function mayRemove(
  plans: readonly StemPlan[],
  { screen }: PruneContext,
  options: PruneOptions,
): Promise<boolean> {
  const count = plans.flatMap(plan => removals(plan)).length
  if (options.dryRun || count === 0) return false
  if (options.yes || !screen.isTerminal) return true
  return options.confirm(`Remove ${count} ${count === 1 ? 'archive' : 'archives'}?`)
}

async function removeAll(plans: readonly StemPlan[], work: Work, signal: AbortSignal): Promise<StemResult[]> {
  const results: StemResult[] = []
  for (const plan of plans.filter(each => removals(each).length > 0)) {
    results.push({ ...plan, ...(await removeOfStem(plan, work, signal)) })
  }
  return results
}

/** One failure never hides or stops the other databases; only an interruption stops all. */
async function removeOfStem(
  plan: StemPlan,
  work: Work,
  signal: AbortSignal,
): Promise<Pick<StemResult, 'removed' | 'failure'>> {
  const { context, options } = work
  const { backupDir, timeZone, lockWaitMs } = context.configuration.settings
  try {
    const waitMs = options.yes ? lockWaitMs : 0
    await using lock = await lockToMakeRoom(
      { backupDir, stem: plan.stem, runId: context.runId, waitMs, clock: context.clock },
      signal,
    )
    if (lock.problem !== null) work.warn(notRecorded(`that this run holds the lock of ${plan.stem}`, lock.problem))
    const { entries } = await readCatalog(backupDir, { timeZone, stems: new Set([plan.stem]) })
    const again = await planStem(plan.stem, entries, work, signal)
    const wanted = stillWanted(again, plan)
    const outcome =
      work.rule.kind === 'counts'
        ? await noteAndRemove(wanted, context.configuration.settings, lock)
        : await carryOutPrune(backupDir, wanted, lock)
    for (const archive of outcome.removed) context.log.info('archive removed', { archive: archive.path })
    return {
      removed: outcome.removed,
      failure: outcome.error === null ? null : logged(outcome.error, plan.stem, context),
    }
  } catch (error) {
    signal.throwIfAborted()
    return { removed: [], failure: logged(error, plan.stem, context) }
  }
}

/** What makes room must not need any; where not even a name fits into a folder, a person has to begin. */
async function lockToMakeRoom(input: LockInput, signal: AbortSignal): Promise<Lock> {
  try {
    return await acquireLock({ ...input, alsoOnFull: true }, signal)
  } catch (error) {
    if (!(error instanceof OperatorError && error.kind === 'space')) throw error
    throw new OperatorError('space', `${error.message}, not even for an empty lock file`, {
      hint: 'remove one archive that backup -p --dry-run names, and its .json, by hand; then backup -p again',
    })
  }
}

/** Only what the person saw, and what is still to be removed now that nothing else changes the archives. */
function stillWanted(again: readonly Decision<PruneCandidate>[], plan: StemPlan): Decision<PruneCandidate>[] {
  const seen = new Set(removals(plan).map(archive => archive.path))
  return again.filter(decision => seen.has(decision.archive.path))
}

function removals(plan: StemPlan): PruneCandidate[] {
  return plan.decisions.filter(decision => decision.action === 'remove').map(decision => decision.archive)
}

function configuredStems({ configuration }: PruneContext): ReadonlySet<string> {
  return new Set(configuration.databases.map(database => database.stem))
}

function logged(error: unknown, stem: string, { log }: PruneContext): Failure {
  const failure = failureOf(error)
  log.error('prune failed', { stem, message: failure.message, lines: logLinesOf(error) })
  return failure
}
