import type { KeepRules } from '../config/keep-rule.ts'
import type { ArchiveEntry } from './catalog.ts'
import type { CheckedArchives } from './checked.ts'
import type { Goodness } from './goodness.ts'
import type { Lock } from './held-lock.ts'
import { hasFailed, provedAt } from './manifest-head.ts'
import { type PinnedArchives, readPins } from './pins.ts'
import { removeArchive } from './remove.ts'
import { heldBefore } from './retention/alarm-hold.ts'
import { decideFilteredRemoval } from './retention/filtered-removal.ts'
import { type Decision, decideRetention, type RetentionResult } from './retention/retention.ts'
import { type ContentProblem, lookAtManifest } from './update-manifest.ts'

/** An archive with what retention knows of it. */
export interface PruneCandidate extends ArchiveEntry {
  readonly goodness: Goodness
  readonly proved: boolean
  readonly failed: boolean
  readonly day: string
  readonly protectedUntil: string | null
}

/** By which rule archives go: those of settings and lines, or the paths that a person named. */
export type PruneRule =
  | {
      readonly kind: 'counts'
      readonly keep: KeepRules | null
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
  readonly contentProblem: ContentProblem
}

/**
 * Decides what of one database stays and what goes, newest first, and reads what the decision depends on: archives without
 * manifest, and the whole manifests of those for which others go. Removes nothing. Throws what `check` throws.
 */
export async function planPrune(
  input: PlanPruneInput,
  signal: AbortSignal,
): Promise<readonly Decision<PruneCandidate>[]> {
  const looked = new Map<string, ArchiveEntry>()
  for (;;) {
    signal.throwIfAborted()
    const entries = input.entries.map(entry => looked.get(entry.path) ?? entry)
    const result = decide(
      input,
      entries.map(entry => candidateOf(entry, input.checked)),
    )
    if (result.kind === 'decided') {
      const unusable = await unusableAmongKept(result.decisions, { entries, looked, input })
      if (!unusable) return result.decisions.map(decision => withPin(decision, input.pins))
      continue
    }
    for (const archive of result.readFirst) {
      signal.throwIfAborted()
      await input.checked.record(archive, await input.check(archive.path, signal))
    }
  }
}

interface Kept {
  readonly entries: readonly ArchiveEntry[]
  /** Those whose manifests were read as a whole, as they turned out to be. */
  readonly looked: Map<string, ArchiveEntry>
  readonly input: Pick<PlanPruneInput, 'rule' | 'checked' | 'contentProblem'>
}

/**
 * Looks into those that stay as good ones while others go, and says whether one of them is none: a catalog reads only the
 * head of a manifest, and a restore would refuse what is wrong further on. Where a person names what goes, one will do.
 */
async function unusableAmongKept(
  decisions: readonly Decision<PruneCandidate>[],
  { entries, looked, input }: Kept,
): Promise<boolean> {
  const going = new Set(decisions.flatMap(({ action, archive }) => (action === 'remove' ? archive.path : [])))
  if (going.size === 0) return false
  for (const entry of entries) {
    if (going.has(entry.path) || entry.manifest === null || input.checked.goodnessOf(entry) !== 'good') continue
    const problem = looked.has(entry.path) ? null : await manifestProblemOf(entry, input.contentProblem)
    looked.set(entry.path, problem === null ? entry : { ...entry, manifest: null, manifestProblem: problem })
    if (problem !== null) return true
    if (input.rule.kind === 'named') return false
  }
  return false
}

async function manifestProblemOf(entry: ArchiveEntry, contentProblem: ContentProblem): Promise<string | null> {
  const found = await lookAtManifest(entry.path, contentProblem)
  if (found === null) return 'it is gone; expected a manifest'
  return typeof found === 'string' ? found : null
}

function withPin(decision: Decision<PruneCandidate>, pins: PinnedArchives): Decision<PruneCandidate> {
  const mayGo = decision.action === 'remove' || decision.yields !== undefined
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
      return decideRetention({ ...rule, stem, archives, now, heldBefore: heldBefore(archives, now) })
    case 'named':
      return decideFilteredRemoval({
        archives,
        now,
        heldBefore: heldBefore(archives, now),
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
