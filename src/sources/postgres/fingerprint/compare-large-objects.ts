import { compareItems, differencesOf } from './compare-items.ts'
import type { Difference } from './difference.ts'
import type { ItemList } from './item-list.ts'

/** Large objects must come back under their OIDs with their bytes, however these are cut into calls. */
export function compareLargeObjects(archive: ItemList, back: ItemList): readonly Difference[] {
  return differencesOf('large object', compareItems(archive, back))
}
