import { printable } from './printable.ts'

const MOST_BYTES = 16 * 1024
const MOST_LINES = 100
const LONGEST_LINE = 500

/** The end of what somebody else's program prints, in bounded memory, whatever it prints. */
export class LastLines {
  #bytes = Buffer.alloc(0)
  #isCut = false

  add(piece: Buffer): void {
    const all = Buffer.concat([this.#bytes, piece.subarray(-MOST_BYTES)])
    this.#isCut ||= this.#bytes.length + piece.length > MOST_BYTES
    this.#bytes = Buffer.from(all.subarray(-MOST_BYTES))
  }

  /** Each as it may be printed, without control characters; an ellipsis stands for what was left out. */
  lines(): readonly string[] {
    const all = this.#bytes
      .toString('utf8')
      .split(/\r?\n/)
      .filter(line => line !== '')
    const isCut = this.#isCut || all.length > MOST_LINES
    return [...(isCut ? ['…'] : []), ...all.slice(-MOST_LINES).map(shortened)]
  }
}

function shortened(line: string): string {
  const text = printable(line)
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text
}
