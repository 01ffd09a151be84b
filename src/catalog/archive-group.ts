import { optionsIn } from '../config/own-keep.ts'
import type { NamedDatabase } from '../config/source-id.ts'
import type { SourceOptions } from '../config/source-options.ts'
import { isArchiveOf, ownersOf } from './archive-owner.ts'
import type { ArchiveEntry } from './catalog.ts'

type Owned = Pick<ArchiveEntry, 'stem' | 'manifest' | 'likelyOwner'>

/** Archives that are judged together: those of one configured database, or those of a stem that are of none. */
export interface ArchiveGroup extends SourceOptions {
  readonly stem: string
  has(archive: Owned): boolean
}

/** Of one configured database. */
export function groupOf(database: NamedDatabase & SourceOptions): ArchiveGroup {
  return { ...optionsIn(database), stem: database.id.stem, has: archive => isArchiveOf(archive, database) }
}

/** Archives that are of no configured database. */
export interface OrphanGroup extends ArchiveGroup {
  /** What people know them by, and what `-f` takes for all of them: the stem; null where a configured database has it too. */
  readonly filter: string | null
  /** The stem, or where a configured database has it too, whose they are as their manifests say. */
  readonly name: string
}

/** The groups of the archives that are of none of these databases, by stem in alphabetical order. */
export function orphanGroups(entries: readonly Owned[], databases: readonly NamedDatabase[]): readonly OrphanGroup[] {
  const byStem = new Map(databases.map(database => [database.id.stem, database]))
  const isOrphan = (archive: Owned): boolean => {
    const sharing = byStem.get(archive.stem)
    return sharing === undefined || !isArchiveOf(archive, sharing)
  }
  const groups = Map.groupBy(entries.filter(isOrphan), ({ stem }) => stem)
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([stem, archives]) => {
      const isShared = byStem.has(stem)
      const has = (archive: Owned): boolean => archive.stem === stem && isOrphan(archive)
      return { stem, has, filter: isShared ? null : stem, name: isShared ? ownersOf(archives).join(', ') : stem }
    })
}
