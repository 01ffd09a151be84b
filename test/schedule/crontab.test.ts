import { describe, expect, test } from 'vitest'
import { readBackupConf } from '../../src/config/backup-conf.ts'
import { checkSchedules, nextRun } from '../../src/schedule/crontab.ts'

const NOW = new Date('2026-11-20T00:00:00Z')

function nextIso(schedule: string, timeZone = 'UTC', now = NOW): string {
  const next = nextRun(schedule, { now, timeZone })
  return 'at' in next ? next.at.toISOString() : next.fault
}

describe('the next run', () => {
  test.each([
    ['0 1 * * *', '2026-11-20T01:00:00.000Z'],
    ['0/5 * * * *', '2026-11-20T00:05:00.000Z'],
    ['*/20 2-3 * * 1-5', '2026-11-20T02:00:00.000Z'],
    ['0 0 1 * sun', '2026-11-22T00:00:00.000Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
    ['@hourly', '2026-11-20T01:00:00.000Z'],
    ['@daily', '2026-11-21T00:00:00.000Z'],
    ['@midnight', '2026-11-21T00:00:00.000Z'],
    ['@weekly', '2026-11-22T00:00:00.000Z'],
    ['@monthly', '2026-12-01T00:00:00.000Z'],
    ['@yearly', '2027-01-01T00:00:00.000Z'],
    ['@every 90s', '2026-11-20T00:01:30.000Z'],
    ['@every 1h30m', '2026-11-20T01:30:00.000Z'],
    ['@every 30d', '2026-12-20T00:00:00.000Z'],
  ])('of %s is %s', (schedule, expected) => {
    expect(nextIso(schedule)).toBe(expected)
  })

  test('is computed in the zone: British Columbia stays on UTC-7 in winter', () => {
    expect(nextIso('0 1 * * *', 'America/Vancouver')).toBe('2026-11-20T08:00:00.000Z')
    expect(nextIso('0 1 * * *', 'America/Los_Angeles')).toBe('2026-11-20T09:00:00.000Z')
  })

  test('FM29 of a local time that clocks skip comes right after it', () => {
    const now = new Date('2027-03-28T00:00:00Z')

    expect(nextIso('30 2 * * *', 'Europe/Berlin', now)).toBe('2027-03-28T01:00:00.000Z')
  })

  test('FM29 of a local time that clocks repeat comes once', () => {
    const first = nextRun('30 2 * * *', { now: new Date('2026-10-24T22:00:00Z'), timeZone: 'Europe/Berlin' })

    const at = 'at' in first ? first.at : NOW
    expect(at.toISOString()).toBe('2026-10-25T00:30:00.000Z')
    expect(nextIso('30 2 * * *', 'Europe/Berlin', at)).toBe('2026-10-26T01:30:00.000Z')
    expect(nextIso('30 2,14 * * *', 'Europe/Berlin', at)).toBe('2026-10-25T13:30:00.000Z')
  })

  test.each([
    '0 0 31 2 *',
    '61 * * * *',
    '5-1 * * * *',
    'a b c d e',
    '* * * *',
    '0 0 1 1 * 2027',
    '@reboot',
    '@fortnightly',
    '@every 2w',
    '@every 0s',
    '@every 0',
    '@every',
    '@every 999999999d999999999d',
  ])('FM35 of %s does not exist, and that is said', schedule => {
    expect(nextRun(schedule, { now: NOW, timeZone: 'UTC' })).toHaveProperty('fault')
  })
})

test('FM88 a bad schedule leaves the others as they are', () => {
  const text = [
    '0 1 * * * default backup -s',
    '0 0 31 2 * default backup -1',
    'TZ=Asia/Tokyo',
    '@daily default ./cleanup.sh',
    '@daily default backup -1',
  ].join('\n')
  const { cronLines } = readBackupConf({ path: 'backup.conf', text })

  const { runs, problems } = checkSchedules(cronLines, { now: NOW, timeZone: 'UTC' })

  expect(runs.map(run => [run.line.line, run.timeZone, run.next.toISOString()])).toEqual([
    [1, 'UTC', '2026-11-20T01:00:00.000Z'],
    [5, 'Asia/Tokyo', '2026-11-20T15:00:00.000Z'],
  ])
  expect(problems.map(problem => `${problem.severity} ${problem.place}`)).toEqual([
    'problem backup.conf:2',
    'problem backup.conf:4',
  ])
})
