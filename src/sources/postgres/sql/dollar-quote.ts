import { CLASS_OF, CONTINUES_WORD, DOLLAR, WORD } from './characters.ts'

/** No tag is longer than this; `pg_dump` and people write a few letters. It bounds how far the reader has to look ahead. */
const LONGEST_TAG = 1_024

/**
 * Reads what a `$` outside quotes and words begins: the delimiter that opens a dollar quote (`$$`, `$tag$`), `none` for
 * a parameter such as `$1` or a lone dollar sign, or `undecided` while the bytes end too early to tell.
 */
export function dollarDelimiter(bytes: Buffer, from: number): Buffer | 'none' | 'undecided' {
  let at = from + 1
  while (at < bytes.length && belongsToTag(bytes, at, from + 1)) at++
  if (at - from > LONGEST_TAG) return 'none'
  if (at === bytes.length) return 'undecided'
  return bytes[at] === DOLLAR ? Buffer.from(bytes.subarray(from, at + 1)) : 'none'
}

function belongsToTag(bytes: Buffer, at: number, start: number): boolean {
  const byte = bytes[at] ?? 0
  if (byte === DOLLAR) return false
  return at === start ? CLASS_OF[byte] === WORD : CONTINUES_WORD[byte] === 1
}
