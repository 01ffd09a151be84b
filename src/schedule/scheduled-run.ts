import type { CronLine } from '../config/cron-line.ts'
import { checkSchedules } from './crontab.ts'
import type { ScheduledCommand } from './scheduled-command.ts'

/** Something that runs again and again. */
export interface ScheduledRun {
  /** Tells it from every other one, also after a restart: zone, schedule and command as written. */
  readonly key: string
  /** Five fields, a nickname or `@every <duration>`. */
  readonly schedule: string
  readonly timeZone: string
  readonly command: ScheduledCommand
}

export interface ScheduleSource {
  readonly cronLines: readonly CronLine[]
  readonly timeZone: string
  readonly backupPeriodMs: number
}

/** Cron mode runs what the lines of `backup.conf` say; legacy mode, without any line, backs up every BACKUP_PERIOD. */
export type ServiceMode = 'cron' | 'legacy'

/** The one of the two modes that the configuration asks for. A file whose lines are all wrong is in cron mode still. */
export function serviceMode({ cronLines }: Pick<ScheduleSource, 'cronLines'>): ServiceMode {
  return cronLines.length > 0 ? 'cron' : 'legacy'
}

/** What is to be run: every good line once, however often it is written, or the one run of legacy mode. */
export function scheduledRuns(source: ScheduleSource, now: Date): readonly ScheduledRun[] {
  if (serviceMode(source) === 'legacy') return [legacyRun(source)]
  const { runs } = checkSchedules(source.cronLines, { now, timeZone: source.timeZone })
  const all = runs.map(({ line, timeZone, command }) => {
    return { key: `${timeZone} ${line.schedule} ${line.command}`, schedule: line.schedule, timeZone, command }
  })
  return [...new Map(all.map(run => [run.key, run])).values()]
}

const EVERYTHING: ScheduledCommand = {
  mode: 'backup',
  specs: [],
  label: null,
  protect: null,
  waitForLocks: true,
  json: false,
}

function legacyRun({ timeZone, backupPeriodMs }: ScheduleSource): ScheduledRun {
  const schedule = `@every ${Math.round(backupPeriodMs / 1000)}s`
  return { key: 'BACKUP_PERIOD', schedule, timeZone, command: EVERYTHING }
}
