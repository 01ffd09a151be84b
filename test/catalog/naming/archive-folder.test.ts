import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { folderOf, tierOf } from '../../../src/catalog/naming/archive-folder.ts'
import type { KeepRules } from '../../../src/config/keep-rule.ts'
import { type LocalTime, localTime } from '../../../src/system/time-zone.ts'

const KEEP: KeepRules = { daily: 6, weekly: 4, monthly: 1, yearly: 0, all: 31 }

function day(text: string): LocalTime {
  return localTime(new Date(`${text}T12:00:00Z`), 'UTC')
}

describe('tierOf', () => {
  test.each([
    ['2026-11-20', 'a Friday', 'daily'],
    ['2026-11-22', 'a Sunday', 'weekly'],
    ['2026-11-30', 'the last of November', 'monthly'],
    ['2026-02-28', 'the last of February', 'monthly'],
    ['2028-02-28', 'not the last of February in a leap year', 'daily'],
    ['2028-02-29', 'the last of February in a leap year', 'monthly'],
    ['2100-02-28', 'the last of February in a year that is no leap year', 'monthly'],
    ['2027-01-31', 'a Sunday and the last of January', 'monthly'],
    ['2026-12-31', 'the last of the year', 'monthly'],
  ])('%s, %s, is %s', (date, _, tier) => {
    expect(tierOf(day(date), KEEP)).toBe(tier)
  })

  test('FM27 a tier that keeps nothing falls to the next lower one that keeps something', () => {
    const sundayAndLast = day('2027-01-31')

    expect(tierOf(sundayAndLast, { ...KEEP, monthly: 0 })).toBe('weekly')
    expect(tierOf(sundayAndLast, { ...KEEP, monthly: 0, weekly: 0 })).toBe('daily')
    expect(tierOf(sundayAndLast, { ...KEEP, monthly: 0, daily: 0 })).toBe('weekly')
    expect(tierOf(sundayAndLast, { daily: 0, weekly: 0, monthly: 0, yearly: 0, all: 0 })).toBe('daily')
    expect(tierOf(day('2026-11-20'), { ...KEEP, daily: 0 })).toBe('daily')
  })

  test('FM245 the last day of a year is yearly for those who ask for it', () => {
    expect(tierOf(day('2026-12-31'), { ...KEEP, yearly: 1 })).toBe('yearly')
    expect(tierOf(day('2026-12-31'), { ...KEEP, yearly: { count: 3, unit: 'y' } })).toBe('yearly')
    expect(tierOf(day('2026-12-31'), { ...KEEP, yearly: 'all', monthly: 0 })).toBe('yearly')
    expect(tierOf(day('2026-12-30'), { ...KEEP, yearly: 1 })).toBe('daily')
    expect(tierOf(day('2026-12-31'), null)).toBe('monthly')
  })

  test('FM27 with unreadable counts every tier is taken to keep something', () => {
    expect(tierOf(day('2026-11-22'), null)).toBe('weekly')
  })

  test('FM29 the last day of a month is the one after which the month changes, in every year', () => {
    const days = fc.integer({ min: 0, max: 100_000 }).map(count => new Date(Date.UTC(1990, 0, 1 + count)))
    fc.assert(
      fc.property(days, date => {
        const next = new Date(date.getTime() + 86_400_000)

        const tier = tierOf(localTime(date, 'UTC'), KEEP)

        expect(tier === 'monthly').toBe(next.getUTCMonth() !== date.getUTCMonth())
        expect(tier === 'weekly').toBe(date.getUTCDay() === 0 && tier !== 'monthly')
      }),
    )
  })
})

test('the folder is dated, below its tier under the rolling strategy', () => {
  expect(folderOf('daily', day('2026-11-05'))).toBe('daily/2026-11-05')
  expect(folderOf(null, day('2026-11-05'))).toBe('2026-11-05')
})
