import { standingAlarm } from '../content-alarm.ts'
import type { Goodness } from '../goodness.ts'
import { isFutureDated } from '../latest.ts'
import type { ManifestHead } from '../manifest-head.ts'

interface Alarmed {
  readonly takenAt: Date
  readonly goodness: Goodness
  readonly manifest: Pick<ManifestHead, 'alarm'> | null
}

/**
 * When the first archive was begun that shows the alarm that stands, of archives of one database, newest first; null where
 * none stands. All that is older is held: it has what is missing now. The newest whole archive says whether one stands.
 */
export function heldBefore(archives: readonly Alarmed[], now: Date): Date | null {
  const known = archives.filter(
    archive => archive.manifest !== null && archive.goodness === 'good' && !isFutureDated(archive, now),
  )
  const standing = standingAlarm(known[0]?.manifest ?? null)
  if (standing === null) return null
  return known.findLast(({ manifest }) => manifest?.alarm?.id === standing.id)?.takenAt ?? null
}
