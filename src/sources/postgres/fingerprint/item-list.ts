import { STATEMENT_IDENTITY_BYTES, type StatementIdentity } from '../sql/statement-identity.ts'
import type { DigestSummary } from './digest-list.ts'
import type { ItemSink } from './item-sink.ts'
import type { ItemDirectory } from './known-items.ts'
import { NumberList } from './number-list.ts'

/** One statement, sequence value or large object of a dump. The digest is hexadecimal. */
export interface Item extends StatementIdentity {
  readonly sha256: string
}

/** The items of one sort in the dump's order, each as its number in a directory that other lists may share. */
export class ItemList implements ItemSink {
  readonly known: ItemDirectory
  readonly #identify: (head: Buffer) => StatementIdentity
  readonly #numbers = new NumberList()
  readonly #head = Buffer.alloc(STATEMENT_IDENTITY_BYTES)
  #headLength = 0

  constructor(known: ItemDirectory, identify: (head: Buffer) => StatementIdentity) {
    this.known = known
    this.#identify = identify
  }

  begin(head: Buffer): void {
    this.#headLength = head.copy(this.#head)
  }

  add(digest: Buffer): void {
    this.#numbers.add(this.known.numberOf(digest, () => this.#identify(this.#head.subarray(0, this.#headLength))))
  }

  summary(): DigestSummary {
    return this.known.digests.summary(this.#numbers.all())
  }

  get count(): number {
    return this.#numbers.length
  }

  /** What the `index`-th item of the dump is. Throws a RangeError when there is none. */
  labelAt(index: number): StatementIdentity {
    return this.known.labelOf(this.#numbers.all()[index] ?? Number.NaN)
  }

  /** The items' numbers in a directory, where those that it lacks get one. */
  numbersIn(directory: ItemDirectory): Uint32Array {
    const numbers = this.#numbers.all()
    if (directory === this.known) return numbers
    return numbers.map(number => directory.numberOf(this.known.digests.at(number), () => this.known.labelOf(number)))
  }

  /** A list of those items whose label `keeps` accepts, in their order. */
  filter(keeps: (label: StatementIdentity) => boolean): ItemList {
    const kept = new ItemList(this.known, this.#identify)
    for (const number of this.#numbers.all()) if (keeps(this.known.labelOf(number))) kept.#numbers.add(number)
    return kept
  }

  /** A list of the items of both, this one's first. */
  concat(other: ItemList): ItemList {
    const all = new ItemList(this.known, this.#identify)
    for (const list of [this, other]) for (const number of list.numbersIn(this.known)) all.#numbers.add(number)
    return all
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const number of this.#numbers.all())
      yield { ...this.known.labelOf(number), sha256: this.known.digests.at(number).toString('hex') }
  }
}
