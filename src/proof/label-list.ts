import type { StatementIdentity } from '../sql/statement-identity.ts'

/** So few that finding one among them takes no time, and so many that what is around them is little. */
const TOGETHER = 64

/** What each of many items is, in their order. Text in bytes, not in objects: some twenty bytes each instead of a hundred. */
export class LabelList {
  readonly #packed: Buffer[] = []
  #last: StatementIdentity[] = []
  #unpacked: { readonly index: number; readonly labels: readonly StatementIdentity[] } | null = null

  add({ kind, identity }: StatementIdentity): void {
    this.#last.push({ kind, identity })
    if (this.#last.length < TOGETHER) return
    this.#packed.push(Buffer.from(JSON.stringify(this.#last.map(label => [label.kind, label.identity]))))
    this.#last = []
  }

  get count(): number {
    return this.#packed.length * TOGETHER + this.#last.length
  }

  /** Throws a RangeError when there is none. */
  at(index: number): StatementIdentity {
    const block = Math.floor(index / TOGETHER)
    const labels = block === this.#packed.length ? this.#last : this.#block(block)
    const label = labels[index % TOGETHER]
    if (label === undefined) throw new RangeError(`item ${index} of ${this.count}`)
    return label
  }

  #block(index: number): readonly StatementIdentity[] {
    if (this.#unpacked?.index !== index) {
      const pairs = JSON.parse(this.#packed[index]?.toString('utf8') ?? '[]') as readonly (readonly [string, string])[]
      this.#unpacked = { index, labels: pairs.map(([kind, identity]) => ({ kind, identity })) }
    }
    return this.#unpacked.labels
  }
}
