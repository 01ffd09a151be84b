import { intervalOf, previousRun } from './crontab.ts'
import type { ScheduledRun } from './scheduled-run.ts'
import type { DueRun } from './timetable.ts'

/** A run may begin this much before its slot by another clock, or stand this far in the future, without a doubt. */
const CLOCK_TOLERANCE_MS = 5 * 60_000

/** A run that the history knows. One that was interrupted did not do its work and does not belong here. */
export interface PastRun {
  readonly mode: ScheduledRun['command']['mode'] | 'restore'
  /** The key of the schedule that started it; null for a person or a CronJob. */
  readonly schedule: string | null
  /** It was asked for some databases only. */
  readonly ofSome: boolean
  readonly startedAt: Date
}

export interface MissedInput {
  readonly now: Date
  readonly past: readonly PastRun[]
  /** Since when the history goes back; null when there is none. Nothing is missed before that. */
  readonly knownSince: Date | null
}

/**
 * The runs that were due while nothing ran, each with the slot that was missed last. A backup by whoever it may be makes
 * up for a backup's slot, and so on for each mode; one of some databases only for its own schedule's. Runs dated in the future, from a clock that was wrong, prove nothing.
 */
export function missedRuns(runs: readonly ScheduledRun[], input: MissedInput): readonly DueRun[] {
  const { now, knownSince } = input
  const past = input.past.filter(({ startedAt }) => startedAt.getTime() <= now.getTime() + CLOCK_TOLERANCE_MS)
  return runs.flatMap(run => {
    const dueAt = lastSlot(run, now, past)
    if (dueAt === null || knownSince === null || dueAt <= knownSince || dueAt > now) return []
    return past.some(each => makesUpFor(each, run, dueAt)) ? [] : [{ run, dueAt }]
  })
}

/** When a scheduled run began last, by the history; null when it does not say. */
export function lastStartOf(run: ScheduledRun, past: readonly PastRun[]): Date | null {
  const own = past.filter(each => each.schedule === run.key)
  return own.reduce<Date | null>((last, { startedAt }) => (last === null || startedAt > last ? startedAt : last), null)
}

function lastSlot(run: ScheduledRun, now: Date, past: readonly PastRun[]): Date | null {
  const interval = intervalOf(run.schedule)
  if (interval === null) return previousRun(run.schedule, { now, timeZone: run.timeZone })
  const last = lastStartOf(run, past)
  return last === null ? null : new Date(last.getTime() + interval)
}

function makesUpFor(each: PastRun, run: ScheduledRun, dueAt: Date): boolean {
  if (each.ofSome && each.schedule !== run.key) return false
  return each.mode === run.command.mode && each.startedAt.getTime() >= dueAt.getTime() - CLOCK_TOLERANCE_MS
}
