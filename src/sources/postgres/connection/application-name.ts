import { createHash } from 'node:crypto'

/** What PostgreSQL keeps of an application's name, in bytes; of a longer one it complains to every tool. */
const LONGEST = 63
const DIGITS = 8

/**
 * A name for sessions as the server keeps it: printable ASCII, and no longer than it may be. Of a longer one the
 * beginning stays, and a few digits tell it from others that begin alike.
 */
export function applicationNameOf(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?')
  if (plain === text && plain.length <= LONGEST) return plain
  const digits = createHash('sha256').update(text).digest('hex').slice(0, DIGITS)
  return `${plain.slice(0, LONGEST - DIGITS - 1)}~${digits}`
}
