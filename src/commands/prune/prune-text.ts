import type { OrphanGroup } from '../../catalog/archive-group.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import { failureText } from '../../errors.ts'
import { formatAge, formatBytes } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import { type Column, formatTable } from '../../terminal/table.ts'
import { removals, type StemPlan } from './plan-stem.ts'
import type { StemResult } from './remove-stem.ts'

export interface PruneView {
  /** What is on the volume of no configured database. */
  readonly orphans: readonly OrphanGroup[]
  /** What may hold more archives; it is told as a warning. */
  readonly notLookedInto: Catalog['notLookedInto']
  readonly now: Date
}

const COLUMNS: readonly Column[] = [
  { title: '' },
  { title: 'ARCHIVE' },
  { title: 'SIZE', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'WHY' },
]

/** Every archive with what is to happen to it and why, then the databases that are not configured. */
export function prunePlanText(plans: readonly StemPlan[], view: PruneView): readonly string[] {
  const decisions = plans.flatMap(plan => plan.decisions)
  const rows = decisions.map(({ archive, action, reason }) => [
    action,
    pathBelowVolume(archive),
    formatBytes(archive.bytes),
    formatAge(view.now.getTime() - archive.takenAt.getTime()),
    reason,
  ])
  const removed = plans.flatMap(removals)
  const summary = removed.length === 0 ? 'Nothing to remove.' : `To remove: ${amountText(removed)}.`
  const table = rows.length === 0 ? [] : formatTable(COLUMNS, rows)
  return paragraphs([table, orphansText(view.orphans), [summary]])
}

/** What was removed, and what went wrong. */
export function pruneResultText(results: readonly StemResult[]): readonly string[] {
  const removed = results.flatMap(result => result.removed)
  const failures = results.flatMap(({ group, failure }) =>
    failure === null ? [] : [`Failed for ${group.stem}: ${failureText(failure)}`],
  )
  return [`Removed: ${amountText(removed)}.`, ...failures]
}

/** The same for a program: every decision, whether it was carried out, and the failures. */
export function pruneJson(plans: readonly StemPlan[], results: readonly StemResult[], view: PruneView): unknown {
  const removed = new Set(results.flatMap(result => result.removed.map(archive => archive.path)))
  const databases = plans.map(plan => ({
    stem: plan.group.stem,
    archives: plan.decisions.map(({ archive, action, reason }) => ({
      path: pathBelowVolume(archive),
      tier: archive.tier,
      takenAt: archive.takenAt.toISOString(),
      bytes: archive.bytes,
      action,
      reason,
      removed: removed.has(archive.path),
    })),
    failure: results.find(result => result.group === plan.group)?.failure ?? null,
  }))
  return { databases, orphans: view.orphans.map(({ name }) => name), notLookedInto: view.notLookedInto }
}

function orphansText(orphans: readonly OrphanGroup[]): readonly string[] {
  if (orphans.length === 0) return []
  const lines = orphans.map(({ name, filter }) =>
    filter === null
      ? `  ${name}: backup -p -f FILE for each, since a configured database has files of the same names`
      : `  ${name}: backup -p -f ${filter}`,
  )
  return ['Databases that are not configured; these commands remove their archives:', ...lines]
}

function amountText(archives: readonly { readonly bytes: number }[]): string {
  const bytes = archives.reduce((sum, archive) => sum + archive.bytes, 0)
  return `${archives.length} ${archives.length === 1 ? 'archive' : 'archives'}, ${formatBytes(bytes)}`
}
