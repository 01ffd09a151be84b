import { createHash } from 'node:crypto'

const DIGEST_BYTES = 32
const FIRST_CAPACITY = 64

/** How many items there are, and one digest (hexadecimal) for all of them, whatever their order. */
export interface DigestSummary {
  readonly count: number
  readonly sha256: string
}

/**
 * A multiset of SHA-256 digests. It needs 32 bytes for each (64 while it grows), so a million of them are no burden.
 */
export class DigestList {
  #records = Buffer.alloc(FIRST_CAPACITY * DIGEST_BYTES)
  #count = 0

  add(digest: Buffer): void {
    if (this.#count * DIGEST_BYTES === this.#records.length) this.#grow()
    digest.copy(this.#records, this.#count * DIGEST_BYTES)
    this.#count++
  }

  get count(): number {
    return this.#count
  }

  /** The digest that was added as the `index`-th, from 0 on; valid until the next `add`. */
  at(index: number): Buffer {
    return this.#records.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
  }

  /** The indexes in the order of their digests' bytes; of equal ones in the order in which they were added. */
  sorted(): Uint32Array {
    const order = Uint32Array.from({ length: this.#count }, (_, index) => index)
    return order.sort((left, right) => this.#compare(left * DIGEST_BYTES, right * DIGEST_BYTES))
  }

  /** The SHA-256 over the digests, sorted by their bytes and written one after the other; of nothing if there are none. */
  summary(): DigestSummary {
    const hash = createHash('sha256')
    for (const index of this.sorted()) hash.update(this.at(index))
    return { count: this.#count, sha256: hash.digest('hex') }
  }

  #grow(): void {
    const larger = Buffer.alloc(this.#records.length * 2)
    this.#records.copy(larger)
    this.#records = larger
  }

  #compare(left: number, right: number): number {
    // Four bytes decide nearly always, at a tenth of the cost of comparing buffers.
    const difference = this.#records.readUInt32BE(left) - this.#records.readUInt32BE(right)
    if (difference !== 0) return difference
    return this.#records.compare(this.#records, right, right + DIGEST_BYTES, left, left + DIGEST_BYTES)
  }
}
