import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideFilteredRemoval } from '../../../src/catalog/retention/filtered-removal.ts'
import type { RetentionArchive } from '../../../src/catalog/retention/kept-group.ts'
import { decideRetention, type RetentionInput, type RetentionResult } from '../../../src/catalog/retention/retention.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const KEEP = { daily: 2, weekly: 1, monthly: 1, yearly: 0, all: 3 }
const STEM = 'db-app'
const DAY_MS = 86_400_000

/** An archive taken so many days ago. Words: tier, `bad`, `unknown`, `proved`, `failed`, `protected` or `once-protected`, else good. */
function archive(daysAgo: number, words = 'daily'): RetentionArchive {
  const has = (word: string): boolean => words.split(' ').includes(word)
  const takenAt = new Date(NOW.getTime() - daysAgo * DAY_MS)
  return {
    path: `/backups/${daysAgo}-${words}`,
    stem: STEM,
    tier: (['daily', 'weekly', 'monthly'] as const).find(has) ?? null,
    takenAt,
    day: takenAt.toISOString().slice(0, 10),
    protectedUntil: has('protected')
      ? '2026-12-20T05:00:00-07:00'
      : has('once-protected')
        ? '2026-11-20T04:59:00-07:00'
        : null,
    goodness: has('bad') ? 'bad' : has('unknown') ? 'unknown' : 'good',
    proved: has('proved'),
    failed: has('failed'),
  }
}

function decide(
  archives: readonly RetentionArchive[],
  given: Partial<RetentionInput<RetentionArchive>> = {},
): RetentionResult<RetentionArchive> {
  return decideRetention({
    stem: STEM,
    archives,
    keep: KEEP,
    strategy: 'rolling',
    now: NOW,
    fresh: null,
    heldBefore: null,
    ...given,
  })
}

/** The paths that go, or the paths that have to be read first. */
function summary(result: RetentionResult<RetentionArchive>): { removed: string[] } | { readFirst: string[] } {
  const name = ({ path }: RetentionArchive): string => path.slice('/backups/'.length)
  if (result.kind === 'unknown') return { readFirst: result.readFirst.map(name) }
  return { removed: result.decisions.filter(each => each.action === 'remove').map(each => name(each.archive)) }
}

describe('decideRetention, case by case', () => {
  const cases: readonly [
    string,
    readonly RetentionArchive[],
    Partial<RetentionInput<RetentionArchive>>,
    ReturnType<typeof summary>,
  ][] = [
    ['nothing there', [], {}, { removed: [] }],
    ['fewer than are kept', [archive(1), archive(2)], {}, { removed: [] }],
    ['one more than is kept', [archive(1), archive(3), archive(2)], {}, { removed: ['3-daily'] }],
    [
      'FM27 each tier has its own count',
      [archive(1), archive(2), archive(3), archive(5, 'weekly'), archive(12, 'weekly'), archive(20, 'monthly')],
      {},
      { removed: ['3-daily', '12-weekly'] },
    ],
    ['FM24 a bad one does not count', [archive(1, 'daily bad'), archive(2), archive(3)], {}, { removed: [] }],
    [
      'FM24 a bad one goes once it is older than all of a full tier',
      [archive(1), archive(2), archive(3, 'daily bad')],
      {},
      { removed: ['3-daily bad'] },
    ],
    ['FM24 a bad one stays while its tier is not full', [archive(1), archive(3, 'daily bad')], {}, { removed: [] }],
    [
      'FM25 FM87 a row of bad ones pushes out nothing',
      [archive(1, 'daily bad'), archive(2, 'daily bad'), archive(3, 'daily bad'), archive(40), archive(41)],
      {},
      { removed: [] },
    ],
    ['FM25 a long outage removes nothing', [archive(400), archive(401)], {}, { removed: [] }],
    ['FM30 one from the future stays and does not count', [archive(-9), archive(1), archive(2)], {}, { removed: [] }],
    [
      'FM30 nor does it keep others from going',
      [archive(-9), archive(1), archive(2), archive(3)],
      {},
      { removed: ['3-daily'] },
    ],
    [
      'FM24 only what a decision depends on has to be read',
      [
        archive(1),
        archive(2, 'daily unknown'),
        archive(3, 'daily unknown'),
        archive(4, 'daily unknown'),
        archive(1, 'weekly unknown'),
      ],
      {},
      { readFirst: ['2-daily unknown'] },
    ],
    [
      'a tier that is not full needs no reading',
      [archive(1, 'daily unknown'), archive(2, 'daily unknown')],
      {},
      { removed: [] },
    ],
    [
      'FM87 an unread one never takes the place of a good one',
      [archive(1), archive(2, 'daily unknown'), archive(3)],
      {},
      { readFirst: ['2-daily unknown'] },
    ],
    [
      'FM27 a tier that keeps nothing is emptied',
      [archive(1), archive(5, 'weekly'), archive(6, 'weekly unknown')],
      { keep: { ...KEEP, weekly: 0 } },
      { removed: ['5-weekly', '6-weekly unknown'] },
    ],
    [
      'FM25 the newest good one stays even in a tier that keeps nothing',
      [archive(1, 'daily bad'), archive(5, 'weekly'), archive(6, 'weekly')],
      { keep: { ...KEEP, weekly: 0 } },
      { removed: ['6-weekly'] },
    ],
    [
      'FM163 so does the newest whose proof has not FAILED',
      [archive(4, 'weekly failed'), archive(5, 'weekly failed'), archive(6, 'weekly'), archive(7, 'weekly')],
      { keep: { ...KEEP, weekly: 0 } },
      { removed: ['5-weekly failed', '7-weekly'] },
    ],
    [
      'FM25 what may be the newest good one is read before it goes',
      [archive(5, 'weekly unknown'), archive(6, 'weekly')],
      { keep: { ...KEEP, weekly: 0 } },
      { readFirst: ['5-weekly unknown'] },
    ],
    [
      'FM27 with every count at 0 one daily is kept',
      [archive(1), archive(2), archive(5, 'weekly')],
      { keep: { daily: 0, weekly: 0, monthly: 0, yearly: 0, all: 0 } },
      { removed: ['2-daily', '5-weekly'] },
    ],
    ['FM27 the fresh one stays', [archive(1), archive(2), archive(3)], { fresh: '/backups/3-daily' }, { removed: [] }],
    [
      'the newest proved one stays, older proved ones do not',
      [archive(1), archive(2), archive(3), archive(4, 'daily proved'), archive(5, 'daily proved')],
      {},
      { removed: ['3-daily', '5-daily proved'] },
    ],
    ['with unreadable counts nothing goes', [archive(1), archive(2), archive(3)], { keep: null }, { removed: [] }],
    [
      'the daily strategy counts its own folders',
      [archive(1, ''), archive(2, ''), archive(3, ''), archive(4, ''), archive(5)],
      { strategy: 'daily' },
      { removed: ['4-'] },
    ],
    [
      'FM27 the daily strategy never lets go of all',
      [archive(1, 'bad')],
      { strategy: 'daily', keep: { ...KEEP, all: 0 } },
      { removed: [] },
    ],
    [
      'dated folders of the other strategy stay',
      [archive(1), archive(2), archive(3, ''), archive(4, '')],
      {},
      { removed: [] },
    ],
    [
      'FM23 archives of another database stay and do not count',
      [{ ...archive(1), stem: 'db-app_archive' }, archive(2), archive(3)],
      {},
      { removed: [] },
    ],
    [
      'FM132 archives made in a row push out no other day',
      [...[0.1, 0.11, 0.12, 0.13, 0.14].map(day => archive(day)), archive(1), archive(2)],
      {},
      { removed: ['0.12-daily', '0.13-daily', '0.14-daily', '2-daily'] },
    ],
    [
      'FM132 nor another week: 2026-11-16 was a Monday',
      [4, 4.1, 5, 11, 12].map(day => archive(day, 'weekly')),
      { keep: { ...KEEP, weekly: 2 } },
      { removed: ['11-weekly', '12-weekly'] },
    ],
    [
      'FM132 nor, on the last day of a month, another month',
      [archive(21, 'monthly'), archive(21.1, 'monthly'), archive(51, 'monthly'), archive(82, 'monthly')],
      { keep: { ...KEEP, monthly: 2 } },
      { removed: ['82-monthly'] },
    ],
    [
      'FM132 nor, under the daily strategy, another day',
      [
        archive(0.1, ''),
        archive(0.11, ''),
        archive(0.12, ''),
        archive(0.13, ''),
        archive(1, ''),
        archive(2, ''),
        archive(3, ''),
      ],
      { strategy: 'daily' },
      { removed: ['0.13-', '3-'] },
    ],
    [
      'FM132 a bad one stays while a day is kept from before it, and makes no day of its own',
      [archive(0.1), archive(0.11), archive(0.12), archive(1, 'daily bad'), archive(2), archive(3, 'daily bad')],
      {},
      { removed: ['0.12-daily', '3-daily bad'] },
    ],
    [
      'FM132 what may be the newest of its day is read before another one of that day goes',
      [archive(0.1), archive(0.11), archive(1, 'daily unknown'), archive(1.1)],
      {},
      { readFirst: ['1-daily unknown'] },
    ],
    [
      'FM133 a protected one stays, and takes no place of another',
      [archive(0.1, 'daily protected'), archive(1), archive(2), archive(3), archive(9, 'daily protected')],
      {},
      { removed: ['3-daily'] },
    ],
    [
      'FM133 one of which the protection is over is like any other',
      [archive(1), archive(2), archive(9, 'daily once-protected')],
      {},
      { removed: ['9-daily once-protected'] },
    ],
    [
      'FM133 a protected one stays in a tier that keeps nothing',
      [archive(1), archive(5, 'weekly protected')],
      { keep: { ...KEEP, weekly: 0 } },
      { removed: [] },
    ],
  ]

  test.each(cases)('%s', (_, archives, given, expected) => {
    expect(summary(decide(archives, given))).toEqual(expected)
  })

  test('every archive gets a reason that a person can read', () => {
    const result = decide([archive(-9), archive(1), archive(2), archive(3), archive(4, 'daily bad'), archive(7, '')])

    expect(result.kind === 'decided' && result.decisions.map(each => `${each.action}: ${each.reason}`)).toEqual([
      'keep: dated in the future: a clock was wrong, so it neither counts nor goes',
      'keep: the newest backup known to be good',
      'keep: one of the newest 2 daily backups',
      'remove: older than the newest 2 good daily backups',
      'remove: not a whole backup, and older than the newest 2 good daily backups',
      'keep: made by the daily strategy, which is not in use',
    ])
  })

  test('FM132 FM133 also one that its period, or its protection, keeps', () => {
    const inARow = [0.1, 0.11, 0.12].map(day => archive(day))
    const result = decide([...inARow, archive(1), archive(1.1), archive(2), archive(3, 'daily protected')])

    expect(result.kind === 'decided' && result.decisions.map(each => `${each.action}: ${each.reason}`)).toEqual([
      'keep: the newest backup known to be good',
      'keep: one of the newest 2 daily backups',
      'remove: older than the newest 2 good daily backups, and not the newest of its day',
      'keep: the newest of 2026-11-19, one of the newest 2 days with daily backups',
      'remove: older than the newest 2 good daily backups, and not the newest of its day',
      'remove: older than the newest 2 good daily backups',
      'keep: protected until 2026-12-20',
    ])
    expect(result.kind === 'decided' && result.decisions.map(each => each.yields ?? null)).toEqual([
      ...[null, null, null, 'period'],
      ...[null, null, null],
    ])
  })
})

test('FM211 what its period keeps from before an alarm is held by that, and so gives way later', () => {
  const heldBefore = new Date(NOW.getTime() - 2.5 * 86_400_000)

  const result = decide([archive(0.1), archive(0.2), archive(3), archive(4), archive(5)], { heldBefore })

  expect(result.kind === 'decided' && result.decisions.map(each => each.yields ?? false)).toEqual([
    ...[false, false, false],
    ...['alarm', 'alarm'],
  ])
})

function dayOf(takenAt: Date): string {
  return takenAt.toISOString().slice(0, 10)
}

const anyArchive = fc.record({
  stem: fc.constantFrom(STEM, STEM, STEM, 'db-app_archive'),
  tier: fc.constantFrom('daily' as const, 'daily' as const, 'weekly' as const, 'monthly' as const, null),
  // In eighths of a day, a few days long or a few months.
  takenAt: fc
    .oneof(fc.integer({ min: -24, max: 40 }), fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 900 }))
    .map(eighths => new Date(NOW.getTime() - (eighths * DAY_MS) / 8)),
  protectedUntil: fc.constantFrom(null, null, null, '2026-12-20T05:00:00-07:00', '2026-11-19T05:00:00-07:00'),
  goodness: fc.constantFrom('good' as const, 'good' as const, 'bad' as const, 'unknown' as const),
  really: fc.boolean(),
  // A verdict, or none.
  proved: fc.boolean(),
  failed: fc.boolean(),
})
const anyArchives = fc
  .array(anyArchive, { maxLength: 25, size: 'max' })
  .map(archives => archives.map((each, index) => ({ ...each, day: dayOf(each.takenAt), path: `/backups/${index}` })))
const count = fc.integer({ min: 0, max: 4 })
const anyKeep = fc.option(fc.record({ daily: count, weekly: count, monthly: count, yearly: count, all: count }), {
  freq: 10,
})
const anyInput = fc.record({
  archives: anyArchives,
  keep: anyKeep,
  strategy: fc.constantFrom('rolling' as const, 'daily' as const),
  fresh: fc.option(fc.integer({ min: 0, max: 24 }).map(index => `/backups/${index}`)),
})

type Known = RetentionArchive & { readonly really: boolean }
type Input = Pick<RetentionInput<Known>, 'archives' | 'keep' | 'strategy' | 'fresh'>

/** Decides as planPrune does: whatever has to be read turns out to be what it really is. */
function settle(input: Input): { archives: readonly Known[]; kept: Known[]; removed: Known[] } {
  let archives = input.archives
  for (;;) {
    const result = decideRetention({ stem: STEM, now: NOW, heldBefore: null, ...input, archives })
    if (result.kind === 'decided') {
      const by = (action: string): Known[] =>
        result.decisions.filter(each => each.action === action).map(each => each.archive)
      return { archives, kept: by('keep'), removed: by('remove') }
    }
    const read = new Set(result.readFirst.map(each => each.path))
    expect(read.size).toBeGreaterThan(0)
    archives = archives.map(each => (read.has(each.path) ? { ...each, goodness: each.really ? 'good' : 'bad' } : each))
  }
}

describe('decideRetention, whatever the archives', () => {
  const newest = (archives: readonly Known[], fits: (archive: Known) => boolean): number =>
    Math.max(
      ...archives
        .filter(each => each.stem === STEM && each.takenAt <= NOW && fits(each))
        .map(each => each.takenAt.getTime()),
    )
  const isGood = (each: Known): boolean => each.goodness === 'good'
  const mayBeGood = (each: Known): boolean => each.goodness === 'good' || (each.goodness === 'unknown' && each.really)

  test('FM26 every archive is either kept or removed, and none of another database is removed', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const { archives, kept, removed } = settle(input)

        expect([...kept, ...removed].map(each => each.path).sort()).toEqual(archives.map(each => each.path).sort())
        expect(removed.filter(each => each.stem !== STEM || each.takenAt > NOW || each.path === input.fresh)).toEqual(
          [],
        )
      }),
    )
  })

  test('FM24 FM25 FM163 the newest good, the newest proved and the newest without a FAILED proof stay, also among those that nobody read', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const { archives, kept } = settle(input)

        expect(newest(kept, isGood)).toBe(newest(archives, isGood))
        expect(newest(kept, mayBeGood)).toBe(newest(archives, mayBeGood))
        expect(newest(kept, each => each.proved)).toBe(newest(archives, each => each.proved))
        expect(newest(kept, each => mayBeGood(each) && !each.failed)).toBe(
          newest(archives, each => mayBeGood(each) && !each.failed),
        )
      }),
    )
  })

  const isProtected = (each: Known): boolean => each.protectedUntil?.startsWith('2026-12') === true
  const tiers = ['daily', 'weekly', 'monthly', null] as const
  /** Of a tier, what counts or might, newest first. */
  const counting = (archives: readonly Known[], tier: Known['tier']): Known[] =>
    archives
      .filter(each => each.stem === STEM && each.takenAt <= NOW && each.tier === tier && each.goodness !== 'bad')
      .toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime() || (a.path < b.path ? 1 : -1))
  const periodOf = ({ tier, takenAt }: Known): number | string => {
    if (tier === 'monthly') return dayOf(takenAt).slice(0, 7)
    const days = Math.floor(takenAt.getTime() / DAY_MS)
    // The first day of the epoch was a Thursday.
    return tier === 'weekly' ? Math.floor((days + 3) / 7) : days
  }
  const wantedOf = ({ keep }: Input, tier: Known['tier']): number =>
    Number((tier === null ? keep?.all : keep?.[tier]) ?? 99)

  test('FM132 never less stays than the newest N of a tier, which is what the bash tool kept', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const { archives, removed } = settle(input)

        for (const tier of tiers) {
          const newest = counting(archives, tier).slice(0, wantedOf(input, tier))
          expect(newest.filter(each => removed.includes(each))).toEqual([])
        }
      }),
    )
  })

  test('FM132 the newest of each of the newest N periods stays, however many were made in one of them', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const { archives, removed } = settle(input)

        for (const tier of tiers) {
          const countable = counting(archives, tier).filter(each => !isProtected(each))
          const heads = [...Map.groupBy(countable, periodOf).values()].map(([first]) => first)
          const kept = heads.slice(0, wantedOf(input, tier))
          expect(kept.filter(each => each !== undefined && removed.includes(each))).toEqual([])
        }
      }),
    )
  })

  test('FM132 at most 2N − 1 of a tier stay, besides what other rules hold', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const { archives, kept } = settle(input)
        if (input.keep === null) return

        const isUnfailed = (each: Known): boolean => isGood(each) && !each.failed
        const firsts = [isGood, isUnfailed, (each: Known) => each.proved].map(fits => newest(archives, fits))
        for (const tier of tiers.filter(each => (each === null) === (input.strategy === 'daily'))) {
          const others = counting(kept, tier).filter(
            each => !isProtected(each) && each.path !== input.fresh && !firsts.includes(each.takenAt.getTime()),
          )
          expect(others.length).toBeLessThanOrEqual(Math.max(1, 2 * wantedOf(input, tier) - 1))
        }
      }),
    )
  })

  test('FM133 a protected one never goes, and none goes for it', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const { archives, removed } = settle(input)
        const without = settle({ ...input, archives: archives.filter(each => !isProtected(each)) })

        expect(removed.filter(isProtected)).toEqual([])
        expect(without.kept.filter(each => removed.includes(each)).length).toBeLessThanOrEqual(3)
      }),
    )
  })

  test('FM24 a good one goes only when its tier keeps as many good ones as it should', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const { kept, removed } = settle(input)

        for (const each of removed) {
          const newer = kept.filter(
            other => other.tier === each.tier && other.stem === STEM && other.takenAt >= each.takenAt && isGood(other),
          )
          const wanted = each.tier === null ? input.keep?.all : input.keep?.[each.tier]
          expect(newer.filter(other => other.takenAt <= NOW).length).toBeGreaterThanOrEqual(
            wanted ?? Number.POSITIVE_INFINITY,
          )
        }
      }),
    )
  })

  test('deciding again about what was kept removes nothing more', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const first = settle(input)

        expect(settle({ ...input, archives: first.kept }).removed).toEqual([])
      }),
    )
  })

  test('the order in which the archives are given does not matter', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const removed = (archives: readonly Known[]): string[] =>
          settle({ ...input, archives }).removed.map(each => each.path)

        expect(removed(input.archives.toReversed())).toEqual(removed(input.archives))
      }),
    )
  })
})

describe('decideFilteredRemoval', () => {
  function filtered(
    archives: readonly RetentionArchive[],
    matching: readonly number[],
    force = false,
  ): ReturnType<typeof summary> {
    const paths = new Set(matching.map(index => archives[index]?.path))
    return summary(
      decideFilteredRemoval({ archives, matches: each => paths.has(each.path), force, now: NOW, heldBefore: null }),
    )
  }

  test('removes what matches and nothing else', () => {
    expect(filtered([archive(1), archive(2), archive(3)], [1])).toEqual({ removed: ['2-daily'] })
  })

  test('FM26 the last good one goes only by force', () => {
    const archives = [archive(1, 'daily bad'), archive(2), archive(3)]

    expect(filtered(archives, [0, 1, 2])).toEqual({ removed: ['1-daily bad', '3-daily'] })
    expect(filtered(archives, [0, 1, 2], true)).toEqual({ removed: ['1-daily bad', '2-daily', '3-daily'] })
    expect(filtered([archive(1, 'daily bad'), archive(2)], [1])).toEqual({ removed: [] })
  })

  test('FM30 one that is dated in the future does not stand in for a last good one', () => {
    expect(filtered([archive(-9), archive(2)], [1])).toEqual({ removed: [] })
  })

  test('FM163 the last good one is the one that a restore would take, and not one dated in the future', () => {
    expect(filtered([archive(-9), archive(2), archive(3)], [0, 1, 2])).toEqual({ removed: ['-9-daily', '3-daily'] })
    expect(filtered([archive(-9), archive(2, 'daily unknown')], [0, 1])).toEqual({ readFirst: ['2-daily unknown'] })
    expect(filtered([archive(-9), archive(2, 'daily bad')], [0, 1])).toEqual({ removed: ['2-daily bad'] })
    expect(filtered([archive(-9), archive(-8)], [0, 1])).toEqual({ removed: ['-8-daily'] })
  })

  test('FM163 one whose proof FAILED stands in for no other, and is the last one where there is no other', () => {
    expect(filtered([archive(1, 'daily failed'), archive(2)], [1])).toEqual({ removed: [] })
    expect(filtered([archive(1, 'daily failed'), archive(2), archive(3)], [0, 1, 2])).toEqual({
      removed: ['1-daily failed', '3-daily'],
    })
    expect(filtered([archive(1, 'daily failed'), archive(2, 'daily failed')], [0, 1])).toEqual({
      removed: ['2-daily failed'],
    })
  })

  test('FM26 the newest proved one goes only by force, as by the counts', () => {
    const archives = [archive(1), archive(2, 'daily proved'), archive(3, 'daily proved')]

    expect(filtered(archives, [1, 2])).toEqual({ removed: ['3-daily proved'] })
    expect(filtered(archives, [1, 2], true)).toEqual({ removed: ['2-daily proved', '3-daily proved'] })
    const [held] = (result => (result.kind === 'decided' ? result.decisions : []))(
      decideFilteredRemoval({ archives, matches: ({ proved }) => proved, force: false, now: NOW, heldBefore: null }),
    )
    expect(held?.reason).toBe('the newest proved backup of its database: only --force removes it')
  })

  test('FM133 a protected one goes only by force, and is as good as any other that stays', () => {
    const archives = [archive(1, 'daily protected'), archive(2), archive(3, 'daily once-protected')]

    expect(filtered(archives, [0, 1, 2])).toEqual({ removed: ['2-daily', '3-daily once-protected'] })
    expect(filtered(archives, [0, 1, 2], true)).toEqual({
      removed: ['1-daily protected', '2-daily', '3-daily once-protected'],
    })
    const [held] = (result => (result.kind === 'decided' ? result.decisions : []))(
      decideFilteredRemoval({ archives, matches: () => true, force: false, now: NOW, heldBefore: null }),
    )
    expect(held?.reason).toBe('protected until 2026-12-20: only --force removes it')
  })

  test('FM24 archives are read only until a good one is found that stays', () => {
    const unread = archive(2, 'daily unknown')

    expect(filtered([archive(1), unread, archive(3)], [0, 2])).toEqual({ readFirst: ['2-daily unknown'] })
    expect(filtered([archive(1), unread, archive(3)], [0, 1])).toEqual({ removed: ['1-daily', '2-daily unknown'] })
    expect(filtered([unread], [0])).toEqual({ readFirst: ['2-daily unknown'] })
    expect(filtered([unread], [0], true)).toEqual({ removed: ['2-daily unknown'] })
  })
})
