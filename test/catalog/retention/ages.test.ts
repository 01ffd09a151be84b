import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RetentionArchive } from '../../../src/catalog/retention/kept-group.ts'
import { decideRetention, type RetentionInput } from '../../../src/catalog/retention/retention.ts'
import { type Age, later } from '../../../src/config/age.ts'
import type { KeepRules } from '../../../src/config/keep-rule.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const DAY_MS = 86_400_000
const STEM = 'db-app'
const days = (count: number): Age => ({ count, unit: 'd' })
const KEEP: KeepRules = { daily: days(7), weekly: days(28), monthly: 12, yearly: 'all', all: 31 }

function archive(daysAgo: number, words = 'daily'): RetentionArchive {
  const has = (word: string): boolean => words.split(' ').includes(word)
  const takenAt = new Date(NOW.getTime() - daysAgo * DAY_MS)
  return {
    path: `/backups/${daysAgo}-${words}`,
    stem: STEM,
    tier: (['daily', 'weekly', 'monthly', 'yearly'] as const).find(has) ?? null,
    takenAt,
    day: takenAt.toISOString().slice(0, 10),
    protectedUntil: has('protected') ? '2026-12-20T05:00:00-07:00' : null,
    goodness: has('bad') ? 'bad' : has('unknown') ? 'unknown' : 'good',
    proved: has('proved'),
    failed: false,
  }
}

type Given = Partial<RetentionInput<RetentionArchive>>

/** `keep 9: why` of each, or what has to be read first. */
function told(archives: readonly RetentionArchive[], given: Given = {}): readonly string[] {
  const input = {
    stem: STEM,
    archives,
    keep: KEEP,
    strategy: 'rolling',
    now: NOW,
    fresh: null,
    heldBefore: null,
    ...given,
  } as const
  const result = decideRetention(input)
  const name = ({ path }: RetentionArchive): string => path.slice('/backups/'.length)
  if (result.kind === 'unknown') return result.readFirst.map(each => `read ${name(each)}`)
  return result.decisions.map(each => `${each.action} ${name(each.archive)}: ${each.reason}`)
}

describe('an age', () => {
  test('FM246 keeps what is younger, all of a day', () => {
    expect(told([0.1, 0.2, 0.3, 1, 6.9, 7, 8].map(day => archive(day)))).toEqual([
      'keep 0.1-daily: the newest backup known to be good',
      'keep 0.2-daily: younger than 7 days',
      'keep 0.3-daily: younger than 7 days',
      'keep 1-daily: younger than 7 days',
      'keep 6.9-daily: younger than 7 days',
      'remove 7-daily: older than 7 days',
      'remove 8-daily: older than 7 days',
    ])
  })

  test('FM246 keeps one of each week in weekly: 2026-11-16 was a Monday', () => {
    const archives = [0.1, 0.2, 0.3].map(day => archive(day))

    expect(told([...archives, ...[4, 5, 5.1, 26, 29].map(day => archive(day, 'weekly'))]).slice(3)).toEqual([
      'keep 4-weekly: the newest of week 47 of 2026, younger than 28 days',
      'keep 5-weekly: the newest of week 46 of 2026, younger than 28 days',
      'remove 5.1-weekly: not the newest of its week',
      'keep 26-weekly: the newest of week 43 of 2026, younger than 28 days',
      'remove 29-weekly: older than 28 days',
    ])
  })

  test('FM246 of a week is that of ISO 8601, also where it begins in another year', () => {
    const at = (now: string) => ({ now: new Date(now), keep: { ...KEEP, weekly: days(999) } })
    const ago = (date: string): number => (NOW.getTime() - Date.parse(`${date}T09:00:00Z`)) / DAY_MS
    const sunday = archive(ago('2027-01-03'), 'weekly')

    expect(told([archive(ago('2027-01-04')), sunday], at('2027-01-05T12:00:00Z'))[1]).toMatch(
      'the newest of week 53 of 2026, younger than 999 days',
    )
  })

  test('FM247 after an outage leaves three good ones, of three days', () => {
    const archives = [0, 40, 40.1, 40.2, 41, 42].map(day => archive(day))

    expect(told(archives).slice(1)).toEqual([
      'keep 40-daily: one of the newest 3 good backups',
      'keep 40.1-daily: one of the newest 3 good backups',
      'remove 40.2-daily: older than 7 days',
      'keep 41-daily: the newest of 2026-10-10, one of the newest 3 days with a good backup',
      'remove 42-daily: older than 7 days',
    ])
  })

  test('FM247 counts bad ones for nothing, and reads what may be one of the three', () => {
    expect(told([archive(0), archive(40, 'daily bad'), archive(41), archive(42)]).slice(1)).toEqual([
      'keep 40-daily bad: not a whole backup, and newer than what would replace it',
      'keep 41-daily: one of the newest 3 good backups',
      'keep 42-daily: one of the newest 3 good backups',
    ])
    expect(told([archive(0), archive(40, 'daily unknown'), archive(41), archive(42)])).toEqual([
      'read 40-daily unknown',
    ])
  })

  test('FM247 leaves a bad one until it is old, and until three good ones are newer', () => {
    const archives = [archive(0), archive(1, 'daily bad'), archive(2), archive(3), archive(9, 'daily bad')]

    expect(told(archives).slice(1)).toEqual([
      'keep 1-daily bad: not a whole backup, and younger than 7 days',
      'keep 2-daily: younger than 7 days',
      'keep 3-daily: younger than 7 days',
      'remove 9-daily bad: not a whole backup, and older than 7 days',
    ])
  })

  test('FM246 under the daily strategy is that of NUM_BACKUPS', () => {
    const given = { strategy: 'daily', keep: { ...KEEP, all: days(2) } } as const

    expect(
      told(
        [0, 1, 1.5, 3].map(day => archive(day, '')),
        given,
      ).slice(2),
    ).toEqual([
      'keep 1.5-: younger than 2 days',
      'keep 3-: the newest of 2026-11-17, one of the newest 3 days with a good backup',
    ])
  })

  test('FM133 leaves what is protected, which counts for nothing', () => {
    const archives = [archive(0), archive(40, 'daily protected'), archive(41), archive(42), archive(43)]

    expect(told(archives).slice(1)).toEqual([
      'keep 40-daily protected: protected until 2026-12-20',
      'keep 41-daily: one of the newest 3 good backups',
      'keep 42-daily: one of the newest 3 good backups',
      'remove 43-daily: older than 7 days',
    ])
  })

  test('FM246 of months and years is that of the calendar', () => {
    const keep = { ...KEEP, monthly: { count: 12, unit: 'm' } } as const
    const archives = [archive(0), archive(1), archive(2), archive(364.9, 'monthly'), archive(366, 'monthly')]

    expect(told(archives, { keep }).slice(3)).toEqual([
      'keep 364.9-monthly: the newest of 2025-11, younger than 12 months',
      'remove 366-monthly: older than 12 months',
    ])
  })
})

test('FM246 all keeps all of a tier for ever, also of one day', () => {
  expect(
    told([archive(0), archive(400, 'yearly'), archive(400.1, 'yearly'), archive(4000, 'yearly')]).slice(1),
  ).toEqual(['keep 400-yearly: kept for ever', 'keep 400.1-yearly: kept for ever', 'keep 4000-yearly: kept for ever'])
})

test('FM245 what people have put into yearly/ while no rule was about it stays', () => {
  const archives = [archive(0), ...[400, 800, 1200, 1600].map(day => archive(day, 'yearly'))]

  expect(told(archives, { keep: { ...KEEP, yearly: 0 } }).slice(1)).toEqual(
    [400, 800, 1200, 1600].map(
      day => `keep ${day}-yearly: in yearly/, and no rule is about yearly backups: only -p -f removes it`,
    ),
  )
})

test('FM246 a count keeps the newest of each year', () => {
  const archives = [324, 324.1, 324.2, 689].map(day => archive(day, 'yearly'))

  expect(told([archive(0), ...archives], { keep: { ...KEEP, yearly: 2 } }).slice(1)).toEqual([
    'keep 324-yearly: one of the newest 2 yearly backups',
    'keep 324.1-yearly: one of the newest 2 yearly backups',
    'remove 324.2-yearly: older than the newest 2 good yearly backups, and not the newest of its year',
    'keep 689-yearly: the newest of 2024, one of the newest 2 years with yearly backups',
  ])
})

describe('FM211 while an alarm stands', () => {
  const archives = [0.1, 0.2, 1, 2, 9, 10, 11, 12].map(day => archive(day))
  const heldBefore = new Date(NOW.getTime() - 10.5 * DAY_MS)

  test('what is from before it stays', () => {
    expect(told(archives, { heldBefore }).slice(4)).toEqual([
      'remove 9-daily: older than 7 days',
      'remove 10-daily: older than 7 days',
      'keep 11-daily: before an alarm',
      'keep 12-daily: before an alarm',
    ])
  })

  test('the newest good and the newest proved one from before it give way to nothing, the others do', () => {
    const all = [...archives, archive(13, 'daily proved'), archive(14)]
    const result = decideRetention({
      stem: STEM,
      archives: all,
      keep: KEEP,
      strategy: 'rolling',
      now: NOW,
      fresh: null,
      heldBefore,
    })

    expect(result.kind === 'decided' && result.decisions.slice(6).map(each => each.yields ?? each.reason)).toEqual([
      'before an alarm',
      'alarm',
      'the newest proved backup',
      'alarm',
    ])
  })
})

test('FM247 whatever the archives and ages, three good ones stay, or all there are', () => {
  const rule = fc.oneof(
    fc.integer({ min: 1, max: 400 }).map(days),
    fc.integer({ min: 1, max: 20 }).map(count => ({ count, unit: 'm' }) as const),
  )
  const keep = fc.record({ daily: rule, weekly: rule, monthly: rule, yearly: rule, all: rule })
  const some = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 4000 }),
      fc.constantFrom('daily', 'weekly', 'monthly', 'yearly', 'daily bad', 'weekly bad'),
    ),
    { maxLength: 25 },
  )
  fc.assert(
    fc.property(some, keep, (rows, rules) => {
      const archives = rows.map(([tenths, words], index) => ({
        ...archive(tenths / 10, words),
        path: `/backups/${index}`,
      }))
      const input = {
        stem: STEM,
        archives,
        keep: rules,
        strategy: 'rolling',
        now: NOW,
        fresh: null,
        heldBefore: null,
      } as const
      const result = decideRetention(input)
      if (result.kind === 'unknown') throw new Error('all is known')

      const good = archives.filter(each => each.goodness === 'good')
      const kept = result.decisions.filter(each => each.action === 'keep' && each.archive.goodness === 'good')
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(3, good.length))
      const goesYoung = result.decisions.filter(({ action, archive: { tier, takenAt } }) => {
        const age = tier === null ? null : rules[tier]
        return (
          action === 'remove' &&
          tier === 'daily' &&
          typeof age === 'object' &&
          age !== null &&
          later(takenAt, age) > NOW
        )
      })
      expect(goesYoung).toEqual([])
    }),
  )
})
