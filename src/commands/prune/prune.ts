import { type ArchiveGroup, groupOf, orphanGroups } from '../../catalog/archive-group.ts'
import { type ArchiveEntry, entriesByStem, readCatalog } from '../../catalog/catalog.ts'
import { openCheckedArchives } from '../../catalog/checked.ts'
import { namedArchives, pathBelowVolume } from '../../catalog/filter.ts'
import { notLookedIntoWarning } from '../../catalog/not-looked-into.ts'
import type { PruneRule } from '../../catalog/prune-archives.ts'
import type { Command } from '../../cli.ts'
import { type Failure, failureOf, OperatorError } from '../../errors.ts'
import { type ExitCode, exitCodesOfFailures } from '../../exit-codes.ts'
import { holdsWholeDump } from '../../sources/postgres/dump-file/whole-dump.ts'
import { contentProblem } from '../../sources/sources.ts'
import type { Context } from '../context.ts'
import { type RunEnd, run, stopped } from '../run.ts'
import { createWarner, type Warner } from '../warner.ts'
import { planStem, removals, type StemPlan, type StemPlanning } from './plan-stem.ts'
import { pruneJson, prunePlanText, pruneResultText } from './prune-text.ts'
import { removeOfStem, type StemRemoval, type StemResult } from './remove-stem.ts'

type PruneCommand = Extract<Command, { readonly mode: 'prune' }>

/** The flags of `-p`, and its parts. */
export interface PruneOptions extends Omit<PruneCommand, 'mode'> {
  /** How to ask; null where nobody sits at a terminal. */
  readonly prompts: { confirm(question: string): Promise<boolean> } | null
  /** Whether the archive at this path is a whole backup; it is read for that. */
  readonly check: StemPlanning['check']
}

type PruneContext = Pick<Context, 'configuration' | 'clock' | 'screen' | 'log' | 'runId' | 'occasion' | 'notifications'>

/** `-p` with its real parts. */
export async function prune(
  context: PruneContext,
  options: Omit<PruneOptions, 'check'>,
  signal: AbortSignal,
): Promise<ExitCode> {
  return await pruneBackups(context, { ...options, check: holdsWholeDump }, signal)
}

/**
 * `-p`: shows for every archive whether it stays and why, asks on a terminal, and removes the rest, one database after
 * the other, each under its lock and decided anew there. Archives of databases that are not configured are reported,
 * and go only when a filter names them. Throws an OperatorError of kind `volume` if the volume can't be read, and of
 * kind `usage` if the filter names nothing, or nobody can be asked whether it means what it names.
 */
export async function pruneBackups(
  context: PruneContext,
  options: PruneOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  refuseSilence(context, options)
  const warn = createWarner(context, options.json)
  const work = async (): Promise<RunEnd> => {
    const end = await showAndRemove(context, { options, warn }, signal).catch(stopped)
    const { removed, failure } = 'stoppedBy' in end ? { removed: [], failure: failureOf(end.stoppedBy) } : end
    const isTold = !options.dryRun && failure?.kind !== 'usage'
    return { ...end, report: isTold ? { mode: 'prune', removed, failure } : null }
  }
  return await run({ context, mode: 'prune', warn }, work, signal)
}

/**
 * What a filter names is for a person to confirm, or for a script to say beforehand. The counts of the settings have been
 * thought about: a cron line without a terminal removes by them, and a terminal whose keyboard is not ours is asked in vain.
 */
function refuseSilence({ screen }: PruneContext, { filter, prompts, yes, dryRun }: PruneOptions): void {
  if (prompts !== null || yes || dryRun || (filter === null && !screen.isTerminal)) return
  throw new OperatorError(
    'usage',
    `${filter === null ? '-p' : '-p -f'}: there is no terminal to ask on; expected --yes or -s to remove without asking`,
    { hint: '--dry-run shows what would be removed' },
  )
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
  const { screen, clock } = context
  const { backupDir, timeZone } = context.configuration.settings
  const [{ entries, notLookedInto }, checked] = await Promise.all([
    readCatalog(backupDir, { timeZone }),
    openCheckedArchives(backupDir, warn),
  ])
  const unseen = notLookedIntoWarning(notLookedInto)
  if (unseen !== null) warn(unseen)
  const rule = ruleOf(entries, context, options)
  const work = { context, rule, checked, check: options.check, contentProblem, waitForLocks: options.yes, warn }
  const plans = await planAll(entries, work, signal)
  const orphans = rule.kind === 'named' ? [] : orphanGroups(entries, context.configuration.databases)
  const view = { orphans, notLookedInto, now: clock.now() }
  if (!options.json) screen.print(prunePlanText(plans, view))
  const results = (await mayRemove(plans, options, screen)) ? await removeAll(plans, work, signal) : []
  if (options.json) screen.printJson(pruneJson(plans, results, view))
  else if (results.length > 0) screen.print(pruneResultText(results))
  const failures = results.flatMap(({ failure }) => failure ?? [])
  return {
    codes: exitCodesOfFailures(failures, results.length),
    removed: results.flatMap(result => result.removed.map(pathBelowVolume)),
    failure: failures[0] ?? null,
  }
}

function ruleOf(entries: readonly ArchiveEntry[], context: PruneContext, options: PruneOptions): PruneRule {
  const { backupDir, keep, strategy } = context.configuration.settings
  const { filter, force } = options
  if (filter === null) return { kind: 'counts', keep, strategy, fresh: null }
  const named = namedArchives(entries, { filter, backupDir })
  return { kind: 'named', paths: new Set(named.map(entry => entry.path)), force }
}

async function planAll(
  entries: readonly ArchiveEntry[],
  planning: StemPlanning,
  signal: AbortSignal,
): Promise<readonly StemPlan[]> {
  const byStem = entriesByStem(entries)
  const { databases } = planning.context.configuration
  const others = planning.rule.kind === 'named' ? orphanGroups(entries, databases) : []
  const plans: StemPlan[] = []
  for (const group of [...databases.map(groupOf), ...others] satisfies readonly ArchiveGroup[]) {
    const plan = await planStem(group, byStem.get(group.stem) ?? [], planning, signal)
    if (plan.decisions.length > 0) plans.push(plan)
  }
  return plans
}

async function mayRemove(
  plans: readonly StemPlan[],
  { dryRun, yes, prompts, json }: PruneOptions,
  screen: PruneContext['screen'],
): Promise<boolean> {
  const count = plans.flatMap(plan => removals(plan)).length
  if (dryRun || count === 0) return false
  if (yes || prompts === null) return true
  const isConfirmed = await prompts.confirm(`Remove ${count} ${count === 1 ? 'archive' : 'archives'}?`)
  if (!isConfirmed && !json) screen.print('not removed: nothing was changed')
  return isConfirmed
}

async function removeAll(
  plans: readonly StemPlan[],
  removal: StemRemoval,
  signal: AbortSignal,
): Promise<readonly StemResult[]> {
  const results: StemResult[] = []
  for (const plan of plans.filter(each => removals(each).length > 0)) {
    results.push(await removeOfStem(plan, removal, signal))
  }
  return results
}
