import type { Goodness } from './goodness.ts'
import { isFutureDated } from './latest.ts'

interface Judged {
  readonly takenAt: Date
  readonly goodness: Goodness
  /** Whether the verdict that stands says that its proof failed, as far as that is known and matters. */
  readonly failed: boolean
}

/**
 * Why a restore passes an archive over where nobody names it alone; null if it takes it. What keeps the last backup of a
 * database asks the same: one that no restore would take stands in for none. An unknown one has yet to be read.
 */
export function reasonToPassOver({ takenAt, goodness, failed }: Judged, now: Date) {
  if (isFutureDated({ takenAt }, now)) return 'dated in the future'
  switch (goodness) {
    case 'bad':
      return 'not a whole backup'
    case 'manifest-unusable':
      return 'its manifest cannot be used'
    case 'good':
    case 'unknown':
      return failed ? 'its proof FAILED' : null
  }
}

/** Whether a restore takes it, as far as is known. */
export function isUsable(archive: Judged, now: Date): boolean {
  return reasonToPassOver(archive, now) === null
}
