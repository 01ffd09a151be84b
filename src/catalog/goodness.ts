import type { ArchiveEntry } from './catalog.ts'

/** Whether an archive holds a whole dump, as far as is known: `unknown` ones have to be read once. */
export type Goodness = 'good' | 'bad' | 'unknown'

/**
 * What the manifest says of an archive: good if its dump part is complete and the file still has the stored size.
 * Unknown without a usable manifest, as with those of the original tool, which leaves files that hold roles only.
 */
export function goodnessByManifest(entry: Pick<ArchiveEntry, 'manifest' | 'bytes'>): Goodness {
  if (entry.manifest === null) return 'unknown'
  const dump = entry.manifest.parts.find(part => part.part === 'dump')
  return dump?.status === 'complete' && entry.bytes === entry.manifest.storedBytes ? 'good' : 'bad'
}
