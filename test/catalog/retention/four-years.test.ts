import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { KeepRules } from '../../../src/config/keep-rule.ts'
import { type AfterRun, fourYears, type Years } from '../../support/retention-years.ts'

const DAY_MS = 86_400_000
const NONE = { daily: 0, weekly: 0, monthly: 0, yearly: 0, all: 31 } as const
const days = (count: number) => ({ count, unit: 'd' }) as const

const POLICIES: Readonly<Record<string, KeepRules>> = {
  '`7`, `4`, `12`, `3`': { ...NONE, daily: 7, weekly: 4, monthly: 12, yearly: 3 },
  '`7d`, `28d`, `0`, `0`': { ...NONE, daily: days(7), weekly: days(28) },
  '`7d`, `4w`, `12m`, `all`': {
    ...{ ...NONE, daily: days(7), weekly: { count: 4, unit: 'w' } },
    ...{ monthly: { count: 12, unit: 'm' }, yearly: 'all' },
  },
}
const NAMES = Object.keys(POLICIES)
const RUNS = [1, 6, 24] as const

interface Held {
  readonly most: number
  readonly last: AfterRun
  readonly fewestAfterOutage: number
}

const held = new Map<string, Held>()

/** Each four years once. */
function heldBy(name: string, runsADay: Years['runsADay']): Held {
  const known = held.get(`${name} ${runsADay}`)
  if (known !== undefined) return known
  let most = 0
  let fewestAfterOutage = Number.POSITIVE_INFINITY
  let last: AfterRun | undefined
  for (const after of fourYears({ keep: rulesOf(name), runsADay })) {
    most = Math.max(most, after.kept.length)
    if (after.isFirstAfterOutage) fewestAfterOutage = Math.min(fewestAfterOutage, after.kept.length)
    last = after
  }
  if (last === undefined) throw new Error('nothing ran')
  const found = { most, last, fewestAfterOutage }
  held.set(`${name} ${runsADay}`, found)
  return found
}

function rulesOf(name: string): KeepRules {
  const rules = POLICIES[name]
  if (rules === undefined) throw new Error(name)
  return rules
}

describe.each(NAMES)('over four years, daily, weekly, monthly, yearly %s', name => {
  test.each(RUNS)('FM246 with %d runs a day, these are left', async runsADay => {
    const { kept } = heldBy(name, runsADay).last

    const file = `golden/${NAMES.indexOf(name) + 1}-policy-${runsADay}-runs.txt`
    await expect(`${kept.map(({ path }) => path.replace(/-\d+$/, '')).join('\n')}\n`).toMatchFileSnapshot(file)
  })

  test.each(RUNS)(
    'FM247 with %d runs a day, the first run after an outage leaves three good ones or more',
    runsADay => {
      expect(heldBy(name, runsADay).fewestAfterOutage).toBeGreaterThanOrEqual(3)
    },
  )

  test('FM246 the most that it holds stands in the how-to', () => {
    const most = RUNS.map(runsADay => heldBy(name, runsADay).most)

    const page = readFileSync('docs/how-to/retention.md', 'utf8')
    expect(page).toContain(`| ${name} | ${most.join(' | ')} |`)
  })

  test('FM248 clocks that jump, and pods in other zones: some of the past are left at any time, and three in all', () => {
    const jumps: Readonly<Record<number, number>> = {
      600: 30 * DAY_MS,
      601: 30 * DAY_MS,
      1000: -3 * 3_600_000,
      1200: 400 * DAY_MS,
    }
    const zones = ['America/Vancouver', 'Asia/Tokyo', 'UTC']
    const fewest = { past: Number.POSITIVE_INFINITY, all: Number.POSITIVE_INFINITY }
    let runs = 0
    for (const after of fourYears({ keep: rulesOf(name), runsADay: 6, zones, clockAheadMs: day => jumps[day] ?? 0 })) {
      runs += 1
      const past = after.kept.filter(({ takenAt }) => takenAt <= after.now)
      expect(after.kept).toContain(after.fresh)
      if (runs <= 100) continue
      fewest.past = Math.min(fewest.past, past.length)
      fewest.all = Math.min(fewest.all, after.kept.length)
    }

    expect(fewest.past).toBeGreaterThanOrEqual(1)
    expect(fewest.all).toBeGreaterThanOrEqual(3)
  })

  test('FM248 one day of a clock that is a year ahead leaves one from before it beside its own', () => {
    const ahead = { clockAheadMs: (day: number) => (day === 60 ? 400 * DAY_MS : 0) }
    for (const { day, kept } of fourYears({ keep: rulesOf(name), runsADay: 24, ...ahead })) {
      if (day !== 61) continue
      const before = kept.filter(({ path }) => Number(path.split('-').at(-1)) < 60 * 24)
      expect(before.length).toBeGreaterThanOrEqual(1)
      expect(kept.length - before.length).toBeGreaterThanOrEqual(3)
      break
    }
  })
})

test('FM246 a day of 23 or 25 hours changes nothing: one a day by age leaves as many as days', () => {
  const counts = new Set<number>()
  for (const { day, kept } of fourYears({ keep: { ...NONE, daily: days(7) }, runsADay: 1 })) {
    if (day > 10 && day < 390) counts.add(kept.length)
  }
  expect([...counts]).toEqual([7])
})
