import { textOf } from './text.ts'
import type { Token } from './tokens.ts'

/** Reads a statement's tokens from left to right; keywords are given in lower case. */
export class TokenReader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: Iterable<Token>) {
    this.#tokens = [...tokens]
  }

  /** How many tokens were read. */
  get position(): number {
    return this.#at
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length
  }

  /** The token `ahead` places further on. */
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead]
  }

  next(): Token | undefined {
    return this.#tokens[this.#at++]
  }

  /** Whether the next tokens are these words or signs, separated by blanks. */
  sees(phrase: string): boolean {
    return phrase.split(' ').every((wanted, index) => isWord(this.peek(index), wanted))
  }

  /** Takes these words or signs if they come next. */
  take(phrase: string): boolean {
    if (!this.sees(phrase)) return false
    this.#at += phrase.split(' ').length
    return true
  }

  /** Takes the first of these phrases that comes next: the longer ones stand first. */
  takeOneOf<T extends string>(phrases: readonly T[]): T | null {
    return phrases.find(phrase => this.take(phrase)) ?? null
  }

  /** A name such as `a`, `"b"."c d"` or a large object's number, as written; null where none stands. */
  takeName(): string | null {
    const first = this.peek()
    if (first === undefined || (first.kind !== 'word' && first.kind !== 'name' && first.kind !== 'number')) return null
    let text = first.text
    this.#at++
    while (isSign(this.peek(), '.') && isNamePart(this.peek(1))) {
      text += `.${this.peek(1)?.text}`
      this.#at += 2
    }
    return text
  }

  /** A name, or the signs of an operator with or without its schema: `public.-/`. */
  takeOperatorName(): string | null {
    const start = this.#at
    let text = ''
    while (isNamePart(this.peek()) && isSign(this.peek(1), '.')) {
      text += `${this.peek()?.text}.`
      this.#at += 2
    }
    while (this.peek()?.kind === 'sign' && !isSign(this.peek(), '(') && !isSign(this.peek(), ';'))
      text += this.next()?.text
    if (text.endsWith('.') || text === '') {
      this.#at = start
      return this.takeName()
    }
    return text
  }

  /** Everything from an opening to its closing parenthesis; null where none opens. */
  takeParentheses(): readonly Token[] | null {
    if (!isSign(this.peek(), '(')) return null
    const start = this.#at
    let depth = 0
    do {
      const token = this.next()
      if (isSign(token, '(')) depth++
      if (isSign(token, ')')) depth--
    } while (depth > 0 && !this.atEnd)
    return this.#tokens.slice(start, this.#at)
  }

  /** Goes on behind the first of these words outside parentheses; stays where it is when there is none. */
  skipPast(phrase: string): boolean {
    const start = this.#at
    while (!this.atEnd) {
      if (this.take(phrase)) return true
      if (this.takeParentheses() === null) this.#at++
    }
    this.#at = start
    return false
  }

  /** What was not read yet. */
  rest(): readonly Token[] {
    return this.#tokens.slice(this.#at)
  }
}

/** Whether a token is this unquoted word (in any case) or this sign. */
export function isWord(token: Token | undefined, wanted: string): boolean {
  return (token?.kind === 'word' || token?.kind === 'sign') && token.text.toLowerCase() === wanted
}

function isSign(token: Token | undefined, sign: string): boolean {
  return token?.kind === 'sign' && token.text === sign
}

function isNamePart(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'name'
}

/** Tokens as one text for people, with blanks where they belong: `(integer, text[])`. What literals say is left out. */
export function joined(tokens: readonly Token[]): string {
  let text = ''
  for (const [index, token] of tokens.entries()) {
    text += `${needsBlank(tokens[index - 1], token) ? ' ' : ''}${token.kind === 'string' ? "'…'" : readable(token.text)}`
  }
  return text
}

/** Latin-1 text, one character per byte, as people read it. */
export function readable(latin1: string): string {
  return textOf(Buffer.from(latin1, 'latin1'))
}

function needsBlank(before: Token | undefined, token: Token): boolean {
  if (before === undefined || token.kind === 'sign') return false
  return before.kind !== 'sign' || /[,)\]]/.test(before.text)
}
