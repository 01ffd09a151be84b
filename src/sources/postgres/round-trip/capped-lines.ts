import { createHash, type Hash } from 'node:crypto'

const NEWLINE = 0x0a
const LONGEST_LINE = 1 << 20

/**
 * Cuts lines at 1 MiB, so that a sorting program, which holds a line in memory, does not need as much as the longest row:
 * what is behind it becomes its SHA-256 in hexadecimal. Two lines are equal behind this if and only if they were before,
 * however they come in pieces.
 */
export class CappedLines {
  readonly #limit: number
  #column = 0
  #rest: Hash | null = null

  constructor(limit: number = LONGEST_LINE) {
    this.#limit = limit
  }

  /** What is to be written of the next bytes; mostly these bytes themselves, uncopied. */
  write(bytes: Buffer): readonly Buffer[] {
    if (this.#rest === null && this.#column + bytes.length <= this.#limit) {
      const newline = bytes.lastIndexOf(NEWLINE)
      this.#column = newline === -1 ? this.#column + bytes.length : bytes.length - newline - 1
      return [bytes]
    }
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, at)
      const end = newline === -1 ? bytes.length : newline
      pieces.push(...this.#part(bytes.subarray(at, end)))
      if (newline !== -1) pieces.push(...this.#endOfLine())
      at = newline === -1 ? end : end + 1
    }
    return pieces
  }

  /** Bytes of one line, without its end. */
  #part(bytes: Buffer): readonly Buffer[] {
    const room = Math.max(0, this.#limit - this.#column)
    this.#column += bytes.length
    if (bytes.length <= room) return [bytes]
    this.#rest ??= createHash('sha256')
    this.#rest.update(bytes.subarray(room))
    return [bytes.subarray(0, room)]
  }

  #endOfLine(): readonly Buffer[] {
    const rest = this.#rest?.digest('hex') ?? ''
    this.#rest = null
    this.#column = 0
    return [Buffer.from(`${rest}\n`)]
  }
}
