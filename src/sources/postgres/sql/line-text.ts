import { textOf } from './text.ts'

/** A comment or meta-command is kept up to this length; nothing that matters to us is longer. */
const KEPT_BYTES = 4_096
const NOTHING = Buffer.alloc(0)

/** Gathers one line of text that may come in pieces, and keeps its first 4 KiB. */
export class LineText {
  #kept: Buffer = NOTHING

  /** A piece that does not end the line; it is copied. */
  add(piece: Buffer): void {
    this.#kept = Buffer.from(this.#with(piece))
  }

  /** The line that `piece` ends, and a new beginning. */
  finish(piece: Buffer): string {
    const text = textOf(this.#with(piece))
    this.#kept = NOTHING
    return text
  }

  #with(piece: Buffer): Buffer {
    if (this.#kept.length === 0) return piece.subarray(0, KEPT_BYTES)
    return Buffer.concat([this.#kept, piece.subarray(0, KEPT_BYTES - this.#kept.length)])
  }
}
