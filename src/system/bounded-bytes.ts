import { FileFault } from './file-fault.ts'

const SMALLEST_READ = 4096

/** What was read of one file so far. Throws a FileFault as soon as it is, or would be, more than `mostBytes`. */
export class BoundedBytes {
  readonly #path: string
  readonly #size: number
  readonly #most: number
  readonly #pieces: Buffer[] = []
  #bytes = 0

  constructor(path: string, size: number, mostBytes: number) {
    this.#path = path
    this.#size = size
    this.#most = mostBytes
    this.#refuseMore(size)
  }

  /** A buffer for the next read: one byte more than the file has, so that a second read sees its end. */
  next(): Buffer {
    const left = Math.max(this.#size + 1 - this.#bytes, SMALLEST_READ)
    return Buffer.allocUnsafe(Math.min(left, this.#most + 1 - this.#bytes))
  }

  /** Takes what was read into that buffer. */
  add(piece: Buffer): void {
    this.#bytes += piece.length
    this.#refuseMore(this.#bytes)
    this.#pieces.push(piece)
  }

  /** All of it, when a read came back with nothing. */
  whole(): Buffer {
    const [only] = this.#pieces
    return only !== undefined && this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
  }

  #refuseMore(bytes: number): void {
    if (bytes <= this.#most) return
    throw new FileFault(this.#path, `it has ${bytes} bytes or more; expected at most ${this.#most}`)
  }
}
