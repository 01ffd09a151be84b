import type { SourceKind } from '../config/source-id.ts'
import type { ArchiveEntry } from './catalog.ts'

/**
 * Whether an archive is a whole backup, as far as is known: `unknown` ones have to be read once. One with a manifest that
 * is there and can't be used is not as one without: something has damaged it, perhaps the archive too, and what only the
 * manifest knows can't be compared any more.
 */
export type Goodness = 'good' | 'bad' | 'unknown' | 'manifest-unusable'

/**
 * Parts without which a backup is good, until parts say it themselves: roles may not be readable, and what the manifest
 * says of a database can be given without its part.
 */
const OPTIONAL_PARTS: ReadonlySet<string> = new Set(['roles', 'database'])

/** The part without which there is no backup of this kind, whatever else is there. */
const ESSENTIAL_PART: Readonly<Record<SourceKind, string>> = { postgres: 'dump' }

/**
 * What the manifest says of an archive: good if the file still has the stored size and every part that is not optional is
 * complete, the essential one among them. Unknown without a manifest, as with those of the original tool, which leaves files that
 * hold roles only.
 */
export function goodnessByManifest(entry: Pick<ArchiveEntry, 'manifest' | 'manifestProblem' | 'bytes'>): Goodness {
  if (entry.manifestProblem !== null) return 'manifest-unusable'
  if (entry.manifest === null) return 'unknown'
  const { kind = 'postgres', parts } = entry.manifest
  const needed = parts.filter(({ part }) => !OPTIONAL_PARTS.has(part))
  const isWhole =
    needed.some(({ part }) => part === ESSENTIAL_PART[kind]) && needed.every(({ status }) => status === 'complete')
  return isWhole && entry.bytes === entry.manifest.storedBytes ? 'good' : 'bad'
}
