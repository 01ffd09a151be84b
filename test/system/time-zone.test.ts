import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isoWithOffset, localTime } from '../../src/system/time-zone.ts'

describe('local times', () => {
  test.each([
    ['before clocks go forward', '2026-03-08T06:59:59Z', '2026-03-08T01:59:59-05:00'],
    ['when clocks go forward', '2026-03-08T07:00:00Z', '2026-03-08T03:00:00-04:00'],
    ['in the hour that comes twice, first', '2026-11-01T05:30:00Z', '2026-11-01T01:30:00-04:00'],
    ['in the hour that comes twice, second', '2026-11-01T06:30:00Z', '2026-11-01T01:30:00-05:00'],
  ])('FM29 %s', (_, instant, local) => {
    expect(isoWithOffset(new Date(instant), 'America/Toronto')).toBe(local)
  })

  test.each([
    ['2026-02-01T08:00:00Z', '2026-02-01T00:00:00-08:00'],
    ['2026-03-08T10:00:00Z', '2026-03-08T03:00:00-07:00'],
    ['2026-11-01T09:00:00Z', '2026-11-01T02:00:00-07:00'],
    ['2026-12-25T07:00:00Z', '2026-12-25T00:00:00-07:00'],
    ['2027-01-15T07:00:00Z', '2027-01-15T00:00:00-07:00'],
    ['2027-07-15T07:00:00Z', '2027-07-15T00:00:00-07:00'],
  ])('FM29 British Columbia stays at -07:00 from November 2026 on: %s', (instant, local) => {
    expect(isoWithOffset(new Date(instant), 'America/Vancouver')).toBe(local)
  })

  test.each([
    ['UTC', '2026-11-20T00:00:00+00:00'],
    ['Europe/London', '2026-11-20T00:00:00+00:00'],
    ['Asia/Kathmandu', '2026-11-20T05:45:00+05:45'],
    ['Pacific/Chatham', '2026-11-20T13:45:00+13:45'],
  ])('midnight in UTC, as a clock in %s shows it', (zone, local) => {
    expect(isoWithOffset(new Date('2026-11-20T00:00:00Z'), zone)).toBe(local)
  })

  test('midnight is hour 0 of the new day', () => {
    expect(localTime(new Date('2026-11-20T08:00:00Z'), 'America/Los_Angeles')).toEqual({
      year: 2026,
      month: 11,
      day: 20,
      hour: 0,
      minute: 0,
      second: 0,
      offset: '-08:00',
    })
  })

  test('an unknown zone is a RangeError', () => {
    expect(() => localTime(new Date(), 'Mars/Olympus')).toThrow(RangeError)
  })

  test('FM29 read back, a written time is the same instant, in any zone', () => {
    const zone = fc.constantFrom('America/Vancouver', 'America/Toronto', 'UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe')
    const instant = fc.date({
      min: new Date('1990-01-01T00:00:00Z'),
      max: new Date('2099-12-31T00:00:00Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(zone, instant, (name, date) => {
        const written = isoWithOffset(date, name)

        expect(Date.parse(written)).toBe(Math.floor(date.getTime() / 1000) * 1000)
      }),
    )
  })
})
