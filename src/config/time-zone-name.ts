import type { Problem } from './problem.ts'

/** True when Node's tz data knows the zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** What a person should know about a zone that works but is rarely meant; null for any other. */
export function zoneWarning(place: string, zone: string): Problem | null {
  if (zone.toUpperCase() !== 'PST8PDT') return null
  return {
    severity: 'warning',
    place,
    text: 'PST8PDT follows the clock rules of the United States; expected the name of a place',
    hint: 'British Columbia stays on UTC-7 since November 2026: America/Vancouver',
  }
}
