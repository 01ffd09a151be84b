import { expect, test } from 'vitest'
import {
  formatAge,
  formatBytes,
  formatChange,
  formatDuration,
  formatLocalTime,
  formatPercentage,
} from '../../src/terminal/format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9_949, '9.9 kB'],
  [9_950, '10 kB'],
  [266_000_000, '266 MB'],
  [999_499_999, '999 MB'],
  [999_500_000, '1.0 GB'],
  [12_345_678_901_234, '12 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test.each([
  [400, '0.4 s'],
  [9_960, '10 s'],
  [59_600, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [7_620_000, '2 h 07 min'],
  [86_399_000, '23 h 59 min'],
  [97_200_000, '1 d 3 h'],
])('%i ms last %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test.each([
  [-5_000, '0 s'],
  [12_900, '12 s'],
  [59 * 60_000, '59 min'],
  [47 * 3_600_000, '47 h'],
  [72 * 3_600_000, '3 d'],
])('%i ms ago is %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text)
})

test('shares and changes are percentages', () => {
  expect(formatPercentage(0.244)).toBe('24 %')
  expect(formatChange(101.2, 100)).toBe('+1.2 %')
  expect(formatChange(70, 100)).toBe('-30 %')
  expect(formatChange(100, 100)).toBe('0.0 %')
  expect(formatChange(99.999, 100)).toBe('0.0 %')
  expect(formatChange(100, null)).toBe('')
  expect(formatChange(100, 0)).toBe('')
})

test('a point in time is shown as clocks in the zone show it', () => {
  expect(formatLocalTime(new Date('2026-11-20T08:00:09Z'), 'America/Vancouver')).toBe('2026-11-20 01:00:09')
})
