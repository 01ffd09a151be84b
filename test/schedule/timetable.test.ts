import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBackupConf } from '../../src/config/backup-conf.ts'
import { checkSchedules, longestInterval } from '../../src/schedule/crontab.ts'
import { type ScheduledRun, scheduledRuns } from '../../src/schedule/scheduled-run.ts'
import { lookAtTimetable, nextDue, startTimetable, type Timetable } from '../../src/schedule/timetable.ts'

const NOW = new Date('2026-11-20T00:00:00Z')
const HOUR = 3_600_000

function runsOf(text: string, timeZone = 'UTC'): readonly ScheduledRun[] {
  const { cronLines } = readBackupConf({ path: 'backup.conf', text })
  return scheduledRuns({ cronLines, timeZone, backupPeriodMs: 24 * HOUR }, NOW)
}

function startedAt(now: Date, text: string, timeZone = 'UTC'): Timetable {
  return startTimetable(runsOf(text, timeZone), { now, lastStart: () => null })
}

/** The first slots of a schedule, each looked at exactly when it is due. */
function slots(text: string, given: { from: string; timeZone: string; count: number }): readonly string[] {
  let before = new Date(given.from)
  let timetable = startedAt(before, text, given.timeZone)
  return Array.from({ length: given.count }, () => {
    const now = nextDue(timetable) ?? before
    timetable = lookAtTimetable(timetable, { now, before }).timetable
    before = now
    return now.toISOString().replace('.000Z', 'Z')
  })
}

describe('a timetable', () => {
  test('FM29 knows the last day of every month', () => {
    const given = { from: '2026-02-01T12:00:00Z', timeZone: 'America/Vancouver', count: 4 }

    expect(slots('0 1 L * * default backup -s', given)).toEqual([
      '2026-02-28T09:00:00Z',
      '2026-03-31T08:00:00Z',
      '2026-04-30T08:00:00Z',
      '2026-05-31T08:00:00Z',
    ])
  })

  test('FM35 has no entry for 31 February, which is a problem', () => {
    const { cronLines } = readBackupConf({ path: 'backup.conf', text: '0 1 31 2 * default backup -s' })

    const { runs, problems } = checkSchedules(cronLines, { now: NOW, timeZone: 'UTC' })

    expect(runs).toEqual([])
    expect(problems).toMatchObject([{ severity: 'problem', place: 'backup.conf:1' }])
  })

  test('FM41 counts @every from its last run, which a restart does not change', () => {
    const runs = runsOf('@every 24h default backup -s')
    const lastStart = (): Date => new Date(NOW.getTime() - 23 * HOUR)

    const timetable = startTimetable(runs, { now: NOW, lastStart })

    expect(nextDue(timetable)).toEqual(new Date(NOW.getTime() + HOUR))
  })

  test('FM41 has @every due at once when its last run is too long ago', () => {
    const lastStart = (): Date => new Date(NOW.getTime() - 30 * HOUR)

    const timetable = startTimetable(runsOf('@every 24h default backup -s'), { now: NOW, lastStart })

    expect(lookAtTimetable(timetable, { now: NOW, before: NOW }).due).toHaveLength(1)
  })

  test('FM30 does not take a last run in the future for one', () => {
    const lastStart = (): Date => new Date(NOW.getTime() + 1000 * HOUR)

    const timetable = startTimetable(runsOf('@every 24h default backup -s'), { now: NOW, lastStart })

    expect(nextDue(timetable)).toEqual(new Date(NOW.getTime() + 24 * HOUR))
  })

  test('however the clock goes, a run comes at most once at a look, and the next is in the future and no further than its slot', () => {
    const text = '*/15 * * * * default backup -s\n0 1 * * * default backup -ps\n@every 40m default backup -1'
    const steps = fc.array(fc.integer({ min: -3 * HOUR, max: 8 * HOUR }), { maxLength: 30 })

    fc.assert(
      fc.property(steps, changes => {
        let before = NOW
        let timetable = startedAt(NOW, text)
        for (const change of changes) {
          const now = new Date(before.getTime() + change)
          const look = lookAtTimetable(timetable, { now, before })
          timetable = look.timetable
          before = now
          expect(look.due.length).toBeLessThanOrEqual(3)
          for (const { dueAt, run } of timetable) {
            expect(dueAt.getTime()).toBeGreaterThan(now.getTime())
            const most = { '*/15 * * * *': 0.5, '@every 40m': 0.7, '0 1 * * *': 48 }[run.schedule] ?? 0
            expect(dueAt.getTime() - now.getTime()).toBeLessThanOrEqual(most * HOUR)
          }
        }
      }),
    )
  })
})

describe('the interval that is expected', () => {
  test.each([
    ['0 1 * * *', 24],
    ['0 */6 * * *', 6],
    ['0 1 * * 1-5', 72],
    ['@every 90m', 1.5],
    ['@weekly', 168],
  ])('of %s is %d hours', (schedule, hours) => {
    expect(longestInterval(schedule, { now: NOW, timeZone: 'UTC' })).toBe(hours * HOUR)
  })
})

describe('what is run', () => {
  test('without any schedule is a backup every BACKUP_PERIOD', () => {
    expect(scheduledRuns({ cronLines: [], timeZone: 'UTC', backupPeriodMs: 12 * HOUR }, NOW)).toMatchObject([
      { schedule: '@every 43200s', command: { mode: 'backup', waitForLocks: true } },
    ])
  })

  test('FM88 is every good line; with only bad ones it is nothing, and not the legacy mode', () => {
    expect(runsOf('0 1 * * * default backup -s\n0 1 31 2 * default backup -s')).toHaveLength(1)
    expect(runsOf('0 1 31 2 * default backup -s')).toEqual([])
  })

  test('runs in the zone of the TZ line above it', () => {
    const runs = runsOf('TZ=Asia/Tokyo\n0 1 * * * default backup -s', 'America/Vancouver')

    expect(runs).toMatchObject([{ timeZone: 'Asia/Tokyo' }])
  })
})
