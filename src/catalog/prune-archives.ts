import type { KeepCounts } from '../config/settings.ts'
import type { ArchiveEntry } from './catalog.ts'
import type { CheckedArchives } from './checked.ts'
import type { Goodness } from './goodness.ts'
import type { Lock } from './held-lock.ts'
import { hasFailed, provedAt } from './manifest-head.ts'
import { type PinnedArchives, readPins } from './pins.ts'
import { removeArchive } from './remove.ts'
import { decideFilteredRemoval } from './retention/filtered-removal.ts'
import { type Decision, decideRetention, type RetentionResult } from './retention/retention.ts'

/** An archive with what retention knows of it. */
export interface PruneCandidate extends ArchiveEntry {
  readonly goodness: Goodness
  readonly proved: boolean
  readonly failed: boolean
  readonly day: string
  readonly protectedUntil: string | null
}

/** By which rule archives go: the counts of the settings, or the paths that a person named. */
export type PruneRule =
  | {
      readonly kind: 'counts'
      readonly keep: KeepCounts | null
      readonly strategy: 'rolling' | 'daily'
      /** Absolute path of the archive that this run has just made; null if there is none. */
      readonly fresh: string | null
    }
  | { readonly kind: 'named'; readonly paths: ReadonlySet<string>; readonly force: boolean }

export interface PlanPruneInput {
  readonly stem: string
  /** All archives of the stem. */
  readonly entries: readonly ArchiveEntry[]
  readonly rule: PruneRule
  readonly now: Date
  readonly checked: CheckedArchives
  readonly pins: PinnedArchives
  /** Whether the archive at this path has whole gzip and pg_dump's trailer at its end; it reads all of it. */
  check(path: string, signal: AbortSignal): Promise<boolean>
}

/**
 * Decides what of one database stays and what goes, newest first, and reads the archives without manifest that the
 * decision depends on. Removes nothing. Throws what `check` throws.
 */
export async function planPrune(
  input: PlanPruneInput,
  signal: AbortSignal,
): Promise<readonly Decision<PruneCandidate>[]> {
  for (;;) {
    signal.throwIfAborted()
    const result = decide(
      input,
      input.entries.map(entry => candidateOf(entry, input.checked)),
    )
    if (result.kind === 'decided') return result.decisions.map(decision => withPin(decision, input.pins))
    for (const archive of result.readFirst) {
      signal.throwIfAborted()
      await input.checked.record(archive, await input.check(archive.path, signal))
    }
  }
}

function withPin(decision: Decision<PruneCandidate>, pins: PinnedArchives): Decision<PruneCandidate> {
  const mayGo = decision.action === 'remove' || decision.yields === true
  if (!mayGo || !pins.has(decision.archive)) return decision
  return { archive: decision.archive, action: 'keep', reason: 'pinned: a verification or a restore reads it' }
}

export interface PruneOutcome {
  readonly removed: readonly PruneCandidate[]
  /** What went wrong first; the other archives were tried all the same. Null if nothing did. */
  readonly error: unknown
}

/**
 * Removes what was decided, the oldest first, for as long as the lock of the stem is ours. What was pinned meanwhile
 * stays. Never rejects.
 */
export async function carryOutPrune(
  backupDir: string,
  decisions: readonly Decision<PruneCandidate>[],
  lock: Lock,
): Promise<PruneOutcome> {
  const doomed = decisions.filter(({ action, archive }) => action === 'remove' && archive.stem === lock.stem)
  try {
    if (doomed.length > 0) await lock.check()
  } catch (error) {
    return { removed: [], error }
  }
  return await removeEach(backupDir, doomed.map(({ archive }) => archive).toReversed(), lock)
}

async function removeEach(backupDir: string, archives: readonly PruneCandidate[], lock: Lock): Promise<PruneOutcome> {
  const removed: PruneCandidate[] = []
  let firstError: unknown = null
  for (const archive of archives) {
    try {
      lock.lost.throwIfAborted()
      if ((await readPins(backupDir)).has(archive)) continue
      if (await removeArchive(backupDir, archive)) removed.push(archive)
    } catch (error) {
      firstError ??= error
      if (lock.lost.aborted) break
    }
  }
  return { removed, error: firstError }
}

function decide(input: PlanPruneInput, archives: readonly PruneCandidate[]): RetentionResult<PruneCandidate> {
  const { rule, now, stem } = input
  switch (rule.kind) {
    case 'counts':
      return decideRetention({ stem, archives, now, keep: rule.keep, strategy: rule.strategy, fresh: rule.fresh })
    case 'named':
      return decideFilteredRemoval({
        archives,
        now,
        force: rule.force,
        matches: archive => rule.paths.has(archive.path),
      })
  }
}

function candidateOf(entry: ArchiveEntry, checked: CheckedArchives): PruneCandidate {
  const proved = entry.manifest !== null && provedAt(entry.manifest) !== null
  const day = entry.folder.slice(-'YYYY-MM-DD'.length)
  const protectedUntil = entry.manifest?.protectedUntil ?? null
  const failed = hasFailed(entry.manifest)
  return { ...entry, goodness: checked.goodnessOf(entry), proved, failed, day, protectedUntil }
}
