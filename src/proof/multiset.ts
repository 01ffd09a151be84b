import type { ItemList } from './item-list.ts'

/** Indexes, ascending, of the items of each side that have no equal on the other. */
export interface Unmatched {
  readonly left: readonly number[]
  readonly right: readonly number[]
}

/** Pairs items of equal digest, each with one of the other side at most, and returns what is left over. */
export function unmatched(left: ItemList, right: ItemList): Unmatched {
  const leftOrder = left.sorted()
  const rightOrder = right.sorted()
  const leftOver: number[] = []
  const rightOver: number[] = []
  let l = 0
  let r = 0
  while (l < leftOrder.length || r < rightOrder.length) {
    const [at, to] = [leftOrder[l], rightOrder[r]]
    const order = at === undefined ? 1 : to === undefined ? -1 : Buffer.compare(left.digestAt(at), right.digestAt(to))
    if (order < 0 && at !== undefined) leftOver.push(at)
    if (order > 0 && to !== undefined) rightOver.push(to)
    if (order <= 0) l++
    if (order >= 0) r++
  }
  return { left: leftOver.sort(ascending), right: rightOver.sort(ascending) }
}

function ascending(left: number, right: number): number {
  return left - right
}
