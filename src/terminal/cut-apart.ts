const GAP = '...'

/**
 * Names of at most `width` characters, cut in the middle where they are longer, of which no two that differ look alike:
 * they are cut elsewhere where that tells them apart, and those that no cut does are left whole.
 */
export function cutApart(names: readonly string[], width: number): readonly string[] {
  const different = new Set(names).size
  const ways = tails(width).map(tail => names.map(name => cutMiddle(name, { width, tail })))
  const apart = ways.find(cut => new Set(cut).size === different)
  return apart ?? wholeWhereAlike(names, ways[0] ?? names)
}

/** How many characters of the end may stay: half of them first, since hosts and databases begin and end alike. */
function tails(width: number): readonly number[] {
  const room = width - GAP.length
  const half = Math.floor(room / 2)
  const all = Array.from({ length: Math.max(0, room + 1) }, (_, tail) => tail)
  return all.toSorted((a, b) => Math.abs(a - half) - Math.abs(b - half))
}

function cutMiddle(name: string, { width, tail }: { readonly width: number; readonly tail: number }): string {
  const characters = Array.from(name)
  if (characters.length <= width) return name
  const head = characters.slice(0, width - GAP.length - tail)
  return head.join('') + GAP + characters.slice(characters.length - tail).join('')
}

function wholeWhereAlike(names: readonly string[], cut: readonly string[]): readonly string[] {
  const groups = Map.groupBy(names, (_, index) => cut[index])
  return names.map((name, index) => {
    const alike = new Set(groups.get(cut[index]))
    return alike.size > 1 ? name : (cut[index] ?? name)
  })
}
