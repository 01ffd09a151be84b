import { createHash, type Hash, hash } from 'node:crypto'

/** What is shorter is gathered and hashed in one go. */
const SHORT = 4096

/**
 * The SHA-256 of one item after the other, each in pieces. Nearly all items are short, and a Hash of Node for each of them
 * is litter outside of V8's heap, which is cleaned up late.
 */
export class PieceHash {
  readonly #gathered = Buffer.alloc(SHORT)
  #length = 0
  #hash: Hash | null = null

  update(bytes: Uint8Array): void {
    if (this.#hash === null && this.#length + bytes.length <= SHORT) {
      this.#gathered.set(bytes, this.#length)
      this.#length += bytes.length
      return
    }
    this.#hash ??= createHash('sha256').update(this.#gathered.subarray(0, this.#length))
    this.#hash.update(bytes)
  }

  /** The digest of all since the last one. */
  digest(): Buffer {
    const digest =
      this.#hash === null ? hash('sha256', this.#gathered.subarray(0, this.#length), 'buffer') : this.#hash.digest()
    this.#hash = null
    this.#length = 0
    return digest
  }
}
