import { isCopyMissing } from '../copies.ts'
import type { PruneCandidate } from '../prune-archives.ts'
import type { Decision } from './retention.ts'

/** A destination that is down for longer must not fill the volume: then the counts win. */
const MOST_SPARED = 7
/** Free space, in newest archives, below which the next backups need the room more. */
const ROOM_FOR = 3

export interface SpareInput {
  /** Where copies go now. */
  readonly destinations: readonly string[]
  readonly freeBytes: number
}

/**
 * Keeps archives of one database that the counts do not keep and that are still to be copied: the newest seven of them,
 * and only while three more archives of the size of the newest fit on the volume. Local retention so never waits for a
 * destination for ever, and no backup fails for lack of room because of one.
 */
export function spareUncopied(
  decisions: readonly Decision<PruneCandidate>[],
  { destinations, freeBytes }: SpareInput,
): readonly Decision<PruneCandidate>[] {
  const newest = decisions[0]?.archive.bytes ?? 0
  if (freeBytes < newest * ROOM_FOR) return decisions
  let spared = 0
  return decisions.map(decision => {
    const waiting = missingAt(decision.archive, destinations)
    if (decision.action === 'keep' || waiting.length === 0 || spared === MOST_SPARED) return decision
    spared += 1
    return { ...decision, action: 'keep', reason: `not yet copied to ${waiting.join(' and ')}` }
  })
}

function missingAt({ manifest, goodness }: PruneCandidate, destinations: readonly string[]): readonly string[] {
  if (manifest === null || goodness !== 'good') return []
  return destinations.filter(destination => isCopyMissing(manifest, destination))
}
