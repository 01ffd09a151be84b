import type { KeepRule, KeepRules } from '../../config/keep-rule.ts'
import type { Goodness } from '../goodness.ts'
import { TIERS, type Tier } from '../naming/archive-folder.ts'

/** What retention needs to know of an archive. `proved`, `failed`: the verdict that stands, if it has one, is that. */
export interface RetentionArchive {
  readonly path: string
  readonly stem: string
  readonly tier: Tier | null
  /** The date of its folder, `YYYY-MM-DD`: the day that its run belongs to. */
  readonly day: string
  readonly takenAt: Date
  readonly goodness: Goodness
  readonly proved: boolean
  readonly failed: boolean
  /** ISO 8601; null if nobody has asked for it. */
  readonly protectedUntil: string | null
}

export interface RetentionRules {
  /** Null: a rule could not be read, so everything stays. */
  readonly keep: KeepRules | null
  readonly strategy: 'rolling' | 'daily'
}

/** Archives that are judged together, and by what. */
export interface KeptGroup<Rule extends KeepRule = KeepRule> {
  readonly tier: Tier | null
  readonly rule: Rule
}

/** Both with the reason. */
export interface BeyondRules<Archive> {
  /** What neither rules nor periods ask for. */
  readonly surplus: ReadonlyMap<Archive, string>
  /** What the counts do not ask for, and its period does. */
  readonly extras: ReadonlyMap<Archive, string>
}

/** What was decided of a group, or what has to be read before anything of it is. */
export interface GroupJudgement<Archive> extends BeyondRules<Archive> {
  readonly readFirst: readonly Archive[]
}

export const NOTHING_GOES = { readFirst: [], surplus: new Map(), extras: new Map() } as const

/**
 * With every rule at 0 one archive still stays: a mistake in the settings must not leave a database without any. Yearly ones of
 * which none are kept are in no group: an earlier version did not look into `yearly/`, where people may have put archives.
 */
export function groupsOf({ keep, strategy }: RetentionRules): KeptGroup[] {
  if (keep === null) return []
  if (strategy === 'daily') return [{ tier: null, rule: keep.all === 0 ? 1 : keep.all }]
  const none = TIERS.every(tier => keep[tier] === 0)
  const tiers = TIERS.filter(tier => tier !== 'yearly' || keep.yearly !== 0)
  return tiers.map(tier => ({ tier, rule: none && tier === 'daily' ? 1 : keep[tier] }))
}

/** Of those that may not, nobody knows that they could be restored. */
export function mayCount({ goodness }: Pick<RetentionArchive, 'goodness'>): boolean {
  return goodness === 'good' || goodness === 'unknown'
}

/** Why one does not count. */
export function wordsFor({ goodness }: Pick<RetentionArchive, 'goodness'>): string {
  return goodness === 'manifest-unusable' ? 'its manifest cannot be used' : 'not a whole backup'
}

/** Why one that does not count stays. */
export function newerThanGood(archive: RetentionArchive): string {
  return `${wordsFor(archive)}, and newer than what would replace it`
}

/** What archives of a tier are called. */
export function groupName(tier: Tier | null): string {
  return tier === null ? 'backups' : `${tier} backups`
}
