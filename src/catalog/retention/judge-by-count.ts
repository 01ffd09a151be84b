import {
  type BeyondRules,
  type GroupJudgement,
  groupName,
  type KeptGroup,
  mayCount,
  NOTHING_GOES,
  newerThanGood,
  type RetentionArchive,
} from './kept-group.ts'
import { newestOfPeriods, periodOf, unitOf } from './periods.ts'

type CountedGroup = KeptGroup<number>

/** Of the members of a group, newest first: the newest N good ones stay, and the newest of each of the newest N periods. */
export function judgeByCount<Archive extends RetentionArchive>(
  group: CountedGroup,
  members: readonly Archive[],
): GroupJudgement<Archive> {
  if (group.rule === 0) return { ...NOTHING_GOES, surplus: new Map(members.map(member => [member, notKept(group)])) }
  const candidates = members.filter(mayCount)
  const counted = candidates.slice(0, group.rule)
  const last = counted.at(-1)
  const older = last === undefined ? [] : members.slice(members.indexOf(last) + 1)
  // Only a full tier lets go of anything; whether it is full depends on what those that count are.
  if (counted.length < group.rule || older.length === 0) return NOTHING_GOES
  const ofPeriods = newestOfPeriods(candidates, unitOf(group.tier)).slice(0, group.rule)
  const readFirst = [...new Set([...counted, ...ofPeriods])].filter(archive => archive.goodness === 'unknown')
  return { readFirst, ...splitByPeriods(older, { group, members, ofPeriods }) }
}

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
): BeyondRules<Archive> {
  const oldest = ofPeriods.at(group.rule - 1)
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

function ofPeriod(archive: RetentionArchive, { tier, rule }: CountedGroup): string {
  if (!mayCount(archive)) return newerThanGood(archive)
  const unit = unitOf(tier)
  return `the newest of ${periodOf(archive, unit)}, one of the newest ${rule} ${unit}s with ${groupName(tier)}`
}

function notKept(group: CountedGroup): string {
  return `no ${groupName(group.tier)} are kept`
}

function beyond(group: CountedGroup): string {
  return `older than the newest ${group.rule} good ${groupName(group.tier)}`
}
