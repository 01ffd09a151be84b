import type { StatementIdentity } from '../sql/statement-identity.ts'
import { DigestList, type DigestSummary } from './digest-list.ts'
import type { ItemSink } from './item-sink.ts'
import { LabelList } from './label-list.ts'

/** One statement, sequence value or large object of a dump. The digest is hexadecimal. */
export interface Item extends StatementIdentity {
  readonly sha256: string
}

/**
 * The items of one sort in the dump's order, each with what it is. It needs 32 bytes and a short text for each, so
 * that a hundred thousand of them are some ten megabytes.
 */
export class ItemList implements ItemSink {
  readonly #identify: (head: Buffer) => StatementIdentity
  readonly #digests = new DigestList()
  readonly #labels = new LabelList()
  #next: StatementIdentity = { kind: '', identity: '' }

  constructor(identify: (head: Buffer) => StatementIdentity) {
    this.#identify = identify
  }

  begin(head: Buffer): void {
    this.#next = this.#identify(head)
  }

  add(digest: Buffer): void {
    this.#digests.add(digest)
    this.#labels.add(this.#next)
  }

  summary(): DigestSummary {
    return this.#digests.summary()
  }

  get count(): number {
    return this.#labels.count
  }

  /** What the `index`-th item of the dump is. Throws a RangeError when there is none. */
  labelAt(index: number): StatementIdentity {
    return this.#labels.at(index)
  }

  itemAt(index: number): Item {
    return { ...this.labelAt(index), sha256: this.digestAt(index).toString('hex') }
  }

  /** Valid until the next `add`. */
  digestAt(index: number): Buffer {
    return this.#digests.at(index)
  }

  /** The items' indexes in the order of their digests. */
  sorted(): Uint32Array {
    return this.#digests.sorted()
  }

  /** A list of those items whose label `keeps` accepts, in their order. */
  filter(keeps: (label: StatementIdentity) => boolean): ItemList {
    const kept = new ItemList(this.#identify)
    for (let index = 0; index < this.count; index++) {
      if (!keeps(this.labelAt(index))) continue
      kept.#next = this.labelAt(index)
      kept.add(this.digestAt(index))
    }
    return kept
  }

  /** A list of the items of both, this one's first. */
  concat(other: ItemList): ItemList {
    const all = new ItemList(this.#identify)
    for (const list of [this, other]) {
      for (let index = 0; index < list.count; index++) {
        all.#next = list.labelAt(index)
        all.add(list.digestAt(index))
      }
    }
    return all
  }

  *[Symbol.iterator](): Generator<Item> {
    for (let index = 0; index < this.count; index++) yield this.itemAt(index)
  }
}
