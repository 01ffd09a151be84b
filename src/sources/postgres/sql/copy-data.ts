import { BACKSLASH, CARRIAGE_RETURN, NEWLINE } from './characters.ts'

const CLOSING = Buffer.from('\\.')

/** Where a COPY block's data ends in some bytes. `rest` is where reading goes on. */
export type CopyReach =
  | { readonly closed: true; readonly end: number; readonly rest: number }
  /** `end` leaves out a beginning of the closing line: it is needed again, with more bytes behind it. */
  | { readonly closed: false; readonly end: number }

/**
 * Finds the end of COPY data from `from` on: the line that is exactly `\.` (with `\n` or, as psql reads it, `\r\n`).
 * `atLineStart` says whether `from` is the first byte of a line.
 */
export function copyReach(bytes: Buffer, from: number, atLineStart: boolean): CopyReach {
  let at = bytes.indexOf(CLOSING, from)
  while (at !== -1) {
    const lineStart = at === from ? atLineStart : bytes[at - 1] === NEWLINE
    const closingLine = lineStart ? lengthOfClosingLine(bytes, at) : 'data'
    if (closingLine === 'undecided') return { closed: false, end: at }
    if (closingLine !== 'data') return { closed: true, end: at, rest: at + closingLine }
    at = bytes.indexOf(CLOSING, at + 1)
  }
  return { closed: false, end: bytes.length - (endsInLoneBackslash(bytes, from, atLineStart) ? 1 : 0) }
}

/**
 * Counts newlines, four bytes at a time: 2.5 GB/s for rows of any width, where indexOf falls to 0.4 GB/s for rows of
 * 15 bytes and a loop over bytes runs at 0.4 to 1 GB/s.
 */
export function countNewlines(bytes: Buffer): number {
  const head = Math.min(bytes.length, -bytes.byteOffset & 3)
  const words = (bytes.length - head) >> 2
  const tail = head + words * 4
  let count = countOneByOne(bytes.subarray(0, head)) + countOneByOne(bytes.subarray(tail))
  if (words > 0) count += countInWords(new Int32Array(bytes.buffer, bytes.byteOffset + head, words))
  return count
}

function countOneByOne(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte === NEWLINE) count++
  return count
}

function countInWords(words: Int32Array): number {
  let count = 0
  for (let at = 0; at < words.length; ) {
    // Each byte of `sums` counts the newlines at its own place in the words; 255 of them fit.
    const stop = Math.min(words.length, at + 255)
    let sums = 0
    for (; at < stop; at++) {
      const different = (words[at] ?? 0) ^ 0x0a0a0a0a
      sums = (sums + (~(((different & 0x7f7f7f7f) + 0x7f7f7f7f) | different | 0x7f7f7f7f) >>> 7)) | 0
    }
    count += (sums & 255) + ((sums >>> 8) & 255) + ((sums >>> 16) & 255) + (sums >>> 24)
  }
  return count
}

function lengthOfClosingLine(bytes: Buffer, at: number): number | 'data' | 'undecided' {
  const width = bytes[at + 2] === CARRIAGE_RETURN ? 4 : 3
  if (at + width > bytes.length) return 'undecided'
  return bytes[at + width - 1] === NEWLINE ? width : 'data'
}

function endsInLoneBackslash(bytes: Buffer, from: number, atLineStart: boolean): boolean {
  const last = bytes.length - 1
  if (last < from || bytes[last] !== BACKSLASH) return false
  return last === from ? atLineStart : bytes[last - 1] === NEWLINE
}
