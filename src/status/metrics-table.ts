import { DESTINATION_NAMES } from '../config/destination-settings.ts'
import type { Verdict } from '../events.ts'
import type { DatabaseStatus, ServiceStatus } from './service-status.ts'

/** One metric: everything that is said about it anywhere derives from this. */
export type Metric = {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
} & (
  | { readonly of: 'service'; readonly value: (status: ServiceStatus) => number | null }
  | { readonly of: 'database'; readonly value: (database: DatabaseStatus) => number | null }
)

const PREFIX = 'backup_'

/** The metrics in the order in which they are shown. A value of null is left out. Without a success the time is 0, so that an alarm on its age goes off. */
export const METRICS: readonly Metric[] = [
  database(
    'last_success_timestamp_seconds',
    'When the newest good archive was finished, by its manifest; 0: there is none',
    status => seconds(status.lastSuccess?.finishedAt ?? null) ?? 0,
  ),
  database('last_run_timestamp_seconds', 'When the last backup that was tried ended, well or not', status =>
    seconds(status.lastRun?.finishedAt ?? null),
  ),
  database('last_run_success', '1 if that backup succeeded, else 0', status =>
    status.lastRun === null ? null : Number(status.lastRun.result === 'backed-up'),
  ),
  database('last_run_duration_seconds', 'How long it took', status => status.lastRun?.seconds ?? null),
  database(
    'last_archive_size_bytes',
    'Size of the newest good archive',
    status => status.lastSuccess?.storedBytes ?? null,
  ),
  database(
    'last_dump_size_bytes',
    'Size of what is in it, uncompressed',
    status => status.lastSuccess?.rawBytes ?? null,
  ),
  database('stored_bytes', 'Size of all archives on the volume', status => status.storedBytes),
  database('archives_daily', 'Archives in the tier daily', status => status.archives.daily),
  database('archives_weekly', 'Archives in the tier weekly', status => status.archives.weekly),
  database('archives_monthly', 'Archives in the tier monthly', status => status.archives.monthly),
  database('archives_yearly', 'Archives in the tier yearly', status => status.archives.yearly),
  database('archives_untiered', 'Archives of the daily strategy, which has no tiers', status => status.archives.other),
  database('last_verification_timestamp_seconds', 'When an archive was verified last', status =>
    seconds(status.lastVerification?.at ?? null),
  ),
  database('last_verification_verdict', '1 proved, 0 failed, -1 could not be verified', status =>
    status.lastVerification === null ? null : verdictValue(status.lastVerification.verdict),
  ),
  database(
    'last_proved_timestamp_seconds',
    'When the newest archive that is proved was taken; 0: none is proved',
    status => seconds(status.lastProved?.archiveAt ?? null) ?? 0,
  ),
  database(
    'content_alarm',
    '1 while the newest archive lacks what was there before, and nobody has accepted it',
    status => Number(status.state === 'alarm'),
  ),
  ...DESTINATION_NAMES.map(name =>
    database(
      `last_${name}_copy_timestamp_seconds`,
      `When the newest archive of which a copy is at ${name} was taken; 0: none is; left out where ${name} is not set`,
      status => copiedAt(status, name),
    ),
  ),
  database('missing_copies', 'Copies that could not be sent yet, of all destinations', status =>
    status.copies.length === 0 ? null : status.copies.reduce((sum, { missing }) => sum + missing, 0),
  ),
  database(
    'kept_databases',
    'Databases that restores have kept beside this one, as its last backup saw them',
    status => status.kept?.databases.length ?? null,
  ),
  database('kept_databases_size_bytes', 'Size of those of them whose size is known', status =>
    status.kept === null ? null : status.kept.databases.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
  ),
  database('oldest_kept_database_timestamp_seconds', 'When the oldest of them was put aside', status =>
    seconds(status.kept?.databases[0]?.since ?? null),
  ),
  service('expected_interval_seconds', 'Time between two scheduled backups, at the most', status =>
    intervalOf(status, 'backup'),
  ),
  service('expected_verification_interval_seconds', 'Time between two scheduled verifications, at the most', status =>
    intervalOf(status, 'verify'),
  ),
  service('next_run_timestamp_seconds', 'When the next scheduled run is due', status => nextOf(status, null)),
  service('next_backup_timestamp_seconds', 'When the next scheduled backup is due', status => nextOf(status, 'backup')),
  service('next_verification_timestamp_seconds', 'When the next scheduled verification is due', status =>
    nextOf(status, 'verify'),
  ),
  service('running', '1 while a scheduled run is under way', status => Number(status.running !== null)),
  service('waiting_runs', 'Runs that wait for their turn', status => status.waiting.length),
  counter('runs_total', 'Scheduled runs that ended since the start of this process', status => status.runs.finished),
  counter('failed_runs_total', 'Those of them that did not end with exit code 0', status => status.runs.failed),
  counter(
    'missed_runs_total',
    'Runs that were due while nothing ran, noticed at the start of this process',
    status => status.runs.missed,
  ),
  service(
    'configuration_problems',
    'Problems of the configuration in force',
    status => status.configuration.problems.length,
  ),
  service('configuration_refused', '1 while a changed backup.conf cannot be used and the old one stays', status =>
    Number(status.configuration.refused !== null),
  ),
  service('configuration_loaded_timestamp_seconds', 'When the configuration in force was read', status =>
    seconds(status.configuration.loadedAt),
  ),
  service(
    'uncovered_databases',
    'Databases on listed servers that no line of backup.conf covers, where it is known',
    status => uncoveredOf(status),
  ),
  service(
    'unanswered_servers',
    'Listed servers that could not say which databases they have',
    status => status.servers.filter(({ reason }) => reason !== null).length,
  ),
  service('volume_size_bytes', 'Size of the volume', status => status.volume.totalBytes),
  service('volume_free_bytes', 'What of it can still be written', status => status.volume.freeBytes),
  service('volume_writable', '1 if a file could be written on the volume, else 0', status =>
    Number(status.volume.writable),
  ),
  counter(
    'notifications_delivered_total',
    'Messages that arrived, since the start of this process',
    status => status.notifications.delivered,
  ),
  counter('notifications_failed_total', 'Messages that were given up', status => status.notifications.failed),
  service('notifications_queued', 'Messages that wait to be sent', status => status.notifications.queued),
  service('start_timestamp_seconds', 'When this process started', status => seconds(status.startedAt)),
  service('resident_memory_bytes', 'Resident memory of this process', status => status.residentBytes),
]

function database(name: string, help: string, value: (status: DatabaseStatus) => number | null): Metric {
  return { name: PREFIX + name, type: 'gauge', help, of: 'database', value }
}

function service(name: string, help: string, value: (status: ServiceStatus) => number | null): Metric {
  return { name: PREFIX + name, type: 'gauge', help, of: 'service', value }
}

function counter(name: string, help: string, value: (status: ServiceStatus) => number): Metric {
  return { name: PREFIX + name, type: 'counter', help, of: 'service', value }
}

/** Null where no server could say. */
function uncoveredOf({ servers }: ServiceStatus): number | null {
  const known = servers.flatMap(({ uncovered }) => (uncovered === null ? [] : uncovered.length))
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0)
}

function seconds(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant) / 1000
}

function copiedAt({ copies }: DatabaseStatus, destination: string): number | null {
  const copy = copies.find(each => each.destination === destination)
  return copy === undefined ? null : (seconds(copy.archiveAt) ?? 0)
}

function verdictValue(verdict: Verdict): number {
  switch (verdict) {
    case 'proved':
      return 1
    case 'failed':
      return 0
    case 'could-not-verify':
      return -1
  }
}

function nextOf({ schedules }: ServiceStatus, mode: string | null): number | null {
  const times = schedules
    .filter(schedule => mode === null || schedule.mode === mode)
    .map(({ next }) => Date.parse(next) / 1000)
  return times.length === 0 ? null : Math.min(...times)
}

function intervalOf({ schedules }: ServiceStatus, mode: string): number | null {
  const intervals = schedules.flatMap(schedule => (schedule.mode === mode ? (schedule.intervalSeconds ?? []) : []))
  return intervals.length === 0 ? null : Math.min(...intervals)
}
