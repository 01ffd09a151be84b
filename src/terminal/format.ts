import { localTime } from '../system/time-zone.ts'

const SIZE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A size in powers of 1000, with three digits at most where that says enough: `999 B`, `1.2 MB`, `266 MB`. */
export function formatBytes(bytes: number): string {
  let unit = 0
  let value = bytes
  // 999.5 would be rounded to 1000 of a unit.
  while (value >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const text = unit > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)
  return `${text} ${SIZE_UNITS[unit]}`
}

/** How long something took: `0.4 s`, `42 s`, `3 min 05 s`, `2 h 07 min`, `1 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < 9.95 * SECOND) return `${(ms / SECOND).toFixed(1)} s`
  const seconds = Math.round(ms / SECOND)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`
  const hours = Math.floor(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** How long ago something was, in the largest unit that fits: `12 s`, `5 min`, `7 h`, `3 d`. Never negative. */
export function formatAge(ms: number): string {
  const age = Math.max(0, ms)
  if (age < MINUTE) return `${Math.floor(age / SECOND)} s`
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`
  return age < 2 * DAY ? `${Math.floor(age / HOUR)} h` : `${Math.floor(age / DAY)} d`
}

/** A share as a percentage without decimals: `24 %`. */
export function formatPercentage(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

/** How much `now` differs from `before`, with its sign: `+1.2 %`, `-30 %`; an empty text if there is nothing to compare with. */
export function formatChange(now: number, before: number | null): string {
  if (before === null || before === 0) return ''
  const percent = (now / before - 1) * 100
  const text = Math.abs(percent) < 9.95 ? percent.toFixed(1) : percent.toFixed(0)
  const unsigned = text.replace(/^-(?=0(\.0)?$)/, '')
  return `${percent > 0 ? '+' : ''}${unsigned} %`
}

const offsets = new Map<string, number>()

/** A point in time as a clock in `zone` shows it: `2026-11-20 01:00:09`. */
export function formatLocalTime(instant: Date, zone: string): string {
  const shown = new Date(instant.getTime() + offsetAt(instant, zone))
  return shown.toISOString().slice(0, 19).replace('T', ' ')
}

/**
 * The distance to UTC in milliseconds. Clocks are only ever set on a quarter of an hour, so that one look-up, which is
 * slow, serves a quarter: a listing shows thousands of backups that were taken at the same times of day.
 */
function offsetAt(instant: Date, zone: string): number {
  const quarter = Math.floor(instant.getTime() / (15 * MINUTE))
  const key = `${quarter} ${zone}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const start = quarter * 15 * MINUTE
  const time = localTime(new Date(start), zone)
  const offset = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second) - start
  offsets.set(key, offset)
  return offset
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
