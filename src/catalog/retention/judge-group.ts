import type { KeepRule } from '../../config/keep-rule.ts'
import { judgeByAge, whyYoung } from './judge-by-age.ts'
import { judgeByCount } from './judge-by-count.ts'
import {
  type GroupJudgement,
  groupName,
  type KeptGroup,
  mayCount,
  NOTHING_GOES,
  newerThanGood,
  type RetentionArchive,
} from './kept-group.ts'

/** What of a group, given archives of one database newest first that all count or might, its rule does not ask for. */
export function judgeGroup<Archive extends RetentionArchive>(
  { tier, rule }: KeptGroup,
  archives: readonly Archive[],
  now: Date,
): GroupJudgement<Archive> {
  const members = archives.filter(archive => archive.tier === tier)
  if (rule === 'all') return NOTHING_GOES
  return typeof rule === 'number' ? judgeByCount({ tier, rule }, members) : judgeByAge({ tier, rule }, members, now)
}

/** Whether a rule counts time, and not archives. */
export function isAge(rule: KeepRule): boolean {
  return typeof rule === 'object'
}

/** Why one stays that the rule of its group asks for. */
export function whyWanted(archive: RetentionArchive, { tier, rule }: KeptGroup): string {
  if (rule === 'all') return 'kept for ever'
  if (typeof rule === 'object') return whyYoung(archive, { tier, rule })
  return mayCount(archive) ? `one of the newest ${rule} ${groupName(tier)}` : newerThanGood(archive)
}
