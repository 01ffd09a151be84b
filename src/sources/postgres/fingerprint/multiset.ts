import type { ItemList } from './item-list.ts'

/** Indexes, ascending, of the items of each side that have no equal on the other. */
export interface Unmatched {
  readonly left: readonly number[]
  readonly right: readonly number[]
}

/** Pairs equal items, each with one of the other side at most, and returns what is left over: of several equal ones the last. */
export function unmatched(left: ItemList, right: ItemList): Unmatched {
  const mine = left.numbersIn(left.known)
  const others = right.numbersIn(left.known)
  return { left: leftOver(mine, others, left.known.count), right: leftOver(others, mine, left.known.count) }
}

/** Indexes of what is in `some` more often than in `others`. */
function leftOver(some: Uint32Array, others: Uint32Array, known: number): readonly number[] {
  const paired = new Uint32Array(known)
  for (const number of others) paired[number] = (paired[number] ?? 0) + 1
  const rest: number[] = []
  for (const [index, number] of some.entries()) {
    const count = paired[number] ?? 0
    if (count === 0) rest.push(index)
    else paired[number] = count - 1
  }
  return rest
}
