import type { CronLine } from '../config/cron-line.ts'
import { namedSources } from '../config/named-sources.ts'
import type { NamedDatabase } from '../config/source-id.ts'
import { checkSchedules, previousRun } from './crontab.ts'
import type { ScheduledCommand } from './scheduled-command.ts'

/** A run may be late, and a backup takes its time: half an interval more than the schedule says is no cause for alarm. */
const TOLERANCE = 1.5

export interface ScheduleFacts {
  /** The one whose backups are asked about. */
  readonly database: NamedDatabase
  readonly cronLines: readonly CronLine[]
  /** For lines without a zone of their own. */
  readonly timeZone: string
  /** The time between two backups where no schedule line makes any. */
  readonly backupPeriodMs: number
  readonly now: Date
}

/** How old the newest backup of a database may be, and what says so: `<file>:<line>` or `BACKUP_PERIOD`. */
export interface AllowedAge {
  readonly ms: number
  readonly intervalMs: number
  readonly place: string
}

/**
 * One and a half times the interval between two backups, by the schedule line that makes them of this database most often around
 * `now`; without such a line by `BACKUP_PERIOD`, whose default is a day. Whatever was taken at the last time of the schedule is
 * never too old: a schedule of working days allows more over the weekend.
 */
export function allowedAge(facts: ScheduleFacts): AllowedAge {
  const { runs } = checkSchedules(facts.cronLines, facts)
  const ages = runs
    .filter(run => backsUp(run.command, facts.database))
    .map(run => ({ place: run.line.place, ...ageBySchedule(run.line.schedule, { ...run, now: facts.now }) }))
  const period = { place: 'BACKUP_PERIOD', intervalMs: facts.backupPeriodMs, ms: facts.backupPeriodMs * TOLERANCE }
  return ages.toSorted((a, b) => a.ms - b.ms)[0] ?? period
}

function backsUp(command: ScheduledCommand, database: NamedDatabase): boolean {
  if (command.mode !== 'backup') return false
  const isNamed = (spec: string): boolean =>
    'databases' in namedSources([spec], [database], { place: '-s', whole: true })
  return command.specs.length === 0 || command.specs.some(isNamed)
}

interface Moment {
  readonly now: Date
  readonly timeZone: string
  readonly next: Date
}

function ageBySchedule(schedule: string, at: Moment): Omit<AllowedAge, 'place'> {
  const last = previousRun(schedule, at)
  const before = last === null ? null : previousRun(schedule, { ...at, now: last })
  const since = last ?? at.now
  const intervalMs = before === null ? at.next.getTime() - since.getTime() : since.getTime() - before.getTime()
  const sinceLastMs = at.now.getTime() - since.getTime()
  return { intervalMs, ms: Math.max(intervalMs * TOLERANCE, sinceLastMs + intervalMs * (TOLERANCE - 1)) }
}
