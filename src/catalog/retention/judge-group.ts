import type { KeepCounts } from '../../config/settings.ts'
import type { Goodness } from '../goodness.ts'
import { TIERS, type Tier } from '../naming/archive-folder.ts'
import { newestOfPeriods, periodOf, unitOf } from './periods.ts'

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

export interface RetentionCounts {
  /** Null: the counts could not be read, so everything stays. */
  readonly keep: KeepCounts | null
  readonly strategy: 'rolling' | 'daily'
}

/** Archives that are counted together, and how many good ones of them stay. */
export interface CountedGroup {
  readonly tier: Tier | null
  readonly count: number
}

/** Both with the reason. */
export interface BeyondCounts<Archive> {
  /** What neither counts nor periods ask for. */
  readonly surplus: ReadonlyMap<Archive, string>
  /** What the counts do not ask for, and its period does. */
  readonly extras: ReadonlyMap<Archive, string>
}

interface Judgement<Archive> extends BeyondCounts<Archive> {
  readonly readFirst: readonly Archive[]
}

/** With every count at 0 one archive still stays: a mistake in the settings must not leave a database without any. */
export function groupsOf({ keep, strategy }: RetentionCounts): CountedGroup[] {
  if (keep === null) return []
  if (strategy === 'daily') return [{ tier: null, count: Math.max(1, keep.all) }]
  const none = TIERS.every(tier => keep[tier] === 0)
  return TIERS.map(tier => ({ tier, count: none && tier === 'daily' ? 1 : keep[tier] }))
}

/** What of a group, given archives of one database newest first that all count or might, stays by neither count nor period. */
export function judgeGroup<Archive extends RetentionArchive>(
  group: CountedGroup,
  archives: readonly Archive[],
): Judgement<Archive> {
  const members = archives.filter(archive => archive.tier === group.tier)
  if (group.count === 0) return { ...NOTHING, surplus: new Map(members.map(member => [member, notKept(group)])) }
  const candidates = members.filter(mayCount)
  const counted = candidates.slice(0, group.count)
  const last = counted.at(-1)
  const older = last === undefined ? [] : members.slice(members.indexOf(last) + 1)
  // Only a full tier lets go of anything; whether it is full depends on what those that count are.
  if (counted.length < group.count || older.length === 0) return NOTHING
  const ofPeriods = newestOfPeriods(candidates, unitOf(group.tier)).slice(0, group.count)
  const readFirst = [...new Set([...counted, ...ofPeriods])].filter(archive => archive.goodness === 'unknown')
  return { readFirst, ...splitByPeriods(older, { group, members, ofPeriods }) }
}

const NOTHING = { readFirst: [], surplus: new Map(), extras: new Map() }

interface Periods<Archive> {
  readonly group: CountedGroup
  /** All of the tier that count or might, newest first. */
  readonly members: readonly Archive[]
  /** The newest of each period that is kept. */
  readonly ofPeriods: readonly Archive[]
}

function splitByPeriods<Archive extends RetentionArchive>(
  older: readonly Archive[],
  { group, members, ofPeriods }: Periods<Archive>,
): BeyondCounts<Archive> {
  const oldest = ofPeriods.at(group.count - 1)
  const end = oldest === undefined ? members.length : members.indexOf(oldest)
  const isExtra = (archive: Archive): boolean =>
    mayCount(archive) ? ofPeriods.includes(archive) : members.indexOf(archive) < end
  const unit = unitOf(group.tier)
  const kept = new Set(ofPeriods.map(archive => periodOf(archive, unit)))
  const whyNot = (archive: Archive): string =>
    mayCount(archive) && kept.has(periodOf(archive, unit))
      ? `${beyond(group)}, and not the newest of its ${unit}`
      : beyond(group)
  return {
    surplus: new Map(older.filter(each => !isExtra(each)).map(each => [each, whyNot(each)])),
    extras: new Map(older.filter(isExtra).map(each => [each, ofPeriod(each, group)])),
  }
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

function ofPeriod(archive: RetentionArchive, { tier, count }: CountedGroup): string {
  if (!mayCount(archive)) return newerThanGood(archive)
  const unit = unitOf(tier)
  return `the newest of ${periodOf(archive, unit)}, one of the newest ${count} ${unit}s with ${groupName(tier)}`
}

function notKept(group: CountedGroup): string {
  return `no ${groupName(group.tier)} are kept`
}

function beyond(group: CountedGroup): string {
  return `older than the newest ${group.count} good ${groupName(group.tier)}`
}

/** What archives of a tier are called. */
export function groupName(tier: Tier | null): string {
  return tier === null ? 'backups' : `${tier} backups`
}
