import { Cron } from 'croner'
import type { CronLine } from '../config/cron-line.ts'
import { parseDuration } from '../config/duration.ts'
import type { Problem } from '../config/problem.ts'
import { type ScheduledCommand, scheduledCommand } from './scheduled-command.ts'

/** A schedule that will run, and when it does so first. */
export interface UpcomingRun {
  readonly line: CronLine
  readonly command: ScheduledCommand
  readonly timeZone: string
  readonly next: Date
}

const COMMAND_HINT =
  'the commands are backup, backup.sh, ./backup.sh and /backup.sh, each with flags of this program and nothing else'

/** Finds every line's next run, and everything that keeps a line from running as somebody means it to. */
export function checkSchedules(
  lines: readonly CronLine[],
  input: {
    readonly now: Date
    /** For lines without a zone of their own. */
    readonly timeZone: string
  },
): { readonly runs: readonly UpcomingRun[]; readonly problems: readonly Problem[] } {
  const runs: UpcomingRun[] = []
  const problems: Problem[] = []
  for (const line of lines) {
    const timeZone = line.timeZone ?? input.timeZone
    const next = nextRun(line.schedule, { now: input.now, timeZone })
    const read = scheduledCommand(line.command)
    if ('fault' in next) problems.push(problemAt(line, next.fault, null))
    if ('fault' in read) problems.push(problemAt(line, read.fault, COMMAND_HINT))
    if ('at' in next && 'command' in read) runs.push({ line, command: read.command, timeZone, next: next.at })
  }
  return { runs, problems }
}

/**
 * When a schedule runs next after `now`. Day of month and day of week are joined by "or", as in cron. `@every` counts
 * from `now`, as long as no earlier run is known. A time that clocks skip runs right after it; one that they repeat, once.
 */
export function nextRun(
  schedule: string,
  input: { readonly now: Date; readonly timeZone: string },
): { readonly at: Date } | { readonly fault: string } {
  if (schedule.startsWith('@every')) return nextInterval(intervalOf(schedule), input.now)
  try {
    const at = cronOf(schedule, input.timeZone).nextRun(input.now)
    return at === null ? { fault: 'a schedule that never comes; expected a day that exists' } : { at }
  } catch {
    return {
      fault: 'a schedule that cannot be read; expected minute hour day month weekday, a nickname or @every <duration>',
    }
  }
}

/** When a schedule was due last before `now`; null for `@every`, which depends on when it ran, and for one that never was. */
export function previousRun(schedule: string, input: { readonly now: Date; readonly timeZone: string }): Date | null {
  if (intervalOf(schedule) !== null) return null
  return cronOf(schedule, input.timeZone).previousRuns(1, input.now)[0] ?? null
}

/** Milliseconds of `@every <duration>`; null for every other schedule. */
export function intervalOf(schedule: string): number | null {
  return schedule.startsWith('@every') ? parseDuration(schedule.slice('@every'.length).trim()) : null
}

/** The longest time between two of the next sixteen runs, in milliseconds; null where there are no two. */
export function longestInterval(
  schedule: string,
  input: { readonly now: Date; readonly timeZone: string },
): number | null {
  const interval = intervalOf(schedule)
  if (interval !== null) return interval
  const times = cronOf(schedule, input.timeZone).nextRuns(16, input.now).map(Number)
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time))
  return gaps.length === 0 ? null : Math.max(...gaps)
}

function cronOf(schedule: string, timezone: string): Cron {
  return new Cron(schedule, {
    mode: '5-part',
    sloppyRanges: true,
    fixedTimeRule: 'no-wildcard',
    timezone,
    paused: true,
  })
}

function nextInterval(interval: number | null, now: Date): { readonly at: Date } | { readonly fault: string } {
  const at = new Date(now.getTime() + (interval ?? 0))
  const usable = interval !== null && interval > 0 && !Number.isNaN(at.getTime())
  return usable ? { at } : { fault: '@every without a usable duration; expected one such as 90s, 10m, 2h or 1d' }
}

function problemAt(line: CronLine, text: string, hint: string | null): Problem {
  return { severity: 'problem', place: line.place, text, ...(hint === null ? {} : { hint }) }
}
