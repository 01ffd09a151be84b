import { AtomicBody } from './atomic-body.ts'
import {
  BACKSLASH,
  BLANK,
  CLASS_OF,
  CLOSING_PARENTHESIS,
  CONTINUES_WORD,
  DASH,
  DOLLAR,
  DOUBLE_QUOTE,
  OPENING_PARENTHESIS,
  OTHER,
  QUOTE,
  SEMICOLON,
  SLASH,
  STAR,
  WORD,
} from './characters.ts'
import { dollarDelimiter } from './dollar-quote.ts'
import { type Enclosure, follow } from './enclosure.ts'

/** A longer word is no keyword; it need not be whole in one piece of bytes. */
const LONGEST_KEYWORD = 64

/**
 * Why `advance` stopped: behind the statement's semicolon, at a backslash outside quotes, because the bytes from there on
 * can't be understood without more behind them, or because all bytes were read.
 */
export type Stop = 'end of statement' | 'backslash' | 'starved' | 'all read'

/**
 * Reads one statement, in as many pieces as it comes, and finds the semicolon that ends it: the first one outside quotes,
 * comments, parentheses and `BEGIN ATOMIC` bodies. Holds no text of the statement.
 */
export class StatementLexer {
  /** The statement's first word in lower case; null until it was read, empty when the statement begins with something else. */
  firstWord: string | null = null
  stop: Stop = 'all read'
  readonly #backslashEscapes: boolean
  readonly #body = new AtomicBody()
  #enclosure: Enclosure | null = null
  #parentheses = 0
  /** PostgreSQL reads a literal that goes on behind white space in the way in which it began. */
  #escapesGoOn = false
  #inLongWord = false

  /** `backslashEscapes`: standard_conforming_strings is off, so that a plain '…' knows backslash escapes. */
  constructor(options: { readonly backslashEscapes: boolean }) {
    this.#backslashEscapes = options.backslashEscapes
  }

  /** Reads from `from` on and returns where it stopped; `stop` says why. */
  advance(bytes: Buffer, from: number): number {
    let at = from
    this.stop = 'all read'
    while (at < bytes.length && this.stop === 'all read') {
      at = this.#enclosure === null ? this.#next(bytes, at) : this.#inside(this.#enclosure, bytes, at)
    }
    return at
  }

  #inside(enclosure: Enclosure, bytes: Buffer, from: number): number {
    const reach = follow(enclosure, bytes, from)
    if (reach.closed) {
      this.#enclosure = null
      if (enclosure.kind === 'escape string') this.#escapesGoOn = true
    } else if (reach.at < bytes.length) this.stop = 'starved'
    return reach.at
  }

  #next(bytes: Buffer, from: number): number {
    const byte = bytes[from] ?? 0
    if (this.#inLongWord) return this.#restOfWord(bytes, from)
    switch (CLASS_OF[byte] ?? OTHER) {
      case BLANK:
        return from + 1
      case OTHER:
        return this.#other(from + 1)
      case WORD:
        return this.#word(bytes, from)
      default:
        return this.#special(byte, bytes, from)
    }
  }

  #other(next: number): number {
    this.firstWord ??= ''
    this.#escapesGoOn = false
    this.#body.otherToken()
    return next
  }

  #word(bytes: Buffer, from: number): number {
    const end = endOfWord(bytes, from)
    if (end === bytes.length && end - from <= LONGEST_KEYWORD) return this.#starve(from)
    if (end - from === 1 && isLetterE(bytes[from]) && bytes[end] === QUOTE)
      return this.#open({ kind: 'escape string' }, end + 1)
    this.#inLongWord = end === bytes.length
    this.#escapesGoOn = false
    if (this.firstWord === null || this.#mayHaveBody())
      this.#keyword(end - from > LONGEST_KEYWORD ? '' : lowerCase(bytes, from, end))
    return end
  }

  #mayHaveBody(): boolean {
    return this.firstWord === 'create' && this.#parentheses === 0 && this.#body.possible
  }

  #keyword(word: string): void {
    this.firstWord ??= word
    if (this.#mayHaveBody()) this.#body.word(word)
  }

  #restOfWord(bytes: Buffer, from: number): number {
    const end = endOfWord(bytes, from)
    this.#inLongWord = end === bytes.length
    return end
  }

  #special(byte: number, bytes: Buffer, at: number): number {
    switch (byte) {
      case QUOTE:
        return this.#open(this.#plainString(), at + 1)
      case DOUBLE_QUOTE:
        return this.#open({ kind: 'quotes', quote: DOUBLE_QUOTE }, at + 1)
      case DOLLAR:
        return this.#dollar(bytes, at)
      case DASH:
      case SLASH:
        return this.#comment(byte, bytes, at)
      case BACKSLASH:
        return this.#stopAt('backslash', at)
      case SEMICOLON:
        return this.#semicolon(at + 1)
      default:
        return this.#parenthesis(byte, at + 1)
    }
  }

  #plainString(): Enclosure {
    const escapes = this.#backslashEscapes || this.#escapesGoOn
    return escapes ? { kind: 'escape string' } : { kind: 'quotes', quote: QUOTE }
  }

  #dollar(bytes: Buffer, at: number): number {
    const delimiter = dollarDelimiter(bytes, at)
    if (delimiter === 'undecided') return this.#starve(at)
    if (delimiter === 'none') return this.#other(at + 1)
    return this.#open({ kind: 'dollar quotes', delimiter }, at + delimiter.length)
  }

  #comment(byte: number, bytes: Buffer, at: number): number {
    if (at + 1 === bytes.length) return this.#starve(at)
    const enclosure = commentAt(byte, bytes[at + 1])
    if (enclosure === null) return this.#other(at + 1)
    // A comment is white space: what stood before it still counts.
    this.#enclosure = enclosure
    return at + 2
  }

  #parenthesis(byte: number, next: number): number {
    if (byte === OPENING_PARENTHESIS) this.#parentheses++
    if (byte === CLOSING_PARENTHESIS) this.#parentheses = Math.max(0, this.#parentheses - 1)
    return this.#other(next)
  }

  #semicolon(next: number): number {
    const ends = this.#parentheses === 0 && !this.#body.open
    return ends ? this.#stopAt('end of statement', next) : this.#other(next)
  }

  #open(enclosure: Enclosure, next: number): number {
    this.#other(next)
    this.#enclosure = enclosure
    return next
  }

  #starve(at: number): number {
    return this.#stopAt('starved', at)
  }

  #stopAt(stop: Stop, at: number): number {
    this.stop = stop
    return at
  }
}

/** The comment that two bytes open, if they do. */
export function commentAt(byte: number, next: number | undefined): Enclosure | null {
  if (byte === DASH && next === DASH) return { kind: 'line comment' }
  if (byte === SLASH && next === STAR) return { kind: 'block comment', depth: 1 }
  return null
}

function isLetterE(byte: number | undefined): boolean {
  return byte === 0x45 || byte === 0x65
}

function endOfWord(bytes: Buffer, from: number): number {
  let end = from
  while (end < bytes.length && CONTINUES_WORD[bytes[end] ?? 0] === 1) end++
  return end
}

function lowerCase(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to).toLowerCase()
}
