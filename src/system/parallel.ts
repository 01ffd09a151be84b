export interface ParallelLimits<Item> {
  /** How many may be under way at once. */
  readonly total: number
  /** How many of one group may be under way at once. */
  readonly perGroup: number
  groupOf(item: Item): string
}

/**
 * Works on the items in their order, several at a time within the limits: the next to start is the first whose group
 * has room. Resolves with the results in the items' order. `work` must not reject: one failure would hide the others.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limits: ParallelLimits<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const waiting = items.map((item, index) => ({ item, index, group: limits.groupOf(item) }))
  const results = new Array<Result>(items.length)
  const busy = new Map<string, number>()
  const running = new Set<Promise<void>>()
  const start = (next: (typeof waiting)[number]): void => {
    busy.set(next.group, (busy.get(next.group) ?? 0) + 1)
    const task = work(next.item).then(result => {
      results[next.index] = result
      busy.set(next.group, (busy.get(next.group) ?? 1) - 1)
      running.delete(task)
    })
    running.add(task)
  }
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(entry => (busy.get(entry.group) ?? 0) < limits.perGroup)
    const chosen = next === -1 || running.size >= limits.total ? undefined : waiting.splice(next, 1)[0]
    if (chosen !== undefined) start(chosen)
    else await Promise.race(running)
  }
  return results
}
