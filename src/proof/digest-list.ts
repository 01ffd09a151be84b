import { createHash } from 'node:crypto'
import { mergeSort } from './merge-sort.ts'

const DIGEST_BYTES = 32
const NOTHING = Buffer.alloc(0)
/** Of one block: lists grow by blocks, since a larger buffer and the one before it would both be there for a while. */
const BLOCK_RECORDS = 4096
const FIRST_RECORDS = 64

/** How many items there are, and one digest (hexadecimal) for all of them, whatever their order. */
export interface DigestSummary {
  readonly count: number
  readonly sha256: string
}

/**
 * A multiset of SHA-256 digests. It needs 32 bytes for each, so a million of them are no burden.
 */
export class DigestList {
  readonly #blocks: Buffer[] = [Buffer.alloc(FIRST_RECORDS * DIGEST_BYTES)]
  #count = 0

  add(digest: Buffer): void {
    digest.copy(this.#blockFor(this.#count), (this.#count % BLOCK_RECORDS) * DIGEST_BYTES)
    this.#count++
  }

  get count(): number {
    return this.#count
  }

  /** The digest that was added as the `index`-th, from 0 on; valid until the next `add`. */
  at(index: number): Buffer {
    const start = (index % BLOCK_RECORDS) * DIGEST_BYTES
    return this.#block(index).subarray(start, start + DIGEST_BYTES)
  }

  /** The indexes in the order of their digests' bytes; of equal ones in the order in which they were added. */
  sorted(): Uint32Array {
    const order = new Uint32Array(this.#count)
    for (let index = 0; index < order.length; index++) order[index] = index
    return mergeSort(order, (left, right) => this.#compare(left, right))
  }

  /** The SHA-256 over the digests, sorted by their bytes and written one after the other; of nothing if there are none. */
  summary(): DigestSummary {
    const hash = createHash('sha256')
    // Many at a time: a view of each would be litter for the garbage collector.
    const batch = Buffer.alloc(BLOCK_RECORDS * DIGEST_BYTES)
    let filled = 0
    for (const index of this.sorted()) {
      const start = (index % BLOCK_RECORDS) * DIGEST_BYTES
      filled += this.#block(index).copy(batch, filled, start, start + DIGEST_BYTES)
      if (filled < batch.length) continue
      hash.update(batch)
      filled = 0
    }
    hash.update(batch.subarray(0, filled))
    return { count: this.#count, sha256: hash.digest('hex') }
  }

  #block(index: number): Buffer {
    return this.#blocks[Math.floor(index / BLOCK_RECORDS)] ?? NOTHING
  }

  /** With room for this record. Only the first block grows, since most lists are short. */
  #blockFor(index: number): Buffer {
    const block = this.#block(index)
    if ((index % BLOCK_RECORDS) * DIGEST_BYTES < block.length) return block
    const number = Math.floor(index / BLOCK_RECORDS)
    const larger = Buffer.alloc((number === 0 ? block.length * 2 : BLOCK_RECORDS * DIGEST_BYTES) || DIGEST_BYTES)
    block.copy(larger)
    this.#blocks[number] = larger
    return larger
  }

  #compare(left: number, right: number): number {
    // Four bytes decide nearly always, at a tenth of the cost of comparing buffers.
    const [mine, other] = [this.#block(left), this.#block(right)]
    const from = (left % BLOCK_RECORDS) * DIGEST_BYTES
    const otherFrom = (right % BLOCK_RECORDS) * DIGEST_BYTES
    const difference = mine.readUInt32BE(from) - other.readUInt32BE(otherFrom)
    if (difference !== 0) return difference
    return mine.compare(other, otherFrom, otherFrom + DIGEST_BYTES, from, from + DIGEST_BYTES)
  }
}
