import { isFutureDated, latestOf, newestFirst } from '../latest.ts'
import { isUsable } from '../usable.ts'
import { isAge, judgeGroup, whyWanted } from './judge-group.ts'
import {
  type GroupJudgement,
  groupsOf,
  type KeptGroup,
  mayCount,
  type RetentionArchive,
  type RetentionRules,
  wordsFor,
} from './kept-group.ts'
import { withLeastKept } from './least-kept.ts'
import { isProtected, protectionText } from './protection.ts'

export interface RetentionInput<Archive extends RetentionArchive> extends RetentionRules {
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
  /** Only its period keeps it, and not the number of archives, or only an alarm does: it goes where room is short. */
  readonly yields?: 'period' | 'alarm'
}

/** Either a decision for every archive, newest first, or the archives that have to be read before one can be made. */
export type RetentionResult<Archive> =
  | { readonly kind: 'decided'; readonly decisions: readonly Decision<Archive>[] }
  | { readonly kind: 'unknown'; readonly readFirst: readonly Archive[] }

/**
 * Decides which archives of one database stay: of each tier what its rule asks for; and, whatever the rules say, the newest
 * good one, the newest of these whose proof has not failed, the newest proved one, the fresh one, those that are protected
 * and those dated in the future, both of which count for nothing; by an age never less than a count of three keeps; and
 * what is from before an alarm that stands. A count keeps the newest N good ones and the newest of each of the newest N
 * periods (days, weeks, months, years) that have a good one, so that archives made in a row push out no other day. An
 * archive that is not good never counts and goes only when it is older than all that the rule keeps. Archives of another
 * stem, and those of the strategy that is not in use, stay. Archives whose goodness no decision depends on may stay unknown.
 */
export function decideRetention<Archive extends RetentionArchive>(
  input: RetentionInput<Archive>,
): RetentionResult<Archive> {
  const archives = [...input.archives].sort(newestFirst)
  const counting = ownPast(archives, input).filter(archive => !isProtected(archive, input.now))
  const judged = judgeAll(counting, input)
  if (judged.readFirst.length > 0) return { kind: 'unknown', readFirst: judged.readFirst }
  return protectNewest(archives, judged, input)
}

interface Judged<Archive> extends GroupJudgement<Archive> {
  readonly groups: readonly KeptGroup[]
  /** What an age would remove, and too little else is there, with the reason. */
  readonly kept: ReadonlyMap<Archive, string>
}

function judgeAll<Archive extends RetentionArchive>(
  counting: readonly Archive[],
  input: RetentionInput<Archive>,
): Judged<Archive> {
  const groups = groupsOf(input)
  const judged = groups.map(group => judgeGroup(group, counting, input.now))
  const readFirst = judged.flatMap(group => group.readFirst)
  const surplus = new Map(judged.flatMap(group => [...group.surplus]))
  const extras = new Map(judged.flatMap(group => [...group.extras]))
  if (readFirst.length > 0 || !groups.some(({ rule }) => isAge(rule)))
    return { groups, readFirst, surplus, extras, kept: new Map() }
  const inUse = counting.filter(archive => groups.some(({ tier }) => tier === archive.tier))
  return { groups, ...withLeastKept({ surplus, extras }, inUse) }
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

/** Takes out of the surplus what stays whatever the rules say. */
function protectNewest<Archive extends RetentionArchive>(
  archives: readonly Archive[],
  judged: Judged<Archive>,
  input: RetentionInput<Archive>,
): RetentionResult<Archive> {
  const past = ownPast(archives, input)
  const candidates = past.filter(
    archive => mayCount(archive) && (archive.goodness === 'good' || judged.surplus.has(archive)),
  )
  const [good] = candidates
  const usable = candidates.find(archive => isUsable(archive, input.now))
  const unread = [good, usable].find(archive => archive?.goodness === 'unknown')
  if (unread !== undefined) return { kind: 'unknown', readFirst: [unread] }
  const newest = { good, usable, proved: newestProved(past, input.now) }
  const held = heldByAlarm(past, input)
  const decisions = archives.map((archive): Decision<Archive> => {
    const kept = reasonToKeep(archive, newest, input) ?? judged.kept.get(archive) ?? null
    if (kept !== null) return { archive, action: 'keep', reason: kept }
    return byRules(archive, { ...judged, held }, input)
  })
  return { kind: 'decided', decisions }
}

function byRules<Archive extends RetentionArchive>(
  archive: Archive,
  { groups, surplus, extras, held }: Judged<Archive> & { readonly held: Held<Archive> },
  input: RetentionInput<Archive>,
): Decision<Archive> {
  const [removed, ofItsPeriod] = [surplus.get(archive), extras.get(archive)]
  const isBeyond = removed !== undefined || ofItsPeriod !== undefined
  if (isBeyond && held.firmly.has(archive)) return { archive, action: 'keep', reason: BEFORE_ALARM }
  if (isBeyond && held.has(archive)) return { archive, action: 'keep', reason: BEFORE_ALARM, yields: 'alarm' }
  if (ofItsPeriod !== undefined) return { archive, action: 'keep', reason: ofItsPeriod, yields: 'period' }
  if (removed === undefined) return { archive, action: 'keep', reason: wanted(archive, groups, input) }
  const reason = mayCount(archive) ? removed : `${wordsFor(archive)}, and ${removed}`
  return { archive, action: 'remove', reason }
}

const BEFORE_ALARM = 'before an alarm'

/** What is from before the alarm; its newest good and newest proved ones give way to nothing. */
interface Held<Archive> {
  has(archive: Archive): boolean
  readonly firmly: ReadonlySet<Archive | null | undefined>
}

function heldByAlarm<Archive extends RetentionArchive>(
  past: readonly Archive[],
  { heldBefore, now }: RetentionInput<Archive>,
): Held<Archive> {
  const before = heldBefore === null ? [] : past.filter(({ takenAt }) => takenAt < heldBefore)
  const good = before.find(({ goodness }) => goodness === 'good')
  const all = new Set(before)
  return { has: archive => all.has(archive), firmly: new Set([good, newestProved(before, now)]) }
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
  if (input.keep === null) return 'what to keep could not be read, so nothing is removed'
  if (archive.path === input.fresh) return 'made by this run'
  if (isProtected(archive, input.now)) return protectionText(archive)
  if (archive === newest.good) return 'the newest backup known to be good'
  if (archive === newest.proved) return 'the newest proved backup'
  if (archive === newest.usable) return 'the newest good backup whose proof has not FAILED'
  return isFutureDated(archive, input.now)
    ? 'dated in the future: a clock was wrong, so it neither counts nor goes'
    : null
}

function wanted(
  archive: RetentionArchive,
  groups: readonly KeptGroup[],
  { strategy }: Pick<RetentionRules, 'strategy'>,
): string {
  const inUse = (archive.tier === null) === (strategy === 'daily')
  if (!inUse) return `made by the ${archive.tier === null ? 'daily' : 'rolling'} strategy, which is not in use`
  const group = groups.find(({ tier }) => tier === archive.tier)
  return group === undefined
    ? 'in yearly/, and no rule is about yearly backups: only -p -f removes it'
    : whyWanted(archive, group)
}
