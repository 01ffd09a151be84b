import { areEqual, compareItems, differencesOf, type ItemComparison } from './compare-items.ts'
import type { Difference } from './difference.ts'
import type { ItemList } from './item-list.ts'

/**
 * What the statements of the archive and of the database that was loaded from it say. `reload`: every statement has one of
 * the same kind and identity on the other side, but `respelled` of them have another text. PostgreSQL prints some
 * expressions in another way after one load, so that this alone proves nothing: the archive's statements must be loaded
 * once more and be judged by `judgeReload`.
 */
export type StatementsVerdict =
  | { readonly outcome: 'same' }
  | { readonly outcome: 'reload'; readonly respelled: number }
  | { readonly outcome: 'different'; readonly differences: readonly Difference[] }

/** `sameTool`: the same major of pg_dump wrote both; another one may write other statements for the same objects. */
export function compareStatements(
  archive: ItemList,
  back: ItemList,
  options: { readonly sameTool: boolean },
): StatementsVerdict {
  const comparison = compareItems(archive, back)
  if (areEqual(comparison)) return { outcome: 'same' }
  if (!options.sameTool || isSpelling(comparison)) return { outcome: 'reload', respelled: differing(comparison) }
  return { outcome: 'different', differences: differencesOf('statement', comparison) }
}

/**
 * The reload rule: the archive's statements alone, loaded into an empty database and dumped, must be what came back from
 * the whole archive, statement by statement. A differing expression that was only spelled differently is the same now.
 */
export function judgeReload(reloaded: ItemList, back: ItemList): readonly Difference[] {
  return differencesOf('statement', compareItems(reloaded, back))
}

function isSpelling({ missing, unexpected }: ItemComparison): boolean {
  return missing.length === 0 && unexpected.length === 0
}

function differing({ missing, unexpected, changed }: ItemComparison): number {
  return changed.length + Math.max(missing.length, unexpected.length)
}
