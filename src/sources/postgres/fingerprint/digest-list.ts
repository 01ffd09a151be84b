import { createHash } from 'node:crypto'

const DIGEST_BYTES = 32
const NOTHING = Buffer.alloc(0)
/** Of one block: lists grow by blocks, since a larger buffer and the one before it would both be there for a while. */
const BLOCK_RECORDS = 4096
const FIRST_RECORDS = 64
/** Sorting begins with the first bits of each digest. */
const BEGINNING_BITS = 12
const BEGINNINGS = 2 ** BEGINNING_BITS

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

  /** The digest that was added as the `index`-th begins with these four bytes. */
  beginning(index: number): number {
    return this.#block(index).readUInt32BE((index % BLOCK_RECORDS) * DIGEST_BYTES)
  }

  /**
   * The SHA-256 over the digests, sorted by their bytes and written one after the other; of nothing if there are none.
   * `indexes`: of these only, each as often as it is there.
   */
  summary(indexes: Uint32Array = this.#all()): DigestSummary {
    const hash = createHash('sha256')
    // Many at a time: a view of each would be litter for the garbage collector.
    const batch = Buffer.alloc(BLOCK_RECORDS * DIGEST_BYTES)
    let filled = 0
    for (const index of this.#sorted(indexes)) {
      const start = (index % BLOCK_RECORDS) * DIGEST_BYTES
      filled += this.#block(index).copy(batch, filled, start, start + DIGEST_BYTES)
      if (filled < batch.length) continue
      hash.update(batch)
      filled = 0
    }
    hash.update(batch.subarray(0, filled))
    return { count: indexes.length, sha256: hash.digest('hex') }
  }

  #all(): Uint32Array {
    const indexes = new Uint32Array(this.#count)
    for (let index = 0; index < indexes.length; index++) indexes[index] = index
    return indexes
  }

  /** By the digests' bytes. These are as good as random: divided by how they begin, a few are left to compare. */
  #sorted(indexes: Uint32Array): Uint32Array {
    const order = new Uint32Array(indexes.length)
    let start = 0
    for (const end of this.#divide(indexes, order)) {
      // Of all at once it would make an ordinary array first, a large one.
      if (end - start > 1) order.subarray(start, end).sort((left, right) => this.#compare(left, right))
      start = end
    }
    return order
  }

  /** Writes the indexes into `order` by the first bits of their digests; returns where those of each beginning end. */
  #divide(indexes: Uint32Array, order: Uint32Array): Uint32Array {
    const ends = new Uint32Array(BEGINNINGS)
    const kindOf = (index: number): number => this.beginning(index) >>> (32 - BEGINNING_BITS)
    for (let at = 0; at < indexes.length; at++) increase(ends, kindOf(indexes[at] ?? 0), 1)
    for (let kind = 1; kind < BEGINNINGS; kind++) increase(ends, kind, ends[kind - 1] ?? 0)
    const places = ends.slice()
    for (let at = indexes.length - 1; at >= 0; at--) {
      const index = indexes[at] ?? 0
      order[increase(places, kindOf(index), -1)] = index
    }
    return ends
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
    const difference = this.beginning(left) - this.beginning(right)
    if (difference !== 0) return difference
    const from = (left % BLOCK_RECORDS) * DIGEST_BYTES
    const otherFrom = (right % BLOCK_RECORDS) * DIGEST_BYTES
    const other = this.#block(right)
    return this.#block(left).compare(other, otherFrom, otherFrom + DIGEST_BYTES, from, from + DIGEST_BYTES)
  }
}

/** Returns the new value. */
function increase(counts: Uint32Array, at: number, by: number): number {
  const value = (counts[at] ?? 0) + by
  counts[at] = value
  return value
}
