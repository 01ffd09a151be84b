import { describe, expect, test } from 'vitest'
import {
  type AlarmLimits,
  alarmOf,
  type HeldContent,
  isNewAlarm,
  lossesBetween,
} from '../../../src/commands/alarm/compare-content.ts'
import type { ContentAlarm } from '../../../src/events.ts'

type Row = readonly [
  rows: number,
  more?: { readonly digest?: string; readonly root?: string; readonly columns?: string[] },
]

const LIMITS: AlarmLimits = { rows: 0.33, size: 0.33, except: new Set() }

function content(tables: Readonly<Record<string, number | Row>>, rawBytes = 10_000_000): HeldContent {
  return {
    archive: 'a.sql.gz',
    rawBytes,
    tables: Object.entries(tables).map(([name, what]) => {
      const [rows, { digest = `${name} ${rows}`, root = null, columns = ['id'] } = {}] =
        typeof what === 'number' ? ([what] as Row) : what
      return { name, columns, rows, digest, root }
    }),
  }
}

/** One word for each finding. */
function losses(before: HeldContent, now: HeldContent, limits: Partial<AlarmLimits> = {}): readonly string[] {
  return lossesBetween(before, now, { ...LIMITS, ...limits }).map(({ kind, table, before: had, now: has }) =>
    [kind, ...(table === null ? [] : [table]), had, has].join(' '),
  )
}

describe('FM210 what an archive lacks', () => {
  test.each([
    ['nothing', { a: 5, b: 2000 }, { a: 5, b: 2000 }, []],
    ['a table that is gone', { a: 5, b: 9 }, { b: 9 }, ['gone a 5 0']],
    ['a table that was emptied, however small', { a: 1, b: 9 }, { a: 0, b: 9 }, ['emptied a 1 0']],
    ['an empty table that is gone is no loss', { a: 0, b: 9 }, { b: 9 }, []],
    ['less than half of a thousand rows or more', { a: 1000, b: 9000 }, { a: 499, b: 9000 }, ['shrank a 1000 499']],
    ['half of them is kept', { a: 1000, b: 9000 }, { a: 500, b: 9000 }, []],
    ['few rows may come and go', { a: 999, b: 9000 }, { a: 1, b: 9000 }, []],
    ['a third of all rows', { a: 1500, b: 1500 }, { a: 1005, b: 1005 }, ['rows 3000 2010']],
    ['less than a third of all rows', { a: 1500, b: 1500 }, { a: 1006, b: 1006 }, []],
    ['the largest loss first', { a: 3, b: 9, c: 9000 }, { c: 9000 }, ['gone b 9 0', 'gone a 3 0']],
  ])('%s', (_, before, now, expected) => {
    expect(losses(content(before), content(now))).toEqual(expected)
  })

  test('by the size of the dump, and by none of the two where that is asked for', () => {
    const [before, now] = [content({ a: 5000 }, 3_000_000), content({ a: 2600 }, 1_000_000)]

    expect(losses(before, now)).toEqual(['rows 5000 2600', 'size 3000000 1000000'])
    expect(losses(before, now, { rows: null, size: null })).toEqual([])
    expect(losses(content({ a: 5 }, 900_000), content({ a: 5 }, 1))).toEqual([])
  })

  test('a table that may lose what it holds counts nowhere', () => {
    const [before, now] = [content({ queue: 5000, a: 1000 }, 3_000_000), content({ queue: 0, a: 1000 }, 1_000_000)]

    expect(losses(before, now, { except: new Set(['queue']) })).toEqual([])
  })
})

describe('FM213 what is no loss', () => {
  test('a table that another name has with the same columns and rows was renamed', () => {
    const same = { digest: 'same' }

    expect(losses(content({ a: [7, same] }), content({ b: [7, same] }))).toEqual([])
    expect(losses(content({ a: [7, same] }), content({ b: 7 }))).toEqual(['gone a 7 0'])
  })

  test('a partition that is dropped is a part of its table, which loses no half by it', () => {
    const part = { root: 'log' }
    const year = Object.fromEntries([1, 2, 3, 4].map(month => [`log_${month}`, [1000, part] as Row]))
    const { log_1: _, ...later } = year

    expect(losses(content(year), content(later))).toEqual([])
    expect(losses(content(year), content({ log_4: [10, part] }))).toEqual(['shrank log 4000 10', 'rows 1000 10'])
    expect(losses(content(year, 9e6), content(later, 1e6))).toEqual([])
    expect(losses(content(year), content({ other: 4000 }))).toEqual(['gone log 4000 0'])
  })

  test('an archive of an earlier version, which names no partitions, loses none by that', () => {
    const before = { log_1: 1000, log_2: 1000, log_3: 1000, a: [5, { columns: ['x'] }] as Row }
    const now = {
      log_2: [1000, { root: 'log' }] as Row,
      log_3: [1000, { root: 'log' }] as Row,
      a: [5, { columns: ['x'] }] as Row,
    }

    expect(losses(content(before), content(now))).toEqual([])
  })
})

describe('an alarm', () => {
  const [loss] = lossesBetween(content({ a: 5 }), content({ b: 9 }), LIMITS)
  const given = { against: 'x.sql.gz', startedAt: '2026-11-20T01:00:00-07:00', id: 'new', standing: null }

  test('goes on under its id as long as something is missing', () => {
    const first = alarmOf(loss === undefined ? [] : [loss], given)
    const next = alarmOf(loss === undefined ? [] : [loss], {
      ...given,
      standing: first,
      id: 'other',
      startedAt: 'later',
    })

    expect(first).toMatchObject({ id: 'new', since: '2026-11-20T01:00:00-07:00', against: 'x.sql.gz', more: 0 })
    expect(next).toEqual(first)
    expect(alarmOf([], { ...given, standing: first })).toBeNull()
  })

  test('is told again only when it says more', () => {
    const alarm = (...tables: string[]): ContentAlarm => {
      const findings = tables.map(table => ({ kind: 'gone', table, before: 5, now: 0 }) as const)
      return { ...given, id: 'new', since: given.startedAt, findings, more: 0 }
    }

    expect(isNewAlarm(alarm('a'), null)).toBe(true)
    expect(isNewAlarm(alarm('a'), alarm('a', 'b'))).toBe(false)
    expect(isNewAlarm(alarm('a', 'c'), alarm('a', 'b'))).toBe(true)
  })

  test('names a hundred losses, and counts the others', () => {
    const many = Array.from(
      { length: 103 },
      (_, index) => ({ kind: 'gone', table: `t${index}`, before: 1, now: 0 }) as const,
    )

    expect(alarmOf(many, given)).toMatchObject({ findings: { length: 100 }, more: 3 })
  })
})
