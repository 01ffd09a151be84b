/**
 * One token of SQL text as PostgreSQL's lexer sees it, without white space and comments. `text` has one character per
 * byte (Latin-1), as written: quotes and dollar quotes are part of it.
 *
 * - `word`: an unquoted keyword or name; - `name`: a name in double quotes; - `string`: a literal, however quoted
 * - `number`; - `sign`: any other character, one by one
 */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign'
  readonly text: string
  /** Where it begins, in bytes from the beginning of the statement. */
  readonly at: number
}

/**
 * The longest statement that is read to its end for the admin, in bytes: its tokens take fifty times the memory. What is
 * longer is the loader's, or nobody's.
 */
export const LONGEST_READ = 1_048_576

/**
 * Whether these tokens are what a server reads, whatever its standard_conforming_strings is: a backslash in a plain literal
 * may hide the quote behind it.
 */
export function meansOneThing(tokens: readonly Token[]): boolean {
  return !tokens.some(({ kind, text }) => kind === 'string' && text.startsWith("'") && text.includes('\\'))
}

type Unplaced = Omit<Token, 'at'>

const BLANK = /[ \t-\r]+/y
const WORD = /[A-Za-z_\x80-\xff][\w$\x80-\xff]*/y
const NUMBER = /\d+(?:\.\d+)?/y
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$/y
const LINE_END = /[\n\r]/g

/**
 * The tokens of a statement, or of its beginning: a literal or name that is cut off is the last token. Works in every
 * server encoding. `backslashEscapes`: standard_conforming_strings is off.
 */
export function* tokensOf(statement: Buffer, options: { readonly backslashEscapes?: boolean } = {}): Generator<Token> {
  const text = statement.toString('latin1')
  let at = 0
  while (at < text.length) {
    const next = endOfBlank(text, at)
    if (next > at) at = next
    else {
      const token = tokenAt(text, at, options.backslashEscapes === true)
      yield { ...token, at }
      at += token.text.length
    }
  }
}

/** The end of the white space or the comment that stands at `at`; `at` itself where there is neither. */
function endOfBlank(text: string, at: number): number {
  if (text.startsWith('--', at)) return endOfLine(text, at)
  if (text.startsWith('/*', at)) return endOfComment(text, at)
  return matchEnd(BLANK, text, at) ?? at
}

function endOfLine(text: string, at: number): number {
  LINE_END.lastIndex = at
  return LINE_END.exec(text)?.index ?? text.length
}

/** They nest. */
function endOfComment(text: string, at: number): number {
  let depth = 0
  for (let index = at; index < text.length; ) {
    const pair = text.slice(index, index + 2)
    if (pair === '/*') depth++
    if (pair === '*/') depth--
    index += pair === '/*' || pair === '*/' ? 2 : 1
    if (depth === 0) return index
  }
  return text.length
}

function tokenAt(text: string, at: number, backslashEscapes: boolean): Unplaced {
  const character = text[at] ?? ''
  if (character === '"') return { kind: 'name', text: text.slice(at, endOfQuotes(text, at, '"')) }
  if (character === "'") return plainString(text, at, backslashEscapes)
  if (/[eE]/.test(character) && text[at + 1] === "'")
    return { kind: 'string', text: text.slice(at, endOfEscapes(text, at + 1)) }
  const delimiterEnd = character === '$' ? matchEnd(DOLLAR_QUOTE, text, at) : null
  if (delimiterEnd !== null) return dollarQuoted(text, at, delimiterEnd)
  const wordEnd = matchEnd(WORD, text, at)
  if (wordEnd !== null) return { kind: 'word', text: text.slice(at, wordEnd) }
  const numberEnd = matchEnd(NUMBER, text, at)
  return numberEnd === null ? { kind: 'sign', text: character } : { kind: 'number', text: text.slice(at, numberEnd) }
}

function plainString(text: string, at: number, backslashEscapes: boolean): Unplaced {
  const end = backslashEscapes ? endOfEscapes(text, at) : endOfQuotes(text, at, "'")
  return { kind: 'string', text: text.slice(at, end) }
}

/** Behind the closing quote; a doubled one does not close. */
function endOfQuotes(text: string, at: number, quote: string): number {
  let closing = text.indexOf(quote, at + 1)
  while (closing !== -1 && text[closing + 1] === quote) closing = text.indexOf(quote, closing + 2)
  return closing === -1 ? text.length : closing + 1
}

function endOfEscapes(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === "'") {
      if (text[at + 1] !== "'") return at + 1
      at++
    }
  }
  return text.length
}

function dollarQuoted(text: string, at: number, delimiterEnd: number): Unplaced {
  const delimiter = text.slice(at, delimiterEnd)
  const closing = text.indexOf(delimiter, delimiterEnd)
  return { kind: 'string', text: text.slice(at, closing === -1 ? text.length : closing + delimiter.length) }
}

function matchEnd(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}
