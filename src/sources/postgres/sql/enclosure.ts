import { BACKSLASH, CARRIAGE_RETURN, NEWLINE, QUOTE, SLASH, STAR } from './characters.ts'

/** A stretch of SQL text in which no character has its usual meaning until the stretch is closed. */
export type Enclosure =
  /** '…' or "…" without escapes: a doubled quote reads as two such stretches side by side, which comes to the same. */
  | { readonly kind: 'quotes'; readonly quote: number }
  /** E'…', or '…' while standard_conforming_strings is off: a backslash takes the next byte with it. */
  | { readonly kind: 'escape string' }
  /** $tag$…$tag$; the delimiter includes both dollar signs. */
  | { readonly kind: 'dollar quotes'; readonly delimiter: Buffer }
  /** `--` to the end of the line, which is left to the reader after it. */
  | { readonly kind: 'line comment' }
  /** A comment between slash-star and star-slash; they nest. */
  | { readonly kind: 'block comment'; depth: number }

/** How far an enclosure reaches into some bytes. If it is not closed, the bytes from `at` on are needed again, with more behind them. */
export interface Extent {
  readonly at: number
  readonly closed: boolean
}

/** Follows an open enclosure from `from` on. The depth of a block comment is kept in the enclosure itself. */
export function follow(enclosure: Enclosure, bytes: Buffer, from: number): Extent {
  switch (enclosure.kind) {
    case 'quotes':
      return reachTo(bytes, bytes.indexOf(enclosure.quote, from))
    case 'escape string':
      return followEscapes(bytes, from)
    case 'dollar quotes':
      return followDollars(enclosure.delimiter, bytes, from)
    case 'line comment':
      return reachToLineEnd(bytes, endOfLine(bytes, from))
    case 'block comment':
      return followComment(enclosure, bytes, from)
  }
}

/** Where the line that `from` stands in ends: the index of its newline or carriage return, or the end of the bytes. */
export function endOfLine(bytes: Buffer, from: number): number {
  let at = from
  // Not indexOf: it would look through the whole chunk for a carriage return that is hardly ever there.
  while (at < bytes.length && bytes[at] !== NEWLINE && bytes[at] !== CARRIAGE_RETURN) at++
  return at
}

function reachTo(bytes: Buffer, closing: number): Extent {
  return closing === -1 ? { at: bytes.length, closed: false } : { at: closing + 1, closed: true }
}

function reachToLineEnd(bytes: Buffer, end: number): Extent {
  return { at: end, closed: end < bytes.length }
}

function followEscapes(bytes: Buffer, from: number): Extent {
  let at = from
  while (at < bytes.length) {
    if (bytes[at] === QUOTE) return { at: at + 1, closed: true }
    const width = bytes[at] === BACKSLASH ? 2 : 1
    if (at + width > bytes.length) break
    at += width
  }
  return { at, closed: false }
}

function followDollars(delimiter: Buffer, bytes: Buffer, from: number): Extent {
  const closing = bytes.indexOf(delimiter, from)
  if (closing !== -1) return { at: closing + delimiter.length, closed: true }
  return { at: Math.max(from, bytes.length - delimiter.length + 1), closed: false }
}

function followComment(comment: { depth: number }, bytes: Buffer, from: number): Extent {
  let at = from
  while (at + 1 < bytes.length) {
    const opens = bytes[at] === SLASH && bytes[at + 1] === STAR
    const closes = bytes[at] === STAR && bytes[at + 1] === SLASH
    if (opens) comment.depth++
    if (closes) comment.depth--
    at += opens || closes ? 2 : 1
    if (comment.depth === 0) return { at, closed: true }
  }
  return { at, closed: false }
}
