/** An age in the units of a calendar: `30d`, `4w`, `12m`, `3y`. */
export interface Age {
  readonly count: number
  readonly unit: keyof typeof MOST
}

/** A century of each: what is longer is a slip of the finger, and some of it no date. */
const MOST = { d: 36_500, w: 5_200, m: 1_200, y: 100 }

/** Reads an age of at least one day and at most a century; null for everything else. */
export function parseAge(text: string): Age | null {
  const [, digits = '', unit = ''] = /^(\d{1,5})([dwmy])$/.exec(text) ?? []
  if (!isUnit(unit)) return null
  const count = Number(digits)
  return count >= 1 && count <= MOST[unit] ? { count, unit } : null
}

/** The instant that lies so much after `start`: a month or year later on the same day, or on the month's last one. */
export function later(start: Date, { count, unit }: Age): Date {
  switch (unit) {
    case 'd':
      return daysLater(start, count)
    case 'w':
      return daysLater(start, count * 7)
    case 'm':
      return monthsLater(start, count)
    case 'y':
      return monthsLater(start, count * 12)
  }
}

function isUnit(text: string): text is Age['unit'] {
  return text in MOST
}

function daysLater(start: Date, days: number): Date {
  return new Date(start.getTime() + days * 86_400_000)
}

function monthsLater(start: Date, months: number): Date {
  const date = new Date(start)
  date.setUTCMonth(date.getUTCMonth() + months)
  // The 31st of a month that has none is a day of the next one.
  if (date.getUTCDate() !== start.getUTCDate()) date.setUTCDate(0)
  return date
}
