/**
 * Sorts in place, equal ones staying in their order. Unlike the sort of a typed array with a comparison, which makes an
 * ordinary array of it first, it needs the same array once more and nothing else.
 */
export function mergeSort(order: Uint32Array, compare: (left: number, right: number) => number): Uint32Array {
  let from: Uint32Array = order
  let to: Uint32Array = new Uint32Array(order.length)
  for (let width = 1; width < order.length; width *= 2) {
    for (let start = 0; start < order.length; start += 2 * width) mergeRuns(from, to, { start, width, compare })
    const sorted = to
    to = from
    from = sorted
  }
  if (from !== order) order.set(from)
  return order
}

interface Runs {
  readonly start: number
  readonly width: number
  readonly compare: (left: number, right: number) => number
}

function mergeRuns(from: Uint32Array, to: Uint32Array, { start, width, compare }: Runs): void {
  const middle = Math.min(start + width, from.length)
  const end = Math.min(start + 2 * width, from.length)
  let left = start
  let right = middle
  for (let at = start; at < end; at++) {
    const takesLeft = left < middle && (right >= end || compare(from[left] ?? 0, from[right] ?? 0) <= 0)
    to[at] = from[takesLeft ? left++ : right++] ?? 0
  }
}
