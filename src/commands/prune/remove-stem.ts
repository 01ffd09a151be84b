import { readCatalog } from '../../catalog/catalog.ts'
import type { Lock } from '../../catalog/held-lock.ts'
import { acquireLock, type LockInput } from '../../catalog/locks.ts'
import { carryOutPrune, type PruneCandidate } from '../../catalog/prune-archives.ts'
import type { Decision } from '../../catalog/retention/retention.ts'
import { type Failure, failureOf, logLinesOf, OperatorError } from '../../errors.ts'
import type { Context } from '../context.ts'
import { noteAndRemove } from '../copies/note-and-remove.ts'
import { notRecorded, type Warner } from '../warner.ts'
import { planStem, removals, type StemPlan, type StemPlanning } from './plan-stem.ts'

/** What did happen. */
export interface StemResult extends StemPlan {
  readonly removed: readonly PruneCandidate[]
  readonly failure: Failure | null
}

export interface StemRemoval extends StemPlanning {
  readonly context: Pick<Context, 'configuration' | 'clock' | 'log' | 'runId'>
  /** Wait for the lock up to LOCK_WAIT instead of giving up at once. */
  readonly waitForLocks: boolean
  readonly warn: Warner
}

/**
 * Removes what the plan says, under the lock of the database, and decided anew there. One failure never hides or stops
 * the other databases; rejects only with the signal's reason, which stops all.
 */
export async function removeOfStem(plan: StemPlan, given: StemRemoval, signal: AbortSignal): Promise<StemResult> {
  const { log } = given.context
  const logged = (error: unknown): Failure => {
    const failure = failureOf(error)
    log.error('prune failed', { stem: plan.group.stem, message: failure.message, lines: logLinesOf(error) })
    return failure
  }
  try {
    const { removed, error } = await remove(plan, given, signal)
    for (const archive of removed) log.info('archive removed', { archive: archive.path })
    return { ...plan, removed, failure: error === null ? null : logged(error) }
  } catch (error) {
    signal.throwIfAborted()
    return { ...plan, removed: [], failure: logged(error) }
  }
}

async function remove(plan: StemPlan, given: StemRemoval, signal: AbortSignal) {
  const { group } = plan
  const { stem } = group
  const { configuration, clock, runId } = given.context
  const { backupDir, timeZone, lockWaitMs } = configuration.settings
  const waitMs = given.waitForLocks ? lockWaitMs : 0
  await using lock = await lockToMakeRoom({ backupDir, stem, runId, waitMs, clock }, signal)
  if (lock.problem !== null) given.warn(notRecorded(`that this run holds the lock of ${stem}`, lock.problem))
  const { entries } = await readCatalog(backupDir, { timeZone, stems: new Set([stem]) })
  const wanted = stillWanted(await planStem(group, entries, given, signal), plan)
  return given.rule.kind === 'counts'
    ? await noteAndRemove(wanted, configuration.settings, lock)
    : await carryOutPrune(backupDir, wanted, lock)
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
function stillWanted(again: StemPlan, plan: StemPlan): readonly Decision<PruneCandidate>[] {
  const seen = new Set(removals(plan).map(archive => archive.path))
  return again.decisions.filter(decision => seen.has(decision.archive.path))
}
