import { folderOf, type Tier, tierOf } from './catalog/naming/archive-folder.ts'
import { archiveName } from './catalog/naming/names.ts'
import type { ConfiguredDatabase } from './config/configured-databases.ts'
import type { DatabaseTarget } from './config/database-target.ts'
import { keepRulesOf, optionsIn } from './config/own-keep.ts'
import type { Settings } from './config/settings.ts'
import type { SourceId } from './config/source-id.ts'
import type { SourceOptions } from './config/source-options.ts'
import { localTime } from './system/time-zone.ts'

/** One database of a backup run, with everything about its archive that is decided when the run starts. */
export interface BackupJob {
  readonly id: SourceId
  readonly target: DatabaseTarget
  /** What its line asks for. */
  readonly own: SourceOptions
  /** Null under the daily strategy. */
  readonly tier: Tier | null
  /** Below the volume, such as `daily/2026-11-20`. */
  readonly folder: string
  /** The instant that the archive's name shows. */
  readonly namedAt: Date
}

/**
 * The jobs of a run that starts at `now`: those of `databases` that can be tried, in their order.
 * Tier and folder are fixed here, once: a run that goes on past midnight does not move its later databases into another
 * tier.
 */
export function planBackup(
  databases: readonly Pick<ConfiguredDatabase, 'id' | 'target' | 'keep' | 'alarm'>[],
  settings: Settings,
  now: Date,
): readonly BackupJob[] {
  const time = localTime(now, settings.timeZone)
  return databases.flatMap(({ id, target, ...source }) => {
    if (target === null) return []
    const tier = settings.strategy === 'daily' ? null : tierOf(time, keepRulesOf(source, settings.keep))
    return [{ id, target, own: optionsIn(source), tier, folder: folderOf(tier, time), namedAt: now }]
  })
}

/** The names that the job's archive may take, one second apart: the first that is free is taken. */
export function* archiveNames(job: BackupJob, timeZone: string): Generator<string> {
  for (let second = 0; ; second += 1) {
    yield archiveName(job.id.stem, localTime(new Date(job.namedAt.getTime() + second * 1000), timeZone))
  }
}
