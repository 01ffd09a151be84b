import type { Tier } from '../naming/archive-folder.ts'

/** What a tier keeps one archive of, at the least: a day, a week, a month, a year. Without a tier, as under the daily strategy, a day. */
export type PeriodUnit = 'day' | 'week' | 'month' | 'year'

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
    case 'yearly':
      return 'year'
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

/** The period in words: `2026-11-20`, `week 47 of 2026`, which begins on a Monday, `2026-11` or `2026`. */
export function periodOf({ day }: OfDay, unit: PeriodUnit): string {
  switch (unit) {
    case 'day':
      return day
    case 'week':
      return weekOf(day)
    case 'month':
      return day.slice(0, 'YYYY-MM'.length)
    case 'year':
      return day.slice(0, 'YYYY'.length)
  }
}

/** By ISO 8601: the week of a year's first Thursday is its first. */
function weekOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS)
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1
  return `week ${week} of ${year}`
}
