import type { ArchiveEntry } from './catalog.ts'

/**
 * Whether an archive holds a whole dump, as far as is known: `unknown` ones have to be read once. One with a manifest that
 * is there and can't be used is not as one without: something has damaged it, perhaps the archive too, and what only the
 * manifest knows can't be compared any more.
 */
export type Goodness = 'good' | 'bad' | 'unknown' | 'manifest-unusable'

/**
 * What the manifest says of an archive: good if its dump part is complete and the file still has the stored size.
 * Unknown without a manifest, as with those of the original tool, which leaves files that hold roles only.
 */
export function goodnessByManifest(entry: Pick<ArchiveEntry, 'manifest' | 'manifestProblem' | 'bytes'>): Goodness {
  if (entry.manifestProblem !== null) return 'manifest-unusable'
  if (entry.manifest === null) return 'unknown'
  const dump = entry.manifest.parts.find(part => part.part === 'dump')
  return dump?.status === 'complete' && entry.bytes === entry.manifest.storedBytes ? 'good' : 'bad'
}
