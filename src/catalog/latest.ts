/** Clocks of two pods may differ by this much before a backup counts as dated in the future. */
const FUTURE_TOLERANCE_MS = 5 * 60_000

/** Whether a backup is dated so far after `now` that a clock was wrong when it was taken. */
export function isFutureDated(entry: { readonly takenAt: Date }, now: Date): boolean {
  return entry.takenAt.getTime() > now.getTime() + FUTURE_TOLERANCE_MS
}

/** The first of a list that is ordered from the newest, passing over those that are dated in the future; null if there is none. */
export function latestOf<Entry extends { readonly takenAt: Date }>(entries: readonly Entry[], now: Date): Entry | null {
  return entries.find(entry => !isFutureDated(entry, now)) ?? null
}

interface Dated {
  readonly takenAt: Date
  readonly path: string
}

/** Orders archives from the newest to the oldest, those of one instant by name, so that the order is always the same. */
export function newestFirst(a: Dated, b: Dated): number {
  return b.takenAt.getTime() - a.takenAt.getTime() || (a.path < b.path ? 1 : a.path > b.path ? -1 : 0)
}
