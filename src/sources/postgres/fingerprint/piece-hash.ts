import { createHash, type Hash, hash } from 'node:crypto'

/** What is shorter is gathered and hashed in one go. */
const SHORT = 4096
const DIGEST_BYTES = 32

/**
 * The SHA-256 of one item after the other, each in pieces. Nearly all items are short, and a Hash of Node for each of them
 * is litter outside of V8's heap, which is cleaned up late.
 */
export class PieceHash {
  readonly #gathered = Buffer.alloc(SHORT)
  readonly #digest = Buffer.alloc(DIGEST_BYTES)
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

  /** The digest of all since the last one; valid until the next one. */
  digest(): Buffer {
    // As text: a new Buffer from Node would take three times as long.
    const hex = this.#hash?.digest('hex') ?? hash('sha256', this.#gathered.subarray(0, this.#length), 'hex')
    this.#digest.write(hex, 'hex')
    this.#hash = null
    this.#length = 0
    return this.#digest
  }
}
