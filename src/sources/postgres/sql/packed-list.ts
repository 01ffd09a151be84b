import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** So few that finding one among them takes no time, and so many that they compress well: one after the other they are alike. */
const TOGETHER = 512
const LENGTH_BYTES = 4
/** Each call of zlib makes buffers of its own, by default large ones, which stay until the next turn of the event loop. */
const FOR_SHORT_TEXT = { level: 1, windowBits: 12, memLevel: 5, chunkSize: 4_096 }

/**
 * Many short texts, as bytes, in the order in which they were added. Those of a dump need some five bytes each, where a
 * Buffer or a string for each would need a hundred beside the text. Reading them in order is fast.
 */
export class PackedList {
  readonly #packed: Buffer[] = []
  #last: Buffer[] = []
  #unpacked: { readonly block: number; readonly texts: readonly Buffer[] } = { block: -1, texts: [] }

  /** The bytes must stay as they are. */
  add(text: Buffer): void {
    this.#last.push(text)
    if (this.#last.length < TOGETHER) return
    this.#packed.push(pack(this.#last))
    this.#last = []
  }

  get length(): number {
    return this.#packed.length * TOGETHER + this.#last.length
  }

  /** Undefined when there is none. */
  at(index: number): Buffer | undefined {
    return this.#block(Math.floor(index / TOGETHER))[index % TOGETHER]
  }

  *[Symbol.iterator](): Generator<Buffer> {
    for (let block = 0; block <= this.#packed.length; block++) yield* this.#block(block)
  }

  #block(block: number): readonly Buffer[] {
    const packed = this.#packed[block]
    if (packed === undefined) return block === this.#packed.length ? this.#last : []
    if (this.#unpacked.block !== block) this.#unpacked = { block, texts: unpack(packed) }
    return this.#unpacked.texts
  }
}

function pack(texts: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(texts.flatMap(text => [lengthOf(text), text]))
  return alone(deflateRawSync(bytes, FOR_SHORT_TEXT))
}

/** A copy with memory of its own: a part of a larger buffer, as zlib gives it and Node's pool too, would keep all of that. */
function alone(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length)
  bytes.copy(copy)
  return copy
}

function lengthOf(text: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(text.length)
  return length
}

function unpack(packed: Buffer): readonly Buffer[] {
  const bytes = inflateRawSync(packed, FOR_SHORT_TEXT)
  const texts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const start = at + LENGTH_BYTES
    at = start + bytes.readUInt32LE(at)
    texts.push(bytes.subarray(start, at))
  }
  return texts
}
