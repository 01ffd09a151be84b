import { STATEMENT_IDENTITY_BYTES, type StatementIdentity } from '../sql/statement-identity.ts'
import type { DigestSummary } from './digest-list.ts'
import type { ItemSink } from './item-sink.ts'
import type { ItemDirectory } from './known-items.ts'

/** One statement, sequence value or large object of a dump. The digest is hexadecimal. */
export interface Item extends StatementIdentity {
  readonly sha256: string
}

/** The items of one sort in the dump's order, each as its number in a directory that other lists may share. */
export class ItemList implements ItemSink {
  readonly #known: ItemDirectory
  readonly #identify: (head: Buffer) => StatementIdentity
  readonly #numbers: number[]
  readonly #head = Buffer.alloc(STATEMENT_IDENTITY_BYTES)
  #headLength = 0

  constructor(known: ItemDirectory, identify: (head: Buffer) => StatementIdentity, numbers: readonly number[] = []) {
    this.#known = known
    this.#identify = identify
    this.#numbers = [...numbers]
  }

  begin(head: Buffer): void {
    this.#headLength = head.copy(this.#head)
  }

  add(digest: Buffer): void {
    const number = this.#known.numberOf(digest, () => this.#identify(this.#head.subarray(0, this.#headLength)))
    this.#numbers.push(number)
  }

  summary(): DigestSummary {
    return this.#known.digests.summary(this.#numbers)
  }

  get count(): number {
    return this.#numbers.length
  }

  get known(): ItemDirectory {
    return this.#known
  }

  /** The items' numbers in a directory, where those that it lacks get one. */
  numbersIn(known: ItemDirectory): readonly number[] {
    if (known === this.#known) return this.#numbers
    const { digests } = this.#known
    return this.#numbers.map(number => known.numberOf(digests.at(number), () => this.#known.labelOf(number)))
  }

  /** What the `index`-th item of the dump is. Throws a RangeError when there is none. */
  labelAt(index: number): StatementIdentity {
    return this.#known.labelOf(this.#numbers[index] ?? Number.NaN)
  }

  /** A list of those items whose label `keeps` accepts, in their order. */
  filter(keeps: (label: StatementIdentity) => boolean): ItemList {
    const kept = this.#numbers.filter(number => keeps(this.#known.labelOf(number)))
    return new ItemList(this.#known, this.#identify, kept)
  }

  /** A list of the items of both, this one's first. */
  concat(other: ItemList): ItemList {
    return new ItemList(this.#known, this.#identify, this.#numbers.concat(other.numbersIn(this.#known)))
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const number of this.#numbers)
      yield { ...this.#known.labelOf(number), sha256: this.#known.digests.at(number).toString('hex') }
  }
}
