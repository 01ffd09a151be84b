import { isFutureDated, latestOf, newestFirst } from '../latest.ts'
import { isUsable } from '../usable.ts'
import {
  type BeyondCounts,
  groupName,
  groupsOf,
  judgeGroup,
  mayCount,
  newerThanGood,
  type RetentionArchive,
  type RetentionCounts,
  wordsFor,
} from './judge-group.ts'
import { isProtected, protectionText } from './protection.ts'

export interface RetentionInput<Archive extends RetentionArchive> extends RetentionCounts {
  readonly stem: string
  readonly archives: readonly Archive[]
  readonly now: Date
  /** The path of the archive that this run has just made, which stays; null if there is none. */
  readonly fresh: string | null
  /** What is older than that is held by an alarm; null: none stands. */
  readonly heldBefore: Date | null
}

/** What happens to one archive, and why, in words for a person. */
export interface Decision<Archive> {
  readonly archive: Archive
  readonly action: 'keep' | 'remove'
  readonly reason: string
  /** Why it goes where room is short, though it stays now: only its period keeps it, or only an alarm. */
  readonly yields?: 'period' | 'alarm'
}

/** Either a decision for every archive, newest first, or the archives that have to be read before one can be made. */
export type RetentionResult<Archive> =
  | { readonly kind: 'decided'; readonly decisions: readonly Decision<Archive>[] }
  | { readonly kind: 'unknown'; readonly readFirst: readonly Archive[] }

/**
 * Decides which archives of one database stay: of each tier the newest N good ones and the newest of each of the newest N
 * periods (days, weeks, months) that have a good one, so that archives made in a row push out no other day; and, whatever
 * the counts say, the newest good one, the newest of these whose proof has not failed, the newest proved one, the fresh
 * one, those that are protected and those dated in the future, both of which count for nothing, and what is from before an
 * alarm that stands. An archive that is not
 * good never counts and goes only when it is older than all that a full tier keeps. Archives of another stem, and those of
 * the strategy that is not in use, stay. Archives whose goodness no decision depends on may stay unknown.
 */
export function decideRetention<Archive extends RetentionArchive>(
  input: RetentionInput<Archive>,
): RetentionResult<Archive> {
  const archives = [...input.archives].sort(newestFirst)
  const counting = ownPast(archives, input).filter(archive => !isProtected(archive, input.now))
  const groups = groupsOf(input).map(group => judgeGroup(group, counting))
  const readFirst = groups.flatMap(group => group.readFirst)
  if (readFirst.length > 0) return { kind: 'unknown', readFirst }
  const surplus = new Map(groups.flatMap(group => [...group.surplus]))
  const extras = new Map(groups.flatMap(group => [...group.extras]))
  return protectNewest(archives, { surplus, extras }, input)
}

function ownPast<Archive extends RetentionArchive>(
  archives: readonly Archive[],
  input: RetentionInput<Archive>,
): Archive[] {
  return archives.filter(archive => archive.stem === input.stem && !isFutureDated(archive, input.now))
}

/** Of archives from the newest to the oldest: what is proved once is not given up for what nobody has tried. */
export function newestProved<Archive extends RetentionArchive>(
  archives: readonly Archive[],
  now: Date,
): Archive | null {
  return latestOf(
    archives.filter(archive => archive.proved),
    now,
  )
}

/** Takes out of the surplus what stays whatever the counts say. */
function protectNewest<Archive extends RetentionArchive>(
  archives: readonly Archive[],
  { surplus, extras }: BeyondCounts<Archive>,
  input: RetentionInput<Archive>,
): RetentionResult<Archive> {
  const past = ownPast(archives, input)
  const candidates = past.filter(archive => mayCount(archive) && (archive.goodness === 'good' || surplus.has(archive)))
  const [good] = candidates
  const usable = candidates.find(archive => isUsable(archive, input.now))
  const unread = [good, usable].find(archive => archive?.goodness === 'unknown')
  if (unread !== undefined) return { kind: 'unknown', readFirst: [unread] }
  const newest = { good, usable, proved: newestProved(past, input.now) }
  const held = heldByAlarm(past, input)
  const decisions = archives.map((archive): Decision<Archive> => {
    const kept = reasonToKeep(archive, newest, input)
    const [removed, ofItsPeriod] = [surplus.get(archive), extras.get(archive)]
    const isBeyond = removed !== undefined || ofItsPeriod !== undefined
    if (kept === null && isBeyond && held.isOne(archive))
      return {
        archive,
        action: 'keep',
        reason: 'before an alarm',
        ...(held.isLast(archive) ? {} : { yields: 'alarm' }),
      }
    if (kept === null && ofItsPeriod !== undefined)
      return { archive, action: 'keep', reason: ofItsPeriod, yields: 'period' }
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

/** What an alarm holds, and which of that never gives way: the newest good one and the newest proved one. */
function heldByAlarm<Archive extends RetentionArchive>(
  past: readonly Archive[],
  { heldBefore, now }: RetentionInput<Archive>,
): { isOne(archive: Archive): boolean; isLast(archive: Archive): boolean } {
  const held = heldBefore === null ? [] : past.filter(archive => archive.takenAt.getTime() < heldBefore.getTime())
  const last = [held.find(archive => archive.goodness === 'good'), newestProved(held, now)]
  return { isOne: archive => held.includes(archive), isLast: archive => last.includes(archive) }
}

/** Why an archive stays whatever the counts say; null if they decide. */
function reasonToKeep<Archive extends RetentionArchive>(
  archive: Archive,
  newest: {
    readonly good: Archive | undefined
    readonly usable: Archive | undefined
    readonly proved: Archive | null
  },
  input: RetentionInput<Archive>,
): string | null {
  if (archive.stem !== input.stem) return 'belongs to another database'
  if (input.keep === null) return 'the number to keep could not be read, so nothing is removed'
  if (archive.path === input.fresh) return 'made by this run'
  if (isProtected(archive, input.now)) return protectionText(archive)
  if (archive === newest.good) return 'the newest backup known to be good'
  if (archive === newest.proved) return 'the newest proved backup'
  if (archive === newest.usable) return 'the newest good backup whose proof has not FAILED'
  return isFutureDated(archive, input.now)
    ? 'dated in the future: a clock was wrong, so it neither counts nor goes'
    : null
}

function wanted(archive: RetentionArchive, input: RetentionInput<RetentionArchive>): string {
  const inUse = (archive.tier === null) === (input.strategy === 'daily')
  if (!inUse) return `made by the ${archive.tier === null ? 'daily' : 'rolling'} strategy, which is not in use`
  const { count = 0 } = groupsOf(input).find(group => group.tier === archive.tier) ?? {}
  if (!mayCount(archive)) return newerThanGood(archive)
  return `one of the newest ${count} ${groupName(archive.tier)}`
}
