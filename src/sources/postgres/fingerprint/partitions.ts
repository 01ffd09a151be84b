import { textOf } from '../sql/text.ts'

/** Two qualified names of the longest kind, every byte of them a quote, with what stands around them. */
const LONGEST = 1024
const NAME = String.raw`(?:"(?:[^"]|"")+"|[^\s".;]+)`
const QUALIFIED = `${NAME}(?:\\.${NAME})?`
/** As pg_dump writes it, from version 11 on. */
const ATTACH = new RegExp(
  `^ALTER TABLE ONLY (${QUALIFIED}) ATTACH PARTITION (${QUALIFIED}) (?:FOR VALUES|DEFAULT)`,
  's',
)
const BEGINNING = Buffer.from('ALTER TABLE ONLY ')
const NOTHING = Buffer.alloc(0)

/** Which tables of a dump are partitions of which, from the statements that attach them. */
export class Partitions {
  readonly #parents = new Map<string, string>()
  /** What there is of the statement that is being read, as long as it may be one of these. */
  #head: Buffer = NOTHING
  #isOther = false

  /** The next bytes of a statement, as DumpHandler.statement gets them. */
  statement(bytes: Buffer, { last }: { readonly last: boolean }): void {
    if (!this.#isOther) this.#take(bytes, last)
    if (!last) return
    this.#head = NOTHING
    this.#isOther = false
  }

  /** The table that a partition is of in the end, as its COPY statement would name it; undefined for what is none. */
  rootOf(table: string): string | undefined {
    const seen = new Set([table])
    let root = this.#parents.get(table)
    for (let next = root; next !== undefined && !seen.has(next); next = this.#parents.get(next)) {
      seen.add(next)
      root = next
    }
    return root
  }

  #take(bytes: Buffer, last: boolean): void {
    const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
    const isWhole = last || head.length >= LONGEST
    this.#isOther = isWhole || !beginsAlike(head)
    if (isWhole && beginsAlike(head)) this.#read(head)
    // The scanner uses its buffer again.
    if (!this.#isOther) this.#head = Buffer.from(head)
  }

  #read(head: Buffer): void {
    const [, parent, partition] = ATTACH.exec(head.subarray(0, LONGEST).toString('latin1')) ?? []
    if (parent === undefined || partition === undefined) return
    this.#parents.set(readable(partition), readable(parent))
  }
}

/** Without an object for each: a dump has hundreds of thousands of statements. */
function beginsAlike(head: Buffer): boolean {
  const length = Math.min(head.length, BEGINNING.length)
  return head.compare(BEGINNING, 0, length, 0, length) === 0
}

function readable(latin1: string): string {
  return textOf(Buffer.from(latin1, 'latin1'))
}
