import type { TokenReader } from './token-reader.ts'

/** Words that stand for somebody else than a role of that name; the tools put such a name into quotation marks. */
const NO_NAME = /^(?:all|current_role|current_user|default|none|public|session_user|user)$/
const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/
const QUOTED_NAME = /^"(?:[^"]|"")+"$/
const PLAIN_LITERAL = /^'(?:[^'\\]|'')*'$/
const ESCAPED_LITERAL = /^E'(?:[^'\\]|''|\\\\)*'$/

/**
 * One name as PostgreSQL's own tools write it: plain where it needs no quotation marks, else in them. Without them, one
 * character per byte; null for all else, where nothing is taken.
 */
export function takeExactName(reader: TokenReader): string | null {
  const text = reader.peek()?.text ?? ''
  if (PLAIN_NAME.test(text) && !NO_NAME.test(text)) return reader.next()?.text ?? null
  if (!QUOTED_NAME.test(text)) return null
  reader.next()
  return text.slice(1, -1).replaceAll('""', '"')
}

/** To whom something is granted: a name, or null for PUBLIC; undefined where neither stands. */
export function takeExactGrantee(reader: TokenReader): string | null | undefined {
  return reader.take('public') ? null : (takeExactName(reader) ?? undefined)
}

/**
 * The text of one literal as PostgreSQL's own tools write it: `'…'`, or `E'…'` where a backslash is in it, doubled. One
 * character per byte; null for every other way to write one, where nothing is taken.
 */
export function takeExactLiteral(reader: TokenReader): string | null {
  const text = reader.peek()?.text ?? ''
  if (reader.peek()?.kind !== 'string') return null
  const isPlain = PLAIN_LITERAL.test(text)
  if (!isPlain && !ESCAPED_LITERAL.test(text)) return null
  reader.next()
  const inner = text.slice(isPlain ? 1 : 2, -1).replaceAll("''", "'")
  return isPlain ? inner : inner.replaceAll('\\\\', '\\')
}

/** A whole number, perhaps negative; null where none stands. */
export function takeExactInteger(reader: TokenReader): number | null {
  const negative = reader.take('-')
  const text = reader.peek()?.text ?? ''
  if (!/^\d{1,10}$/.test(text)) return null
  reader.next()
  return negative ? -Number(text) : Number(text)
}

/** The same thing several times, with commas between; null where one of them is something else. */
export function takeList<T>(reader: TokenReader, takeOne: (reader: TokenReader) => T | null): readonly T[] | null {
  const items: T[] = []
  do {
    const item = takeOne(reader)
    if (item === null) return null
    items.push(item)
  } while (reader.take(','))
  return items
}
