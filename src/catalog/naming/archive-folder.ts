import type { KeepRules } from '../../config/keep-rule.ts'
import type { LocalTime } from '../../system/time-zone.ts'
import { dateOf } from './names.ts'

/** How long a backup of the rolling strategy is meant to live. */
export type Tier = 'daily' | 'weekly' | 'monthly' | 'yearly'

export const TIERS: readonly Tier[] = ['daily', 'weekly', 'monthly', 'yearly']

/**
 * The tier of a backup that starts at `time`: the last day of a year is yearly, that of a month monthly, a Sunday weekly,
 * every other day daily. A tier that keeps nothing falls to the next lower one; if none keeps anything it is daily, of
 * which one is kept. With unreadable rules (null) every tier is taken to keep something but yearly, which only those have
 * who ask for it.
 */
export function tierOf(time: LocalTime, keep: KeepRules | null): Tier {
  const candidates: Tier[] = ['daily']
  if (weekdayOf(time) === 0) candidates.unshift('weekly')
  if (isLastDayOfMonth(time)) candidates.unshift('monthly')
  if (time.month === 12 && time.day === 31) candidates.unshift('yearly')
  return candidates.find(tier => (keep === null ? tier !== 'yearly' : keep[tier] !== 0)) ?? 'daily'
}

/**
 * The tier as a manifest has it. The first version refuses one with a word that it does not know: then `tier` is the longest
 * that it knows, and `laterTier` says what it is.
 */
export function tierFields(tier: Tier | null): {
  readonly tier: Exclude<Tier, 'yearly'> | null
  readonly laterTier?: Tier
} {
  return tier === 'yearly' ? { tier: 'monthly', laterTier: tier } : { tier }
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
