import { longestInterval } from '../../schedule/crontab.ts'
import { LONGEST_SLEEP_MS, type LoopState } from '../../schedule/loop.ts'
import type { QueuedRun } from '../../schedule/queue.ts'
import { serviceMode } from '../../schedule/scheduled-run.ts'
import type { TimetableEntry } from '../../schedule/timetable.ts'
import type { StatusSource } from '../../status/routes.ts'
import type { DatabaseStatus, RunStatus, ServerStatus, ServiceStatus } from '../../status/service-status.ts'
import { programVersion } from '../../system/program-version.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { Context } from '../context.ts'
import { type ConfigurationInForce, problemPlaces } from './configuration-in-force.ts'

/** A scheduler that has not looked at its clock for this long is stuck. */
const DEAD_AFTER_MS = 6 * LONGEST_SLEEP_MS

/** What the service knows of itself; each part is replaced as a whole when there is news of it. */
export interface Known {
  readonly inForce: ConfigurationInForce
  readonly loop: LoopState
  /** Of this process. */
  readonly runs: Omit<ServiceStatus['runs'], 'missed'>
  readonly missed: number
  readonly databases: readonly DatabaseStatus[]
  readonly servers: readonly ServerStatus[]
  readonly volume: ServiceStatus['volume']
}

/** Holds what is known, for the pages of the HTTP server. */
export interface StatusBoard extends StatusSource {
  known(): Known
  update(news: Partial<Known>): void
  /** The scheduler has looked at its clock. */
  beat(): void
  runEnded(exitCode: number): void
}

export function createStatusBoard(
  first: Known,
  { clock, notifications }: Pick<Context, 'clock' | 'notifications'>,
): StatusBoard {
  let known = first
  let lastBeatMs = clock.monotonicMs()
  const startedAt = clock.now()
  const version = programVersion()
  const intervals = new Map<string, number | null>()
  const intervalOf = ({ run }: TimetableEntry): number | null => {
    const found = intervals.get(run.key)
    if (found !== undefined) return found
    const longest = longestInterval(run.schedule, { now: startedAt, timeZone: run.timeZone })
    intervals.set(run.key, longest)
    return longest
  }
  return {
    known: () => known,
    update(news) {
      known = { ...known, ...news }
    },
    beat() {
      lastBeatMs = clock.monotonicMs()
    },
    runEnded(exitCode) {
      const { finished, failed } = known.runs
      known = { ...known, runs: { finished: finished + 1, failed: failed + (exitCode === 0 ? 0 : 1) } }
    },
    isAlive: () => clock.monotonicMs() - lastBeatMs < DEAD_AFTER_MS,
    status: () => ({ version, ...statusOf(known, startedAt, intervalOf), notifications: notifications.counters() }),
  }
}

function statusOf(
  known: Known,
  startedAt: Date,
  intervalOf: (entry: TimetableEntry) => number | null,
): Omit<ServiceStatus, 'version' | 'notifications'> {
  const { inForce, loop } = known
  const { settings, cronLines, problems } = inForce.configuration
  const iso = (time: Date): string => isoWithOffset(time, settings.timeZone)
  const { refused } = inForce
  return {
    mode: serviceMode({ cronLines }),
    startedAt: iso(startedAt),
    configuration: {
      sha256: inForce.sha256,
      loadedAt: iso(inForce.loadedAt),
      problems: problemPlaces(problems),
      refused:
        refused === null
          ? null
          : { at: iso(refused.at), sha256: refused.sha256, problems: problemPlaces(refused.problems) },
    },
    schedules: loop.timetable.map(entry => scheduleStatus(entry, intervalOf(entry))),
    running: loop.running === null ? null : runStatus(loop.running, iso),
    waiting: loop.waiting.map(queued => runStatus(queued, iso)),
    runs: { ...known.runs, missed: known.missed },
    databases: known.databases,
    servers: known.servers,
    volume: known.volume,
    residentBytes: process.memoryUsage.rss(),
  }
}

function scheduleStatus({ run, dueAt }: TimetableEntry, intervalMs: number | null): ServiceStatus['schedules'][number] {
  return {
    schedule: run.schedule,
    timeZone: run.timeZone,
    mode: run.command.mode,
    next: isoWithOffset(dueAt, run.timeZone),
    // How often some databases are backed up says nothing of the others.
    intervalSeconds: intervalMs === null || isOfSome(run) ? null : intervalMs / 1000,
  }
}

function isOfSome({ command }: TimetableEntry['run']): boolean {
  return command.mode === 'backup' && command.specs.length > 0
}

function runStatus({ run, trigger, dueAt }: QueuedRun, iso: (time: Date) => string): RunStatus {
  return { mode: run.command.mode, schedule: run.schedule, trigger, since: iso(dueAt) }
}
