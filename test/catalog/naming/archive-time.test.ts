import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameTimeResolver } from '../../../src/catalog/naming/archive-time.ts'
import { archiveName, parseArchiveName } from '../../../src/catalog/naming/names.ts'
import { localTime } from '../../../src/system/time-zone.ts'

function resolve(zone: string, date: string, time: string): string {
  return nameTimeResolver(zone)({ date, time }).toISOString()
}

test('the time in a name is local to the zone', () => {
  expect(resolve('America/Vancouver', '2026-07-01', '01-00-00')).toBe('2026-07-01T08:00:00.000Z')
  expect(resolve('America/Vancouver', '2026-01-15', '01-00-00')).toBe('2026-01-15T09:00:00.000Z')
  expect(resolve('Asia/Kolkata', '2026-01-15', '01-00-00')).toBe('2026-01-14T19:30:00.000Z')
})

test('FM29 of a time that the clocks show twice it is the first', () => {
  expect(resolve('America/Toronto', '2026-11-01', '01-30-00')).toBe('2026-11-01T05:30:00.000Z')
  expect(resolve('America/Toronto', '2026-11-01', '02-00-00')).toBe('2026-11-01T07:00:00.000Z')
})

test('FM29 a time that the clocks skip is counted on from the time before', () => {
  expect(resolve('America/Toronto', '2026-03-08', '02-30-00')).toBe('2026-03-08T07:30:00.000Z')
  expect(resolve('America/Toronto', '2026-03-08', '01-59-59')).toBe('2026-03-08T06:59:59.000Z')
  expect(resolve('America/Toronto', '2026-03-08', '03-00-00')).toBe('2026-03-08T07:00:00.000Z')
})

test('FM28 every instant comes back from its name, but for the hour that repeats', () => {
  const instants = fc.date({ min: new Date('2000-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
  const zones = fc.constantFrom('America/Vancouver', 'America/St_Johns', 'Europe/Berlin', 'Australia/Lord_Howe', 'UTC')
  fc.assert(
    fc.property(instants, zones, (instant, zone) => {
      const whole = Math.floor(instant.getTime() / 1000) * 1000
      const name = parseArchiveName(archiveName('db-app', localTime(instant, zone)))

      const back = name === null ? Number.NaN : nameTimeResolver(zone)(name).getTime()

      expect([0, 30 * 60_000, 60 * 60_000]).toContain(whole - back)
      expect({ ...localTime(new Date(back), zone), offset: '' }).toEqual({ ...localTime(instant, zone), offset: '' })
    }),
    { numRuns: 300 },
  )
})
