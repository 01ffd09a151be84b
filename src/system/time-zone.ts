/** A wall-clock time in some zone. `month` and `day` count from 1; `offset` is the distance to UTC, such as `-07:00`. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly offset: string
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** The time that a clock in `zone` (an IANA name) shows at `instant`, by Node's own tz data. Throws a RangeError for an unknown zone. */
export function localTime(instant: Date, zone: string): LocalTime {
  const parts = new Map(
    formatterFor(zone)
      .formatToParts(instant)
      .map(part => [part.type, part.value]),
  )
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  return {
    year: number('year'),
    month: number('month'),
    day: number('day'),
    hour: number('hour'),
    minute: number('minute'),
    second: number('second'),
    offset: offsetOf(parts.get('timeZoneName') ?? 'GMT'),
  }
}

/** ISO 8601 with seconds and offset, such as `2026-11-20T01:00:09-07:00`. */
export function isoWithOffset(instant: Date, zone: string): string {
  const time = localTime(instant, zone)
  const pad = (value: number): string => String(value).padStart(2, '0')
  const date = `${String(time.year).padStart(4, '0')}-${pad(time.month)}-${pad(time.day)}`
  return `${date}T${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}${time.offset}`
}

function formatterFor(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  // Making a formatter costs a hundred times as much as using one.
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  })
  formatters.set(zone, made)
  return made
}

/** `GMT-07:00` and plain `GMT` as ISO 8601 writes them. */
function offsetOf(name: string): string {
  const offset = name.replace('GMT', '')
  return offset === '' ? '+00:00' : offset
}
