import { QUOTE } from '../sql/characters.ts'
import type { ItemSink } from './item-sink.ts'
import { PieceHash } from './piece-hash.ts'

const HEX_MARK = 0x78

/** Gathers the digest of each large object between its `lo_open` and its `lo_close`, however its data is cut into `lowrite` calls. */
export class LargeObjects {
  readonly #items: ItemSink
  readonly #hash = new PieceHash()
  #isOpen = false
  #inData = false

  constructor(items: ItemSink) {
    this.#items = items
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** The object with this OID, in decimal digits, is opened; one that was open before is closed. */
  open(oid: string): void {
    this.close()
    this.#isOpen = true
    this.#hash.update(Buffer.from(`${oid}\n`))
    this.#items.begin?.(Buffer.from(oid))
  }

  /** The first piece of a `lowrite` statement: it holds at least the statement's beginning up to its data. */
  writeFirst(piece: Buffer): void {
    const quote = piece.indexOf(QUOTE)
    const start = piece.indexOf(HEX_MARK, quote) + 1
    this.#inData = quote !== -1 && start > quote
    this.writeMore(piece.subarray(start))
  }

  /** A further piece of the same statement: data up to the closing quote. */
  writeMore(piece: Buffer): void {
    if (!this.#inData) return
    const quote = piece.indexOf(QUOTE)
    if (this.#isOpen) this.#hash.update(quote === -1 ? piece : piece.subarray(0, quote))
    this.#inData = quote === -1
  }

  close(): void {
    if (!this.#isOpen) return
    this.#items.add(this.#hash.digest())
    this.#isOpen = false
  }
}
