const TAB = 0x09
export const NEWLINE = 0x0a
export const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
export const DOUBLE_QUOTE = 0x22
export const DOLLAR = 0x24
export const QUOTE = 0x27
export const OPENING_PARENTHESIS = 0x28
export const CLOSING_PARENTHESIS = 0x29
export const STAR = 0x2a
export const DASH = 0x2d
export const SLASH = 0x2f
export const SEMICOLON = 0x3b
export const BACKSLASH = 0x5c

/** What a byte outside quotes may begin: nothing of interest, white space, a word, or one of the special tokens. */
export const OTHER = 0
export const BLANK = 1
export const WORD = 2
const SPECIAL = 3

/**
 * The class of each byte, by the rules of PostgreSQL's lexer. Every byte from 128 on belongs to a word, which holds for
 * all server encodings: none of them uses an ASCII byte inside a longer character.
 */
export const CLASS_OF = classes()

/** 1 for the bytes that may go on inside an unquoted word: letters, digits, `_`, `$` and everything from 128 on. */
export const CONTINUES_WORD = Uint8Array.from({ length: 256 }, (_, byte) =>
  CLASS_OF[byte] === WORD || isDigit(byte) || byte === DOLLAR ? 1 : 0,
)

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function classes(): Uint8Array {
  const table = new Uint8Array(256)
  for (const byte of [TAB, NEWLINE, 0x0b, 0x0c, CARRIAGE_RETURN, SPACE]) table[byte] = BLANK
  for (let byte = 0; byte < 256; byte++) if (startsWord(byte)) table[byte] = WORD
  for (const character of `'"$()-/;\\`) table[character.charCodeAt(0)] = SPECIAL
  return table
}

function startsWord(byte: number): boolean {
  const lower = byte | 0x20
  return byte >= 128 || byte === 0x5f || (lower >= 0x61 && lower <= 0x7a)
}
