import type { NamedDatabase } from '../config/source-id.ts'
import { recordedName } from '../config/source-id.ts'
import type { ArchiveEntry } from './catalog.ts'

type Owned = Pick<ArchiveEntry, 'stem' | 'manifest'>

/** Whether an archive is of this database. Two can share a stem; the manifest says which of them it was. */
export function isArchiveOf({ stem, manifest }: Owned, database: NamedDatabase): boolean {
  if (stem !== database.id.stem) return false
  const recorded = manifest?.database
  return recorded === undefined || (recorded.host === database.host && recorded.name === database.database)
}

/**
 * The databases that archives are of, as `host[:port]/database`, each once; the stem, where no manifest says more. An
 * archive without a manifest counts as one of those that share its stem.
 */
export function ownersOf(entries: readonly Owned[]): readonly string[] {
  return [...Map.groupBy(entries, entry => entry.stem)].flatMap(([stem, ofStem]) => {
    const recorded = ofStem.flatMap(({ manifest }) => manifest?.database ?? [])
    const each = new Map(recorded.map(database => [`${database.host}/${database.name}`, recordedName(database)]))
    return each.size === 0 ? [stem] : [...each.values()]
  })
}
