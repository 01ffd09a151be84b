import { groupOf } from '../../catalog/archive-group.ts'
import { type ArchiveEntry, entriesByStem, readCatalog } from '../../catalog/catalog.ts'
import { copyAt } from '../../catalog/copies.ts'
import { type Goodness, goodnessByManifest } from '../../catalog/goodness.ts'
import { latestOf } from '../../catalog/latest.ts'
import { provedAt } from '../../catalog/manifest-head.ts'
import type { Configuration } from '../../config/configuration.ts'
import { isInShard } from '../../config/shard.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import type { RunReport } from '../../events.ts'
import type { CopyStatus, DatabaseStatus } from '../../status/service-status.ts'
import { missingCopies } from '../copies/earlier-copies.ts'
import { lastSeenKept } from '../last-seen-kept.ts'
import { standingOf } from '../source-standing.ts'

interface Known {
  /** What of it is backed up is not for anybody to drop. */
  readonly configuration: Configuration
  readonly now: Date
  /** Where copies go. */
  readonly destinations: readonly CopyStatus['destination'][]
  /** Finished runs, oldest first. */
  readonly reports: readonly RunReport[]
  goodnessOf(entry: ArchiveEntry): Goodness
}

/**
 * What the manifests on the volume and the history say of every configured database of this shard: so the numbers are right after a
 * restart, and when somebody else made the backup. Throws an OperatorError of kind `volume`.
 */
export async function readDatabaseStatus(
  configuration: Configuration,
  given: Omit<Known, 'destinations' | 'configuration'>,
): Promise<readonly DatabaseStatus[]> {
  const known = { ...given, configuration, destinations: configuration.settings.wantedCopies }
  const { backupDir, timeZone, shard } = configuration.settings
  const databases = configuration.databases.filter(({ id }) => isInShard(id.stem, shard))
  const stems = new Set(databases.map(({ id }) => id.stem))
  const { entries } = await readCatalog(backupDir, { timeZone, stems })
  const byStem = entriesByStem(entries)
  return databases.map(database => {
    return databaseStatus(database, (byStem.get(database.id.stem) ?? []).filter(groupOf(database).has), known)
  })
}

/** The status of one database from its archives, newest first, and the runs that were. */
export function databaseStatus(named: NamedDatabase, archives: readonly ArchiveEntry[], known: Known): DatabaseStatus {
  const database = named.id.name
  const { state, since } = standingOf(named, { ...known, archives })
  const count = (tier: ArchiveEntry['tier']): number => archives.filter(archive => archive.tier === tier).length
  return {
    database,
    state,
    since: since?.toISOString() ?? null,
    archives: {
      ...{ daily: count('daily'), weekly: count('weekly'), monthly: count('monthly'), yearly: count('yearly') },
      other: count(null),
    },
    storedBytes: archives.reduce((sum, archive) => sum + archive.bytes, 0),
    lastSuccess: lastSuccess(archives, known.now),
    lastProved: lastProved(archives, known.now),
    lastVerification: lastVerification(database, archives, known.reports),
    copies: known.destinations.map(destination => copyStatus(destination, archives)),
    lastRun: lastRun(database, known.reports),
    kept: lastSeenKept(database, known),
  }
}

function copyStatus(destination: CopyStatus['destination'], archives: readonly ArchiveEntry[]): CopyStatus {
  const newest = archives.find(({ manifest }) => manifest !== null && copyAt(manifest, destination)?.state === 'done')
  return {
    destination,
    archiveAt: newest?.manifest?.startedAt ?? null,
    missing: missingCopies(archives, destination).length,
  }
}

function lastSuccess(archives: readonly ArchiveEntry[], now: Date): DatabaseStatus['lastSuccess'] {
  const good = archives.filter(archive => goodnessByManifest(archive) === 'good')
  const manifest = latestOf(good, now)?.manifest ?? null
  if (manifest === null) return null
  const { startedAt, finishedAt, storedBytes, rawBytes } = manifest
  return { startedAt, finishedAt, storedBytes, rawBytes }
}

function lastProved(archives: readonly ArchiveEntry[], now: Date): DatabaseStatus['lastProved'] {
  const proved = archives.filter(({ manifest }) => manifest !== null && provedAt(manifest) !== null)
  const manifest = latestOf(proved, now)?.manifest ?? null
  const at = manifest === null ? null : provedAt(manifest)
  return manifest === null || at === null ? null : { archiveAt: manifest.startedAt, provedAt: at }
}

/** Manifests hold verdicts on archives; only the history knows of one that there was no archive to verify. */
function lastVerification(
  database: string,
  archives: readonly ArchiveEntry[],
  reports: readonly RunReport[],
): DatabaseStatus['lastVerification'] {
  const inManifests = archives.flatMap(({ manifest }) => manifest?.verifications ?? [])
  const inHistory = reports.flatMap(report => {
    if (report.mode !== 'verify') return []
    return report.outcomes.flatMap(outcome =>
      outcome.database === database ? [{ at: report.finishedAt, verdict: outcome.verdict }] : [],
    )
  })
  const all = [...inManifests, ...inHistory].map(({ at, verdict }) => ({ at, verdict }))
  return all.reduce<DatabaseStatus['lastVerification']>(
    (last, each) => (last === null || Date.parse(each.at) > Date.parse(last.at) ? each : last),
    null,
  )
}

function lastRun(database: string, reports: readonly RunReport[]): DatabaseStatus['lastRun'] {
  for (const report of reports.toReversed()) {
    if (report.mode !== 'backup') continue
    const outcome = report.outcomes.find(each => each.database === database)
    if (outcome === undefined) continue
    const reason = outcome.result === 'failed' ? outcome.failure.kind : null
    return { finishedAt: report.finishedAt, result: outcome.result, seconds: outcome.seconds, reason }
  }
  return null
}
