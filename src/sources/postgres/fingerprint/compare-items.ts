import type { StatementIdentity } from '../sql/statement-identity.ts'
import type { Difference, ItemProblem } from './difference.ts'
import type { ItemList } from './item-list.ts'
import { unmatched } from './multiset.ts'

type Sort = Extract<Difference, { problem: ItemProblem }>['what']

/** Items that differ, sorted by whether the other side has one of the same kind and identity. */
export interface ItemComparison {
  /** On one side only, in the order of the dumps: what the archive has first. */
  readonly missing: readonly StatementIdentity[]
  readonly unexpected: readonly StatementIdentity[]
  /** On both sides, with another text. */
  readonly changed: readonly StatementIdentity[]
}

/** Compares the archive's items with those that came back, as multisets: their order does not matter, repetitions do. */
export function compareItems(archive: ItemList, back: ItemList): ItemComparison {
  const { left, right } = unmatched(archive, back)
  const found = new Labels(right.map(index => back.labelAt(index)))
  const missing: StatementIdentity[] = []
  const changed: StatementIdentity[] = []
  for (const index of left) {
    const label = archive.labelAt(index)
    if (found.take(label)) changed.push(label)
    else missing.push(label)
  }
  return { missing, unexpected: found.rest(), changed }
}

export function areEqual({ missing, unexpected, changed }: ItemComparison): boolean {
  return missing.length + unexpected.length + changed.length === 0
}

/** The differences with names, the certain ones first: something that is there twice or not at all is no matter of spelling. */
export function differencesOf(what: Sort, comparison: ItemComparison): readonly Difference[] {
  const of = (labels: readonly StatementIdentity[], problem: ItemProblem): readonly Difference[] =>
    labels.map(({ kind, identity }) => ({ what, kind, name: identity, problem }))
  return [
    ...of(comparison.missing, 'missing'),
    ...of(comparison.unexpected, 'unexpected'),
    ...of(comparison.changed, 'changed'),
  ]
}

/** Labels, each as often as it was given. */
class Labels {
  readonly #labels: readonly StatementIdentity[]
  readonly #left = new Map<string, number>()

  constructor(labels: readonly StatementIdentity[]) {
    this.#labels = labels
    for (const label of labels) this.#left.set(keyOf(label), (this.#left.get(keyOf(label)) ?? 0) + 1)
  }

  /** Takes one away; false if none is left. */
  take(label: StatementIdentity): boolean {
    const key = keyOf(label)
    const left = this.#left.get(key) ?? 0
    if (left > 0) this.#left.set(key, left - 1)
    return left > 0
  }

  /** Those that nobody took: of several with one label the last ones. */
  rest(): readonly StatementIdentity[] {
    const left = new Map(this.#left)
    const rest: StatementIdentity[] = []
    for (const label of this.#labels.toReversed()) {
      const count = left.get(keyOf(label)) ?? 0
      if (count === 0) continue
      left.set(keyOf(label), count - 1)
      rest.push(label)
    }
    return rest.toReversed()
  }
}

/** No kind holds a newline. */
function keyOf({ kind, identity }: StatementIdentity): string {
  return `${kind}\n${identity}`
}

/** Sequence values must come back as they are in the archive: the loader sets them again after everything else. */
export function compareSequences(archive: ItemList, back: ItemList): readonly Difference[] {
  return differencesOf('sequence', compareItems(archive, back))
}

/** Large objects must come back under their OIDs with their bytes, however these are cut into calls. */
export function compareLargeObjects(archive: ItemList, back: ItemList): readonly Difference[] {
  return differencesOf('large object', compareItems(archive, back))
}
