import type { ArchiveGroup } from '../../catalog/archive-group.ts'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { readPins } from '../../catalog/pins.ts'
import { type PlanPruneInput, type PruneCandidate, planPrune } from '../../catalog/prune-archives.ts'
import { makeRoom } from '../../catalog/retention/make-room.ts'
import type { Decision } from '../../catalog/retention/retention.ts'
import { volumeSpace } from '../../catalog/space.ts'
import { keepRulesOf } from '../../config/own-keep.ts'
import type { Context } from '../context.ts'

/** What is to happen to the archives of one database. */
export interface StemPlan {
  readonly group: ArchiveGroup
  readonly decisions: readonly Decision<PruneCandidate>[]
}

/** By what the archives of a database are judged. */
export interface StemPlanning extends Pick<PlanPruneInput, 'rule' | 'checked' | 'check' | 'contentProblem'> {
  readonly context: Pick<Context, 'configuration' | 'clock'>
}

/** Decides of those of the entries that are of this group, as `planPrune` does, with its own rules and what is being read now, and with the room that there is on the volume. */
export async function planStem(
  group: ArchiveGroup,
  entries: readonly ArchiveEntry[],
  { context, ...by }: StemPlanning,
  signal: AbortSignal,
): Promise<StemPlan> {
  const { settings } = context.configuration
  const pins = await readPins(settings.backupDir)
  const of = { stem: group.stem, entries: entries.filter(entry => group.has(entry)) }
  const rule = by.rule.kind === 'named' ? by.rule : { ...by.rule, keep: keepRulesOf(group, by.rule.keep) }
  const decisions = await planPrune({ ...of, ...by, rule, pins, now: context.clock.now() }, signal)
  // Who names an archive means it.
  if (by.rule.kind === 'named') return { group, decisions }
  const { freeBytes } = await volumeSpace(settings.backupDir)
  return { group, decisions: makeRoom(decisions, { destinations: settings.wantedCopies, freeBytes }) }
}

/** What goes by this plan. */
export function removals({ decisions }: StemPlan): readonly PruneCandidate[] {
  return decisions.filter(({ action }) => action === 'remove').map(({ archive }) => archive)
}
