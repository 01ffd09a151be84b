import { createHash, type Hash } from 'node:crypto'
import { QUOTE } from '../sql/characters.ts'
import type { ItemSink } from './item-sink.ts'

const HEX_MARK = 0x78

/** Gathers the digest of each large object between its `lo_open` and its `lo_close`, however its data is cut into `lowrite` calls. */
export class LargeObjects {
  readonly #items: ItemSink
  #open: Hash | null = null
  #inData = false

  constructor(items: ItemSink) {
    this.#items = items
  }

  get isOpen(): boolean {
    return this.#open !== null
  }

  /** The object with this OID, in decimal digits, is opened; one that was open before is closed. */
  open(oid: string): void {
    this.close()
    this.#open = createHash('sha256').update(`${oid}\n`)
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
    this.#open?.update(quote === -1 ? piece : piece.subarray(0, quote))
    this.#inData = quote === -1
  }

  close(): void {
    if (this.#open === null) return
    this.#items.add(this.#open.digest())
    this.#open = null
  }
}
