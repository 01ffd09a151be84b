import type { PruneCandidate } from '../../catalog/prune.ts'
import { noteRemovedCopy } from '../../catalog/removed-copies.ts'
import type { Decision } from '../../catalog/retention.ts'
import type { Settings } from '../../config/settings.ts'

type CopySettings = Pick<Settings, 'ftp' | 's3' | 'backupDir'>

/**
 * Writes down, before retention removes these archives, what has to follow at the destinations: under `mirror` every
 * copy, under `keep` only what may be left of an upload that never came to its end. Throws an OperatorError of kind
 * `space` or `volume`: then nothing should be removed.
 */
export async function noteRemovals(
  decisions: readonly Decision<PruneCandidate>[],
  settings: CopySettings,
): Promise<void> {
  for (const { action, archive } of decisions) {
    const destinations = action === 'remove' ? placesOf(archive, settings) : []
    if (destinations.length > 0) {
      await noteRemovedCopy(settings.backupDir, { archive: archive.name, stem: archive.stem, destinations })
    }
  }
}

function placesOf({ manifest }: PruneCandidate, settings: CopySettings): readonly string[] {
  const copies = manifest?.copies ?? []
  return copies.flatMap(({ destination, state }) => {
    const retention = destination === 'volume' ? undefined : settings[destination]?.retention
    const mayBeThere = retention === 'mirror' || (retention === 'keep' && state !== 'done')
    return mayBeThere ? [destination] : []
  })
}
