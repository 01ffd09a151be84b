import { groupOf } from '../../catalog/archive-group.ts'
import { readCatalog } from '../../catalog/catalog.ts'
import { openCheckedArchives } from '../../catalog/checked.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import { type Failure, failureOf, logLinesOf } from '../../errors.ts'
import { holdsWholeDump } from '../../sources/postgres/dump-file/whole-dump.ts'
import { contentProblem } from '../../sources/sources.ts'
import { noteAndRemove } from '../copies/note-and-remove.ts'
import { planStem } from '../prune/plan-stem.ts'
import type { BackupCycle } from './backup-run.ts'

/** Paths below the volume, and what went wrong: a backup is good even when pruning after it fails. */
export interface Pruned {
  readonly removed: readonly string[]
  readonly pruneFailure: Failure | null
}

/**
 * Removes what the counts do not keep of this one database, now that `fresh`, the absolute path of an archive of this
 * run, is there. Never rejects.
 */
export async function pruneAfterBackup(cycle: BackupCycle, fresh: string, signal: AbortSignal): Promise<Pruned> {
  try {
    const { removed, error } = await prune(cycle, fresh, signal)
    return { removed: removed.map(pathBelowVolume), pruneFailure: error === null ? null : failed(cycle, error) }
  } catch (error) {
    return { removed: [], pruneFailure: failed(cycle, error) }
  }
}

async function prune({ job, run, lock }: BackupCycle, fresh: string, signal: AbortSignal) {
  const { context } = run
  const { settings } = context.configuration
  const { backupDir, timeZone, keep, strategy } = settings
  const { stem, name: database } = job.id
  const [{ entries }, checked] = await Promise.all([
    readCatalog(backupDir, { timeZone, stems: new Set([stem]) }),
    openCheckedArchives(backupDir, text => run.report({ type: 'database-warning', database, text })),
  ])
  const rule = { kind: 'counts', keep, strategy, fresh } as const
  const planning = { context, rule, checked, check: holdsWholeDump, contentProblem }
  const { decisions } = await planStem(groupOf({ ...job.target, ...job.own, id: job.id }), entries, planning, signal)
  return await noteAndRemove(decisions, settings, lock)
}

function failed({ job, run }: BackupCycle, error: unknown): Failure {
  run.context.log.error('prune-failure-details', { database: job.id.name, lines: logLinesOf(error) })
  return failureOf(error)
}
