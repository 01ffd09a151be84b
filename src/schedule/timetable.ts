import { intervalOf, nextRun } from './crontab.ts'
import type { ScheduledRun } from './scheduled-run.ts'

/** When one scheduled run is due next, and the slot for which it ran last, as far as this timetable knows. */
export interface TimetableEntry {
  readonly run: ScheduledRun
  readonly dueAt: Date
  readonly lastSlot: Date | null
}

export type Timetable = readonly TimetableEntry[]

/** A run whose time has come. `dueAt` is long ago if the process was suspended. */
export interface DueRun {
  readonly run: ScheduledRun
  readonly dueAt: Date
}

/**
 * The timetable of a process that starts at `now`. `@every` counts from the start of its last run, as far as that is
 * known, so that restarts do not put it off for ever; if that is longer ago than its duration it is due at once.
 */
export function startTimetable(
  runs: readonly ScheduledRun[],
  input: { readonly now: Date; readonly lastStart: (run: ScheduledRun) => Date | null },
): Timetable {
  return runs.map(run => ({ run, dueAt: firstSlot(run, input.now, input.lastStart(run)), lastSlot: null }))
}

/**
 * What is due at `now`, and the timetable after that. However many slots went by since the last look, a run comes once.
 * When the clock was set back, the one slot that comes a second time is left out; if it was set back further than that,
 * the schedule is counted anew from `now`, so that a clock that was far ahead does not silence it.
 */
export function lookAtTimetable(
  timetable: Timetable,
  look: {
    readonly now: Date
    /** When it was looked at before. */
    readonly before: Date
  },
): { readonly due: readonly DueRun[]; readonly timetable: Timetable } {
  const { now, before } = look
  const due = timetable.filter(entry => entry.dueAt <= now).map(({ run, dueAt }) => ({ run, dueAt }))
  const next = timetable.map(entry => {
    if (entry.dueAt <= now) return { run: entry.run, dueAt: slotAfter(entry.run, now), lastSlot: entry.dueAt }
    return now < before ? { ...entry, dueAt: corrected(entry, now) } : entry
  })
  return { due, timetable: next }
}

/** The entries of `fresh`, those that were there before with what is known of them: for a changed configuration. */
export function takeOver(fresh: Timetable, old: Timetable): Timetable {
  const known = new Map(old.map(entry => [entry.run.key, entry]))
  return fresh.map(entry => known.get(entry.run.key) ?? entry)
}

/** When the first run is due; null for an empty timetable. */
export function nextDue(timetable: Timetable): Date | null {
  return timetable.reduce<Date | null>((first, { dueAt }) => (first === null || dueAt < first ? dueAt : first), null)
}

function firstSlot(run: ScheduledRun, now: Date, lastStart: Date | null): Date {
  const interval = intervalOf(run.schedule)
  if (interval === null || lastStart === null || lastStart > now) return slotAfter(run, now)
  return new Date(Math.max(now.getTime(), lastStart.getTime() + interval))
}

function corrected({ run, dueAt, lastSlot }: TimetableEntry, now: Date): Date {
  const slot = slotAfter(run, now)
  if (slot >= dueAt) return dueAt
  const ranAlready = intervalOf(run.schedule) === null && lastSlot !== null && slot <= lastSlot
  return ranAlready && slotAfter(run, slot) >= dueAt ? dueAt : slot
}

function slotAfter({ schedule, timeZone }: ScheduledRun, time: Date): Date {
  const next = nextRun(schedule, { now: time, timeZone })
  if ('at' in next) return next.at
  throw new Error(`${schedule}: ${next.fault}; expected a schedule that was checked before`)
}
