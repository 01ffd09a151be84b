import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type Tier, tierOf } from '../../src/catalog/naming/archive-folder.ts'
import type { RetentionArchive } from '../../src/catalog/retention/kept-group.ts'
import { decideRetention } from '../../src/catalog/retention/retention.ts'
import { readConfiguration } from '../../src/config/configuration.ts'
import { localTime } from '../../src/system/time-zone.ts'

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/reference/retention.md'), 'utf8')
const TODAY = '2026-11-27'
const DAY_MS = 86_400_000

test.each([
  ['nothing set', {}],
  ['a year of months', { DAILY_BACKUPS: '7', WEEKLY_BACKUPS: '4', MONTHLY_BACKUPS: '12' }],
  ['BACKUP_STRATEGY=daily', { BACKUP_STRATEGY: 'daily', NUM_BACKUPS: '10' }],
])('the calendar in docs/reference/retention.md is what is kept with %s', (_, env) => {
  expect(PAGE).toContain(calendarOf(env))
})

/** What of a backup each night since 2025 is still there today, each night's removals made that night; weeks with any. */
function calendarOf(env: Readonly<Record<string, string>>): string {
  let kept: readonly RetentionArchive[] = []
  for (const day of days('2025-01-01', TODAY)) kept = afterNight(kept, day, env)
  const letters = new Map(kept.map(({ day, tier }) => [day, tier?.charAt(0) ?? 'd']))
  const first = kept.map(({ day }) => day).toSorted()[0] ?? TODAY
  const monday = days('2024-12-30', first).findLast(day => weekday(day) === 1) ?? first
  const cells = days(monday, TODAY).map(day => `${day.slice(8)}${letters.get(day) ?? '.'}`)
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => {
    return `${days(monday, TODAY)[week * 7]}   ${cells.slice(week * 7, week * 7 + 7).join('  ')}`
  })
  const used = weeks.filter(week => /\d[dwm]/.test(week))
  return ['week from    Mo   Tu   We   Th   Fr   Sa   Su', ...used].join('\n')
}

function afterNight(
  before: readonly RetentionArchive[],
  day: string,
  env: Readonly<Record<string, string>>,
): readonly RetentionArchive[] {
  const { settings } = readConfiguration({ env, conf: null, workingDir: '/', cpus: 1, readSecretFile: () => '' })
  const now = new Date(`${day}T01:00:00Z`)
  const tier = settings.strategy === 'daily' ? null : tierOf(localTime(now, 'UTC'), settings.keep)
  const archives = [...before, archive(day, tier)]
  const { strategy, keep } = settings
  const result = decideRetention({
    stem: 'db-app',
    archives,
    keep,
    strategy,
    now,
    fresh: `/backups/${day}`,
    heldBefore: null,
  })
  if (result.kind === 'unknown') throw new Error('every archive here is known')
  return result.decisions.filter(({ action }) => action === 'keep').map(each => each.archive)
}

function archive(day: string, tier: Tier | null): RetentionArchive {
  return {
    ...{ path: `/backups/${day}`, stem: 'db-app', tier, day, takenAt: new Date(`${day}T01:00:00Z`) },
    ...{ goodness: 'good', proved: true, failed: false, protectedUntil: null },
  }
}

function days(first: string, last: string): readonly string[] {
  const count = (Date.parse(last) - Date.parse(first)) / DAY_MS + 1
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.parse(first) + index * DAY_MS).toISOString().slice(0, 10),
  )
}

function weekday(day: string): number {
  return new Date(day).getUTCDay()
}
