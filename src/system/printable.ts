/**
 * A text of others as part of one line of a terminal: line breaks, control characters, those that turn the direction of
 * text or cannot be seen, and halves of characters are written as escapes, so that no name can forge a line or move the
 * cursor. Everything that is printed goes through this, JSON excepted, which has escapes of its own.
 */
export function printable(text: string): string {
  return isPlain(text) ? text : text.replace(UNPRINTABLE, escapeOf)
}

/** The same for text that is JSON: what JSON lets stand is written as JSON's own escapes, and means the same. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE_IN_JSON, unicodeEscapes)
}

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu
/** Line breaks and blanks that JSON itself is laid out with stay. */
const UNPRINTABLE_IN_JSON = /[\p{Cf}\u007f-\u009f\p{Zl}\p{Zp}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return SHORT[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : unicodeEscapes(character))
}

function unicodeEscapes(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map(unit => `\\u${hex(unit, 4)}`).join('')
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}

/** Nearly every text is, and looking at each character of a long listing takes its time. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}
