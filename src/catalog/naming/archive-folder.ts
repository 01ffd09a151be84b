import type { KeepCounts } from '../../config/settings.ts'
import type { LocalTime } from '../../system/time-zone.ts'
import { dateOf } from './names.ts'

/** How long a backup of the rolling strategy is meant to live. */
export type Tier = 'daily' | 'weekly' | 'monthly'

export const TIERS: readonly Tier[] = ['daily', 'weekly', 'monthly']

/**
 * The tier of a backup that starts at `time`: the last day of a month is monthly, a Sunday weekly, every other day
 * daily. A tier that keeps nothing falls to the next lower one; if none keeps anything it is daily, of which one is
 * kept. With unreadable counts (null) every tier is taken to keep something.
 */
export function tierOf(time: LocalTime, keep: KeepCounts | null): Tier {
  const candidates: Tier[] = ['daily']
  if (weekdayOf(time) === 0) candidates.unshift('weekly')
  if (isLastDayOfMonth(time)) candidates.unshift('monthly')
  return candidates.find(tier => keep === null || keep[tier] > 0) ?? 'daily'
}

/** The folder below the volume: `daily/2026-11-20` under the rolling strategy, `2026-11-20` under the daily one (tier null). */
export function folderOf(tier: Tier | null, time: LocalTime): string {
  return tier === null ? dateOf(time) : `${tier}/${dateOf(time)}`
}

function weekdayOf(time: LocalTime): number {
  return new Date(Date.UTC(time.year, time.month - 1, time.day)).getUTCDay()
}

function isLastDayOfMonth(time: LocalTime): boolean {
  return new Date(Date.UTC(time.year, time.month - 1, time.day + 1)).getUTCDate() === 1
}
