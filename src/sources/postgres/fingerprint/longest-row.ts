import { NEWLINE } from '../sql/characters.ts'

/** Shorter rows need no memory that would matter, and looking for the longest of them would take time. */
const SHORTEST_OF_INTEREST = 16 * 1024

/** Finds the longest line of a table's data in nearly no time: it jumps over all that can't be longer than what it knows. */
export class LongestRow {
  #longest = SHORTEST_OF_INTEREST
  /** How much of a line has come that is not over yet. */
  #open = 0

  /** The next bytes, cut anywhere. */
  write(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) at = this.#jump(bytes, at)
  }

  /** In bytes, its newline included; undefined where none is longer than 16 KiB. */
  get bytes(): number | undefined {
    return this.#longest > SHORTEST_OF_INTEREST ? this.#longest : undefined
  }

  /** From within a line to the beginning of the last line that begins before the longest one would end. */
  #jump(bytes: Buffer, at: number): number {
    const reach = at + Math.max(0, this.#longest - this.#open)
    const within = bytes.subarray(at, reach).lastIndexOf(NEWLINE)
    if (within !== -1) return this.#startLine(at + within + 1)
    const end = reach >= bytes.length ? -1 : bytes.indexOf(NEWLINE, Math.max(at, reach))
    if (end === -1) {
      this.#open += bytes.length - at
      return bytes.length
    }
    this.#longest = this.#open + end + 1 - at
    return this.#startLine(end + 1)
  }

  #startLine(at: number): number {
    this.#open = 0
    return at
  }
}
