import { type Age, later } from '../../config/age.ts'
import { ageText } from '../../config/keep-rule.ts'
import { type GroupJudgement, type KeptGroup, mayCount, type RetentionArchive, wordsFor } from './kept-group.ts'
import { periodOf, unitOf } from './periods.ts'

/**
 * Of the members of a group, newest first: what is younger than the age stays, of a week, month or year only its newest good
 * one. What is no whole backup stays until it is old: it may be the only sign of what went wrong.
 */
export function judgeByAge<Archive extends RetentionArchive>(
  { tier, rule }: KeptGroup<Age>,
  members: readonly Archive[],
  now: Date,
): GroupJudgement<Archive> {
  const isYoung = ({ takenAt }: Archive): boolean => later(takenAt, rule) > now
  const young = members.filter(isYoung)
  const old = members.filter(member => !isYoung(member))
  const unit = unitOf(tier)
  const heads = unit === 'day' ? [] : headsOf(young, unit)
  const others = heads.flatMap(([, ...rest]) => rest)
  return {
    readFirst: heads.flatMap(([head, ...rest]) => (head.goodness === 'unknown' && rest.length > 0 ? [head] : [])),
    surplus: new Map([
      ...old.map(member => [member, `older than ${ageText(rule)}`] as const),
      ...others.map(member => [member, `not the newest of its ${unit}`] as const),
    ]),
    extras: new Map(),
  }
}

/** Why one stays that is not old. */
export function whyYoung(archive: RetentionArchive, { tier, rule }: KeptGroup<Age>): string {
  const unit = unitOf(tier)
  const young = `younger than ${ageText(rule)}`
  if (!mayCount(archive)) return `${wordsFor(archive)}, and ${young}`
  return unit === 'day' ? young : `the newest of ${periodOf(archive, unit)}, ${young}`
}

/** Those of each period that count or might, its newest first. */
function headsOf<Archive extends RetentionArchive>(
  young: readonly Archive[],
  unit: ReturnType<typeof unitOf>,
): readonly (readonly [Archive, ...Archive[]])[] {
  const periods = Map.groupBy(young.filter(mayCount), archive => periodOf(archive, unit))
  return [...periods.values()].flatMap(([head, ...rest]) => (head === undefined ? [] : [[head, ...rest] as const]))
}
