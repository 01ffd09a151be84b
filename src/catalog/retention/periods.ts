import type { Tier } from '../naming/archive-folder.ts'

/** What a tier keeps one archive of, at the least: a day, a week, a month. Without a tier, as under the daily strategy, a day. */
export type PeriodUnit = 'day' | 'week' | 'month'

/** An archive with the date of its folder: the day of the run that made it, though that may have gone on past midnight. */
interface OfDay {
  /** `YYYY-MM-DD`. */
  readonly day: string
}

const DAY_MS = 86_400_000

/** The unit in which a tier counts. */
export function unitOf(tier: Tier | null): PeriodUnit {
  switch (tier) {
    case 'weekly':
      return 'week'
    case 'monthly':
      return 'month'
    case 'daily':
    case null:
      return 'day'
  }
}

/** The newest archive of each period that has one, newest first, of archives that are in this order. */
export function newestOfPeriods<Archive extends OfDay>(
  archives: readonly Archive[],
  unit: PeriodUnit,
): readonly Archive[] {
  return [...Map.groupBy(archives, archive => periodOf(archive, unit)).values()].flatMap(([newest]) => newest ?? [])
}

/** The period in words: `2026-11-20`, `the week of 2026-11-16`, which is a Monday, or `2026-11`. */
export function periodOf({ day }: OfDay, unit: PeriodUnit): string {
  switch (unit) {
    case 'day':
      return day
    case 'week':
      return `the week of ${mondayOf(day)}`
    case 'month':
      return day.slice(0, 'YYYY-MM'.length)
  }
}

function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  const sinceMonday = (date.getUTCDay() + 6) % 7
  return new Date(date.getTime() - sinceMonday * DAY_MS).toISOString().slice(0, day.length)
}
