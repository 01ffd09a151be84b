import type { NamedDatabase } from '../config/source-id.ts'
import { recordedName } from '../config/source-id.ts'
import type { ArchiveEntry } from './catalog.ts'

type Owned = Pick<ArchiveEntry, 'stem' | 'manifest' | 'likelyOwner'>

/**
 * Whether an archive is of this database. Names of files leave the port out, and two databases can share a stem: the
 * manifest says which of them it was. An archive without one is of the database that all others of its stem are of; where
 * they don't say, or name several, of the configured one that has the stem, and where none has it, of any that has.
 */
export function isArchiveOf(
  { stem, manifest, likelyOwner }: Owned,
  database: NamedDatabase,
  configured: readonly NamedDatabase[] = [],
): boolean {
  if (stem !== database.id.stem) return false
  const recorded = manifest?.database
  if (recorded !== undefined) return recordedName(recorded) === database.id.name
  if (likelyOwner !== undefined) return likelyOwner === database.id.name
  const claimed = configured.find(({ id }) => id.stem === stem)
  return claimed === undefined || claimed.id.name === database.id.name
}

/** Whether an archive's manifest names this database, at whichever port. */
export function isOfAnyPort({ manifest }: Pick<Owned, 'manifest'>, { id, port }: NamedDatabase): boolean {
  return manifest?.database !== undefined && recordedName({ ...manifest.database, port }) === id.name
}

/**
 * The databases that archives are of, as `host[:port]/database`, each once; the stem, where no manifest says more. An
 * archive without a manifest counts as one of those that share its stem.
 */
export function ownersOf(entries: readonly Owned[]): readonly string[] {
  return [...Map.groupBy(entries, entry => entry.stem)].flatMap(([stem, ofStem]) => {
    const names = new Set(
      ofStem.flatMap(({ manifest, likelyOwner = [] }) =>
        manifest?.database === undefined ? likelyOwner : recordedName(manifest.database),
      ),
    )
    return names.size === 0 ? [stem] : [...names]
  })
}
