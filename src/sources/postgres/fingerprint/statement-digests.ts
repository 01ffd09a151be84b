import { largeObjectOid, STATEMENT_HEAD_BYTES, statementKind } from '../sql/statements.ts'
import { DigestList, type DigestSummary } from './digest-list.ts'
import { type ItemSink, type ItemSinks, summaryOf } from './item-sink.ts'
import { LargeObjects } from './large-objects.ts'
import { PieceHash } from './piece-hash.ts'
import { beginningsOf } from './statement-beginnings.ts'

/** Takes the bytes of one statement as they come. */
interface Sink {
  update(bytes: Buffer): void
  end(): void
}

const IGNORE: Sink = { update: () => {}, end: () => {} }
const NOTHING = Buffer.alloc(0)

/** Digests everything in a dump but its COPY blocks: statements, sequence values, large objects. */
export class StatementDigests {
  readonly #items: ItemSinks
  readonly #headBytes: number
  readonly #largeObject: LargeObjects
  /** Of the statement that is being read; there is one at a time. */
  readonly #hash = new PieceHash()
  #head: Buffer = NOTHING
  #sink: Sink | null = null

  /** `headBytes`: how much of a statement's beginning the sinks need; a shorter statement gives all of itself. */
  constructor(items: ItemSinks = digestLists(), headBytes: number = STATEMENT_HEAD_BYTES) {
    this.#items = items
    this.#headBytes = headBytes
    this.#largeObject = new LargeObjects(items.largeObjects)
  }

  /** The next bytes of a statement, as DumpHandler.statement gets them. */
  statement(bytes: Buffer, state: { readonly last: boolean }): void {
    if (this.#sink === null) this.#begin(bytes, state.last)
    else this.#sink.update(bytes)
    if (!state.last) return
    this.#sink?.end()
    this.#sink = null
  }

  /** Whether a large object was opened and not closed. */
  get insideLargeObject(): boolean {
    return this.#largeObject.isOpen
  }

  /** Null where others keep the digests. */
  beginnings(): string | null {
    const { statements } = this.#items
    return statements instanceof DigestList ? beginningsOf(statements) : null
  }

  summary(): Record<keyof ItemSinks, DigestSummary> {
    return summaryOf(this.#items)
  }

  /** Waits until enough of the statement is there to know its kind. */
  #begin(bytes: Buffer, last: boolean): void {
    const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
    const enough = last || head.length >= this.#headBytes
    this.#head = enough ? NOTHING : Buffer.from(head)
    if (!enough) return
    this.#sink = this.#sinkFor(head)
    this.#sink.update(head)
  }

  #sinkFor(head: Buffer): Sink {
    const kind = statementKind(head)
    switch (kind) {
      case 'set':
      case 'set_config':
      case 'transaction':
        return IGNORE
      case 'setval':
        return digestInto(this.#items.sequences, head, this.#hash)
      case 'lo_open':
      case 'lowrite':
      case 'lo_close':
        return this.#largeObjectSink(kind, head) ?? digestInto(this.#items.statements, head, this.#hash)
      case 'other':
        return digestInto(this.#items.statements, head, this.#hash)
    }
  }

  /** Null for a call that is not part of writing a large object. */
  #largeObjectSink(kind: 'lo_open' | 'lowrite' | 'lo_close', head: Buffer): Sink | null {
    const oid = kind === 'lo_open' ? largeObjectOid(head) : null
    if (oid !== null) return { ...IGNORE, end: () => this.#largeObject.open(oid) }
    if (!this.#largeObject.isOpen) return null
    if (kind === 'lo_close') return { ...IGNORE, end: () => this.#largeObject.close() }
    return kind === 'lowrite' ? dataInto(this.#largeObject) : null
  }
}

function digestLists(): ItemSinks {
  return { statements: new DigestList(), sequences: new DigestList(), largeObjects: new DigestList() }
}

function digestInto(list: ItemSink, head: Buffer, hash: PieceHash): Sink {
  list.begin?.(head)
  return { update: bytes => hash.update(bytes), end: () => list.add(hash.digest()) }
}

function dataInto(largeObject: LargeObjects): Sink {
  let first = true
  return {
    update(bytes) {
      if (first) largeObject.writeFirst(bytes)
      else largeObject.writeMore(bytes)
      first = false
    },
    end: () => {},
  }
}
