import { type Age, parseAge } from './age.ts'

/** What is kept of a tier: so many, what is younger than an age, or everything. */
export type KeepRule = number | Age | 'all'

/** What is kept of one database: per tier under the rolling strategy, by one rule under the daily one. */
export interface KeepRules {
  readonly daily: KeepRule
  readonly weekly: KeepRule
  readonly monthly: KeepRule
  readonly yearly: KeepRule
  /** NUM_BACKUPS, for the daily strategy. */
  readonly all: KeepRule
}

/** Reads `7`, `28d`, `4w`, `12m`, `3y` or `all`; null for everything else. */
export function parseKeepRule(text: string): KeepRule | null {
  if (text.toLowerCase() === 'all') return 'all'
  return /^\d{1,9}$/.test(text) ? Number(text) : parseAge(text)
}

const UNIT_WORDS: Readonly<Record<Age['unit'], string>> = { d: 'day', w: 'week', m: 'month', y: 'year' }

/** A rule as one would write it. */
export function ruleText(rule: KeepRule): string {
  return typeof rule === 'object' ? `${rule.count}${rule.unit}` : String(rule)
}

/** An age in words: `28 days`, `1 year`. */
export function ageText({ count, unit }: Age): string {
  return `${count} ${UNIT_WORDS[unit]}${count === 1 ? '' : 's'}`
}
