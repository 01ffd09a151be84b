import { localTime } from '../../system/time-zone.ts'
import type { ArchiveName } from './names.ts'

const DAY_MS = 86_400_000

/**
 * Resolves the local times in archive names in `zone`. Of a time that the clocks show twice it is the first; a time
 * that they skip is counted on from the time before the switch. Days without a switch cost one look-up for all names.
 */
export function nameTimeResolver(zone: string): (name: Pick<ArchiveName, 'date' | 'time'>) => Date {
  const offsets = new Map<string, readonly number[]>()
  return name => {
    const wall = Date.parse(`${name.date}T${name.time.replaceAll('-', ':')}Z`)
    const known = offsets.get(name.date) ?? offsetsAround(Date.parse(`${name.date}T00:00:00Z`), zone)
    offsets.set(name.date, known)
    return resolve(wall, known, zone)
  }
}

/** The distances to UTC, in milliseconds, in force a day before and two days after the UTC midnight of a date. */
function offsetsAround(midnight: number, zone: string): readonly number[] {
  return [...new Set([midnight - DAY_MS, midnight + 2 * DAY_MS].map(instant => offsetAt(instant, zone)))]
}

function resolve(wall: number, offsets: readonly number[], zone: string): Date {
  const [before = 0] = offsets
  if (offsets.length === 1) return new Date(wall - before)
  const fitting = offsets.map(offset => wall - offset).filter(instant => instant + offsetAt(instant, zone) === wall)
  return new Date(fitting.length > 0 ? Math.min(...fitting) : wall - before)
}

function offsetAt(instant: number, zone: string): number {
  const { offset } = localTime(new Date(instant), zone)
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(':').map(Number)
  return (offset.startsWith('-') ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds) * 1000
}
