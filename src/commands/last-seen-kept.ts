import type { Configuration } from '../config/configuration.ts'
import type { KeptDatabase, RunReport } from '../events.ts'
import { keptAsRecorded } from '../sources/postgres/swap/kept-databases.ts'

/** What restores have kept beside a database, as its last backup saw it. */
export interface SeenKept {
  /** ISO 8601 with offset. */
  readonly seenAt: string
  readonly databases: readonly KeptDatabase[]
}

/** By the runs that were, oldest first; null where no backup of this database has looked. */
export function lastSeenKept(
  database: string,
  { reports, configuration }: { readonly reports: readonly RunReport[]; readonly configuration: Configuration },
): SeenKept | null {
  for (const report of reports.toReversed()) {
    if (report.mode !== 'backup') continue
    const outcome = report.outcomes.find(each => each.database === database)
    if (outcome?.result !== 'backed-up' || outcome.keptByRestores === null) continue
    return { seenAt: report.finishedAt, databases: keptAsRecorded(outcome.keptByRestores, configuration) }
  }
  return null
}
