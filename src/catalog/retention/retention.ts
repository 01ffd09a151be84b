import type { KeepCounts } from '../../config/settings.ts'
import type { Goodness } from '../goodness.ts'
import { isFutureDated, newestFirst } from '../latest.ts'
import { TIERS, type Tier } from '../naming/archive-folder.ts'

/** What retention needs to know of an archive. `proved`: its last verdict, if it has one, is "proved". */
export interface RetentionArchive {
  readonly path: string
  readonly stem: string
  readonly tier: Tier | null
  readonly takenAt: Date
  readonly goodness: Goodness
  readonly proved: boolean
}

export interface RetentionInput<Archive extends RetentionArchive> {
  readonly stem: string
  readonly archives: readonly Archive[]
  /** Null: the counts could not be read, so everything stays. */
  readonly keep: KeepCounts | null
  readonly strategy: 'rolling' | 'daily'
  readonly now: Date
  /** The path of the archive that this run has just made, which stays; null if there is none. */
  readonly fresh: string | null
}

/** What happens to one archive, and why, in words for a person. */
export interface Decision<Archive> {
  readonly archive: Archive
  readonly action: 'keep' | 'remove'
  readonly reason: string
}

/** Either a decision for every archive, newest first, or the archives that have to be read before one can be made. */
export type RetentionResult<Archive> =
  | { readonly kind: 'decided'; readonly decisions: readonly Decision<Archive>[] }
  | { readonly kind: 'unknown'; readonly readFirst: readonly Archive[] }

/**
 * Decides which archives of one database stay: the newest N good ones of each tier, and, whatever the counts say, the
 * newest good one, the newest proved one, the fresh one and those dated in the future, which count for nothing. An
 * archive that is not good never counts and goes only when it is older than all that a full tier keeps. Archives of
 * another stem, and those of the strategy that is not in use, stay. Archives whose goodness no decision depends on may
 * stay unknown.
 */
export function decideRetention<Archive extends RetentionArchive>(
  input: RetentionInput<Archive>,
): RetentionResult<Archive> {
  const archives = [...input.archives].sort(newestFirst)
  const groups = groupsOf(input).map(group => judgeGroup(group, ownPast(archives, input)))
  const readFirst = groups.flatMap(group => group.readFirst)
  if (readFirst.length > 0) return { kind: 'unknown', readFirst }
  const surplus = new Map(groups.flatMap(group => [...group.surplus]))
  return protectNewest(archives, surplus, input)
}

/** Archives that are counted together, and how many good ones of them stay. */
interface Group {
  readonly tier: Tier | null
  readonly count: number
}

interface Judgement<Archive> {
  readonly readFirst: readonly Archive[]
  /** What the counts do not ask for, with the reason for removing it. */
  readonly surplus: ReadonlyMap<Archive, string>
}

/** With every count at 0 one archive still stays: a mistake in the settings must not leave a database without any. */
function groupsOf({ keep, strategy }: Pick<RetentionInput<RetentionArchive>, 'keep' | 'strategy'>): Group[] {
  if (keep === null) return []
  if (strategy === 'daily') return [{ tier: null, count: Math.max(1, keep.all) }]
  const none = TIERS.every(tier => keep[tier] === 0)
  return TIERS.map(tier => ({ tier, count: none && tier === 'daily' ? 1 : keep[tier] }))
}

function ownPast<Archive extends RetentionArchive>(
  archives: readonly Archive[],
  input: RetentionInput<Archive>,
): Archive[] {
  return archives.filter(archive => archive.stem === input.stem && !isFutureDated(archive, input.now))
}

function judgeGroup<Archive extends RetentionArchive>(group: Group, archives: readonly Archive[]): Judgement<Archive> {
  const members = archives.filter(archive => archive.tier === group.tier)
  if (group.count === 0) return { readFirst: [], surplus: new Map(members.map(member => [member, notKept(group)])) }
  const counted = members.filter(mayCount).slice(0, group.count)
  const last = counted.at(-1)
  const older = last === undefined ? [] : members.slice(members.indexOf(last) + 1)
  // Only a full tier lets go of anything; whether it is full depends on what those that count are.
  if (counted.length < group.count || older.length === 0) return { readFirst: [], surplus: new Map() }
  const readFirst = counted.filter(archive => archive.goodness === 'unknown')
  return { readFirst, surplus: new Map(older.map(archive => [archive, beyond(group)])) }
}

/** Takes the newest good and the newest proved archive, and the fresh one, out of the surplus. */
function protectNewest<Archive extends RetentionArchive>(
  archives: readonly Archive[],
  surplus: ReadonlyMap<Archive, string>,
  input: RetentionInput<Archive>,
): RetentionResult<Archive> {
  const past = ownPast(archives, input)
  const candidate = past.find(
    archive => archive.goodness === 'good' || (archive.goodness === 'unknown' && surplus.has(archive)),
  )
  if (candidate?.goodness === 'unknown') return { kind: 'unknown', readFirst: [candidate] }
  const newest = { good: candidate, proved: past.find(archive => archive.proved) }
  const decisions = archives.map((archive): Decision<Archive> => {
    const kept = reasonToKeep(archive, newest, input)
    const removed = surplus.get(archive)
    if (kept !== null || removed === undefined)
      return { archive, action: 'keep', reason: kept ?? wanted(archive, input) }
    return {
      archive,
      action: 'remove',
      reason: mayCount(archive) ? removed : `${wordsFor(archive)}, and ${removed}`,
    }
  })
  return { kind: 'decided', decisions }
}

/** Why an archive stays whatever the counts say; null if they decide. */
function reasonToKeep<Archive extends RetentionArchive>(
  archive: Archive,
  newest: { readonly good: Archive | undefined; readonly proved: Archive | undefined },
  input: RetentionInput<Archive>,
): string | null {
  if (archive.stem !== input.stem) return 'belongs to another database'
  if (input.keep === null) return 'the number to keep could not be read, so nothing is removed'
  if (archive.path === input.fresh) return 'made by this run'
  if (archive === newest.good) return 'the newest backup known to be good'
  if (archive === newest.proved) return 'the newest proved backup'
  return isFutureDated(archive, input.now)
    ? 'dated in the future: a clock was wrong, so it neither counts nor goes'
    : null
}

function wanted(archive: RetentionArchive, input: RetentionInput<RetentionArchive>): string {
  const inUse = (archive.tier === null) === (input.strategy === 'daily')
  if (!inUse) return `made by the ${archive.tier === null ? 'daily' : 'rolling'} strategy, which is not in use`
  const { count = 0 } = groupsOf(input).find(group => group.tier === archive.tier) ?? {}
  if (!mayCount(archive)) return `${wordsFor(archive)}, and newer than what would replace it`
  return `one of the newest ${count} ${groupName(archive.tier)}`
}

/** Of those that may not, nobody knows that they could be restored. */
function mayCount({ goodness }: Pick<RetentionArchive, 'goodness'>): boolean {
  return goodness === 'good' || goodness === 'unknown'
}

function wordsFor({ goodness }: Pick<RetentionArchive, 'goodness'>): string {
  return goodness === 'manifest-unusable' ? 'its manifest cannot be used' : 'not a whole backup'
}

function notKept(group: Group): string {
  return `no ${groupName(group.tier)} are kept`
}

function beyond(group: Group): string {
  return `older than the newest ${group.count} good ${groupName(group.tier)}`
}

function groupName(tier: Tier | null): string {
  return tier === null ? 'backups' : `${tier} backups`
}
