import { OperatorError } from '../../../errors.ts'
import { BACKSLASH, BLANK, CLASS_OF, DASH, NEWLINE, SLASH } from './characters.ts'
import { copyReach, countNewlines } from './copy-data.ts'
import { type CopyHeader, parseCopyHeader } from './copy-header.ts'
import { type Enclosure, endOfLine, follow } from './enclosure.ts'
import { HeldStatement } from './held-statement.ts'
import { LineText } from './line-text.ts'
import { commentAt, StatementLexer } from './statement-lexer.ts'
import { standardStringsSetBy } from './statements.ts'

/**
 * What a dump consists of, in its order. All bytes are valid only during the call. How a statement or a block's data is
 * cut into calls depends on how the dump arrives; everything else does not.
 */
export interface DumpHandler {
  /** One `--` line outside statements, with its dashes and without its line end; the first 4 KiB of it. */
  comment(text: string): void
  /** A backslash command outside quotes, wherever it stands: the rest of its line, backslash included; the first 4 KiB of it. */
  metaCommand(text: string): void
  /**
   * A statement from its first token to the closing semicolon inclusive, in one call or several. Meta-commands within it
   * are left out, comments within it are part of it.
   */
  statement(bytes: Buffer, state: { readonly first: boolean; readonly last: boolean }): void
  /** A `COPY … FROM stdin;` was read, with its text; such statements do not go to `statement`. */
  copyStart(header: CopyHeader, statement: Buffer): void
  /** Lines of the block as written, with their newlines and without the closing `\.`; `rows` newlines are in `bytes`. */
  copyData(bytes: Buffer, rows: number): void
  copyEnd(): void
}

/** What was still open when a dump ended. */
export type Unfinished = 'statement' | 'comment' | 'COPY data'

type Place = 'between' | 'comment line' | 'block comment' | 'statement' | 'meta-command' | 'after COPY' | 'COPY data'

const NOTHING = Buffer.alloc(0)

/**
 * Reads the plain SQL text of a dump as psql would, in any pieces and in bounded memory: it knows quotes, dollar quotes,
 * comments, parentheses, `BEGIN ATOMIC` bodies, COPY blocks and meta-commands. It works on bytes, so that every server
 * encoding does. `\;` and `\:`, which psql knows and no dump has, count as meta-commands.
 */
export class DumpScanner {
  readonly #handler: DumpHandler
  #place: Place = 'between'
  /** Bytes that can't be understood without those behind them: at most about a KiB. */
  #carried: Buffer = NOTHING
  #starved = false
  #backslashEscapes = false
  #lexer = new StatementLexer({ backslashEscapes: false })
  #statementBegan = false
  readonly #held = new HeldStatement()
  #comment: Enclosure = { kind: 'block comment', depth: 1 }
  readonly #line = new LineText()
  #atRowStart = true

  constructor(handler: DumpHandler) {
    this.#handler = handler
  }

  /**
   * Reads the next bytes. Throws an OperatorError (`incomplete`) at text that no dump has and that would be read wrongly:
   * a COPY statement of more than 1 MiB, or anything behind `COPY … FROM stdin;` on its line.
   */
  write(chunk: Buffer): void {
    const bytes = this.#carried.length === 0 ? chunk : Buffer.concat([this.#carried, chunk])
    this.#carried = NOTHING
    this.#starved = false
    let at = 0
    while (at < bytes.length && !this.#starved) at = this.#step(bytes, at)
    if (at < bytes.length) this.#carried = Buffer.from(bytes.subarray(at))
  }

  /** The dump is over: tells what it ended inside of, null if it ended between statements. */
  end(): Unfinished | null {
    if (this.#place === 'comment line' || this.#place === 'meta-command') this.#finishLine(NOTHING)
    if (this.#place === 'COPY data' || this.#place === 'after COPY') return 'COPY data'
    if (this.#place === 'block comment') return 'comment'
    return this.#insideStatement() || this.#carried.length > 0 ? 'statement' : null
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#place) {
      case 'between':
        return this.#between(bytes, at)
      case 'statement':
        return this.#statement(bytes, at)
      case 'COPY data':
        return this.#copyData(bytes, at)
      case 'comment line':
      case 'meta-command':
        return this.#restOfLine(bytes, at)
      case 'block comment':
        return this.#blockComment(bytes, at)
      case 'after COPY':
        return this.#afterCopy(bytes, at)
    }
  }

  #between(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0
    if (CLASS_OF[byte] === BLANK) return at + 1
    if (byte === BACKSLASH) return this.#enter('meta-command', at)
    const mayBeComment = byte === DASH || byte === SLASH
    if (mayBeComment && at + 1 === bytes.length) return this.#starve(at)
    const comment = commentAt(byte, bytes[at + 1])
    if (comment?.kind === 'line comment') return this.#enter('comment line', at)
    if (comment !== null) return this.#openBlockComment(comment, at + 2)
    this.#lexer = new StatementLexer({ backslashEscapes: this.#backslashEscapes })
    return this.#enter('statement', at)
  }

  #openBlockComment(comment: Enclosure, next: number): number {
    this.#comment = comment
    return this.#enter('block comment', next)
  }

  #blockComment(bytes: Buffer, from: number): number {
    const reach = follow(this.#comment, bytes, from)
    if (reach.closed) return this.#enter('between', reach.at)
    return this.#starve(reach.at)
  }

  #restOfLine(bytes: Buffer, from: number): number {
    const end = this.#place === 'meta-command' ? newlineFrom(bytes, from) : endOfLine(bytes, from)
    const piece = bytes.subarray(from, end)
    if (end === bytes.length) this.#line.add(piece)
    else this.#finishLine(piece)
    return end
  }

  #finishLine(piece: Buffer): void {
    const text = this.#line.finish(piece)
    const command = this.#place === 'meta-command'
    this.#place = this.#insideStatement() ? 'statement' : 'between'
    if (command) this.#handler.metaCommand(text)
    else this.#handler.comment(text)
  }

  #statement(bytes: Buffer, from: number): number {
    const to = this.#lexer.advance(bytes, from)
    const last = this.#lexer.stop === 'end of statement'
    if (to > from) this.#emit(bytes.subarray(from, to), last)
    if (this.#lexer.stop === 'starved') return this.#starve(to)
    if (this.#lexer.stop === 'backslash') return this.#enter('meta-command', to)
    return to
  }

  #emit(bytes: Buffer, last: boolean): void {
    const held = this.#lexer.firstWord === 'copy' || this.#lexer.firstWord === 'set'
    if (held) this.#held.add(bytes)
    else this.#handler.statement(bytes, { first: !this.#statementBegan, last })
    this.#statementBegan = !last
    if (!last) return
    this.#place = 'between'
    if (held) this.#releaseHeld()
  }

  #releaseHeld(): void {
    const statement = this.#held.take()
    const header = parseCopyHeader(statement)
    if (header === null) {
      this.#backslashEscapes = !(standardStringsSetBy(statement) ?? !this.#backslashEscapes)
      this.#handler.statement(statement, { first: true, last: true })
    } else {
      this.#place = 'after COPY'
      this.#handler.copyStart(header, statement)
    }
  }

  #afterCopy(bytes: Buffer, at: number): number {
    if (bytes[at] === NEWLINE) {
      this.#atRowStart = true
      return this.#enter('COPY data', at + 1)
    }
    if (CLASS_OF[bytes[at] ?? 0] === BLANK) return at + 1
    throw new OperatorError(
      'incomplete',
      'dump: text behind COPY … FROM stdin on its line; expected the end of the line',
    )
  }

  #copyData(bytes: Buffer, from: number): number {
    const reach = copyReach(bytes, from, this.#atRowStart)
    if (reach.end > from) {
      const data = bytes.subarray(from, reach.end)
      this.#atRowStart = data[data.length - 1] === NEWLINE
      this.#handler.copyData(data, countNewlines(data))
    }
    if (!reach.closed) return this.#starve(reach.end)
    this.#handler.copyEnd()
    return this.#enter('between', reach.rest)
  }

  #insideStatement(): boolean {
    return this.#place === 'statement' || this.#statementBegan
  }

  #enter(place: Place, next: number): number {
    this.#place = place
    return next
  }

  /** Stops reading these bytes at `at`: what is left of them is read again with the next ones. */
  #starve(at: number): number {
    this.#starved = true
    return at
  }
}

function newlineFrom(bytes: Buffer, from: number): number {
  const newline = bytes.indexOf(NEWLINE, from)
  return newline === -1 ? bytes.length : newline
}
