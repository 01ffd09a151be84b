import { PackedList } from '../sql/packed-list.ts'
import type { StatementIdentity } from '../sql/statement-identity.ts'
import { DigestList } from './digest-list.ts'
import type { ItemSinks } from './item-sink.ts'

/** The items that an inventory knows, of each sort. Inventories that are to be compared are taken with the same ones. */
export type KnownItems = Readonly<Record<keyof ItemSinks, ItemDirectory>>

/** Knows nothing yet. */
export function createKnownItems(): KnownItems {
  return { statements: new ItemDirectory(), sequences: new ItemDirectory(), largeObjects: new ItemDirectory() }
}

/**
 * Gives each different item a number, and keeps its digest and what it is, once. What an archive holds and what came back
 * are nearly always the same items, so that the second inventory needs little more than their numbers.
 */
export class ItemDirectory {
  readonly digests = new DigestList()
  readonly #labels = new PackedList()
  /** A hash table: each place holds an item's number plus one, or 0. Digests are their own hash. */
  #places = new Uint32Array(1_024)

  /** The number of the item with this digest, from 0 on. `identify` is called for a new one only. */
  numberOf(digest: Buffer, identify: () => StatementIdentity): number {
    const place = this.#find(digest)
    const known = this.#places[place] ?? 0
    if (known > 0) return known - 1
    const { kind, identity } = identify()
    this.#labels.add(Buffer.from(JSON.stringify([kind, identity])))
    this.digests.add(digest)
    this.#places[place] = this.digests.count
    if (this.digests.count * 2 > this.#places.length) this.#grow()
    return this.digests.count - 1
  }

  get count(): number {
    return this.digests.count
  }

  /** What this item is. Throws a RangeError when there is none with this number. */
  labelOf(number: number): StatementIdentity {
    const text = this.#labels.at(number)?.toString('utf8')
    if (text === undefined) throw new RangeError(`item ${number} of ${this.count}`)
    const [kind, identity] = JSON.parse(text) as readonly [string, string]
    return { kind, identity }
  }

  /** Where the digest is, or the empty place where it belongs. */
  #find(digest: Buffer): number {
    const last = this.#places.length - 1
    let place = digest.readUInt32BE() & last
    for (;;) {
      const known = this.#places[place] ?? 0
      if (known === 0 || this.#isAt(known - 1, digest)) return place
      place = (place + 1) & last
    }
  }

  #isAt(number: number, digest: Buffer): boolean {
    return this.digests.beginning(number) === digest.readUInt32BE() && this.digests.at(number).equals(digest)
  }

  #grow(): void {
    this.#places = new Uint32Array(this.#places.length * 2)
    for (let number = 0; number < this.count; number++) this.#places[this.#find(this.digests.at(number))] = number + 1
  }
}
