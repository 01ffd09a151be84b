import type { ArchiveEntry } from '../catalog/catalog.ts'
import { standingAlarm } from '../catalog/content-alarm.ts'
import type { Goodness } from '../catalog/goodness.ts'
import { provedAt, standingVerdict } from '../catalog/manifest-head.ts'
import { isUsable } from '../catalog/usable.ts'
import type { Configuration } from '../config/configuration.ts'
import type { DestinationName } from '../config/destination-settings.ts'
import type { NamedDatabase } from '../config/source-id.ts'
import type { Failure } from '../errors.ts'
import type { ContentAlarm, RunReport } from '../events.ts'
import { type AllowedAge, allowedAge } from '../schedule/allowed-age.ts'
import { type JudgedState, judgeState, type StateFacts } from '../status/source-state.ts'
import { whole } from './alarm/last-without-alarm.ts'
import { missingCopies } from './copies/earlier-copies.ts'

/** What there is to be said of one source: how it stands, and what that was judged by. */
export interface SourceStanding extends JudgedState {
  readonly allowedAge: AllowedAge
  /** The newest archive that a restore would take, and the one before it; undefined where there is none. */
  readonly last: ArchiveEntry | undefined
  readonly previous: ArchiveEntry | undefined
  /** What the newest archive lacks of what was there before, until a person says that this is right; null: nothing. */
  readonly alarm: ContentAlarm | null
  /** The backups that have failed since the last one, in a row; null: none has. */
  readonly failed: FailedRuns | null
  readonly proof: Proof | null
  /** The newest archive of which it is said that it was proved. */
  readonly proved: ArchiveEntry | undefined
  /** The copies that are not there, of each destination that lacks any. */
  readonly uncopied: readonly { readonly destination: DestinationName; readonly archives: readonly ArchiveEntry[] }[]
  /** How long its last proof took to load; null: no run has said so. */
  readonly restoreSeconds: number | null
}

interface FailedRuns {
  readonly runs: number
  readonly since: Date
  /** Why the last of them did. */
  readonly failure: Failure
}

/** The verdict on the newest archive that has one. */
interface Proof extends NonNullable<StateFacts['proof']> {
  readonly archive: ArchiveEntry
}

export interface StandingInput {
  /** Those of this source, newest first. */
  readonly archives: readonly ArchiveEntry[]
  /** Finished runs, oldest first. */
  readonly reports: readonly RunReport[]
  readonly configuration: Pick<Configuration, 'cronLines' | 'settings'>
  readonly now: Date
  goodnessOf(entry: ArchiveEntry): Goodness
}

/** How a source that should be backed up stands, by its archives, the runs that were, and its schedule. */
export function standingOf(database: NamedDatabase, input: StandingInput): SourceStanding {
  const { archives, configuration, now } = input
  const { settings, cronLines } = configuration
  const allowed = allowedAge({ ...settings, database, cronLines, now })
  const [last, previous] = archives.filter(archive =>
    isUsable({ ...archive, goodness: input.goodnessOf(archive), failed: false }, now),
  )
  const failed = failedRuns(database.id.name, { ...input, last })
  const alarm = standingAlarm(whole(archives, { database, now })[0]?.manifest ?? null)
  const proof = newestProof(archives)
  const uncopied = settings.destinations
    .map(({ name }) => ({ destination: name, archives: missingCopies(archives, name) }))
    .filter(({ archives: missing }) => missing.length > 0)
  const oldest = uncopied.flatMap(missing => missing.archives.map(({ takenAt }) => takenAt.getTime()))
  const judged = judgeState({
    ...{ now, proof, allowedMs: allowed.ms, intervalMs: allowed.intervalMs },
    lastTakenAt: last?.takenAt ?? null,
    alarmSince: alarm === null ? null : new Date(alarm.since),
    failedSince: failed?.since ?? null,
    uncopiedSince: oldest.length === 0 ? null : new Date(Math.min(...oldest)),
  })
  const restoreSeconds = lastRestoreSeconds(database.id.name, input)
  const proved = archives.find(({ manifest }) => manifest !== null && provedAt(manifest) !== null)
  return { ...judged, allowedAge: allowed, last, previous, alarm, failed, proof, proved, uncopied, restoreSeconds }
}

/** A run that was told to end, or that another one kept from it, says nothing about the source. */
const SAYS_NOTHING: readonly Failure['kind'][] = ['interrupted', 'locked']

function failedRuns(
  name: string,
  { reports, last }: Pick<StandingInput, 'reports'> & { readonly last: ArchiveEntry | undefined },
): FailedRuns | null {
  const failures: { readonly at: string; readonly failure: Failure }[] = []
  for (const report of reports) {
    if (report.mode !== 'backup') continue
    const outcome = report.outcomes.find(({ database }) => database === name)
    if (outcome?.result === 'backed-up') failures.length = 0
    else if (outcome !== undefined && !SAYS_NOTHING.includes(outcome.failure.kind))
      failures.push({ at: report.finishedAt, failure: outcome.failure })
  }
  const since = last === undefined ? failures : failures.filter(({ at }) => Date.parse(at) > last.takenAt.getTime())
  const [first] = since
  const newest = since.at(-1)
  if (first === undefined || newest === undefined) return null
  return { runs: since.length, since: new Date(first.at), failure: newest.failure }
}

function newestProof(archives: readonly ArchiveEntry[]): Proof | null {
  for (const archive of archives) {
    const standing = archive.manifest === null ? null : standingVerdict(archive.manifest.verifications)
    if (standing !== null) return { archive, verdict: standing.verdict, at: new Date(standing.at) }
  }
  return null
}

function lastRestoreSeconds(name: string, { reports }: Pick<StandingInput, 'reports'>): number | null {
  for (const report of reports.toReversed()) {
    if (report.mode !== 'verify') continue
    const seconds = report.outcomes.find(({ database }) => database === name)?.restoreSeconds ?? null
    if (seconds !== null) return seconds
  }
  return null
}
