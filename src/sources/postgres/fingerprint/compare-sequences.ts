import { compareItems, differencesOf } from './compare-items.ts'
import type { Difference } from './difference.ts'
import type { ItemList } from './item-list.ts'

/** Sequence values must come back as they are in the archive: the loader sets them again after everything else. */
export function compareSequences(archive: ItemList, back: ItemList): readonly Difference[] {
  return differencesOf('sequence', compareItems(archive, back))
}
