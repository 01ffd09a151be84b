import { judgeByCount } from './judge-by-count.ts'
import {
  type BeyondRules,
  type GroupJudgement,
  type KeptGroup,
  mayCount,
  newerThanGood,
  type RetentionArchive,
} from './kept-group.ts'
import { periodOf } from './periods.ts'

/** So many of the newest good archives of a database, and of its newest days with one, no age removes. */
const LEAST = 3

/**
 * Keeps of what an age would remove what a count of three keeps, whatever the tiers: after an outage of weeks everything is
 * old, and the first run must not empty the history. Archives are newest first, and all count or might.
 */
export function withLeastKept<Archive extends RetentionArchive>(
  { surplus, extras }: BeyondRules<Archive>,
  archives: readonly Archive[],
): GroupJudgement<Archive> & { readonly kept: ReadonlyMap<Archive, string> } {
  if (surplus.size === 0) return { readFirst: [], surplus, extras, kept: new Map() }
  const least = judgeByCount(GROUP, archives)
  const goes = ([archive]: readonly [Archive, string]): boolean => least.surplus.has(archive)
  const stays = [...surplus].filter(each => !goes(each)).map(([archive]) => archive)
  return {
    readFirst: least.readFirst,
    surplus: new Map([...surplus].filter(goes)),
    extras,
    kept: new Map(stays.map(archive => [archive, whyKept(archive, least.extras.has(archive))])),
  }
}

/** All tiers together, by days. */
const GROUP: KeptGroup<number> = { tier: null, rule: LEAST }

function whyKept(archive: RetentionArchive, isOfItsDay: boolean): string {
  if (!mayCount(archive)) return newerThanGood(archive)
  return isOfItsDay
    ? `the newest of ${periodOf(archive, 'day')}, one of the newest ${LEAST} days with a good backup`
    : `one of the newest ${LEAST} good backups`
}
