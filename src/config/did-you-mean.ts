const MOST_NAMED = 3

/** What is further apart than this in length alone is never near. */
export const MOST_SLIPS = 2

/** The items that `slipsOf` gives the fewest slips for, three at most; what it gives only null for is none of them. */
export function nearest<Item>(
  items: readonly Item[],
  slipsOf: (item: Item) => readonly (number | null)[],
): readonly Item[] {
  const near = items.flatMap(item => {
    const slips = slipsOf(item).filter(count => count !== null)
    return slips.length === 0 ? [] : [{ item, slips: Math.min(...slips) }]
  })
  const fewest = Math.min(...near.map(({ slips }) => slips))
  return near.flatMap(({ item, slips }) => (slips === fewest ? [item] : [])).slice(0, MOST_NAMED)
}

/** `did you mean a or b?`; null where there is nothing to ask. */
export function didYouMean(names: readonly string[]): string | null {
  const [last, ...before] = names.toReversed()
  if (last === undefined) return null
  return `did you mean ${before.length === 0 ? last : `${before.toReversed().join(', ')} or ${last}`}?`
}

/**
 * How many slips make one text of the other, whatever their case: letters that were left out, added, changed or swapped.
 * Null where it takes more than a tired hand makes in so short a word.
 */
export function slipsBetween(one: string, other: string): number | null {
  const most = IN_SHORT_WORDS[Math.min(one.length, other.length)] ?? MOST_SLIPS
  if (Math.abs(one.length - other.length) > most) return null
  const slips = editDistance(one.toLowerCase(), other.toLowerCase(), most)
  return slips <= most ? slips : null
}

/** By the length of the shorter word. */
const IN_SHORT_WORDS: readonly number[] = [0, 0, 0, 1, 1, 1]

/** Damerau and Levenshtein's, in the form that edits no place twice; infinite where it is more than `most`. */
function editDistance(one: string, other: string, most: number): number {
  let before: number[] = []
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const changed = one[i - 1] === other[j - 1] ? 0 : 1
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const swapped = isSwapped ? (before[j - 2] ?? Number.POSITIVE_INFINITY) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + changed, swapped))
    }
    // A swap reaches back two rows, everything else one.
    if (Math.min(...next) > most && Math.min(...row) > most) return Number.POSITIVE_INFINITY
    before = row
    row = next
  }
  return row.at(-1) ?? 0
}
