import type { KnownSources } from '../config/meant-source.ts'
import { type NamedDatabase, recordedDatabase } from '../config/source-id.ts'
import { isArchiveOf } from './archive-owner.ts'
import type { ArchiveEntry } from './catalog.ts'

/** What a SPEC can mean: what is configured, and what only these archives know. */
export function knownSources(
  entries: readonly Pick<ArchiveEntry, 'stem' | 'manifest' | 'likelyOwner'>[],
  configured: readonly NamedDatabase[],
): KnownSources {
  const others = entries.filter(entry => !configured.some(database => isArchiveOf(entry, database)))
  const recorded = others.flatMap(({ manifest }) => manifest?.database ?? []).map(recordedDatabase)
  const unlisted = [...new Map(recorded.map(database => [database.id.name, database])).values()]
  const stems = new Set(others.flatMap(({ stem, manifest }) => (manifest?.database === undefined ? stem : [])))
  return { configured, unlisted, stems: [...stems].filter(stem => !unlisted.some(({ id }) => id.stem === stem)) }
}
