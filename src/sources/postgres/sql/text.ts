import { isUtf8 } from 'node:buffer'

/**
 * Bytes of a dump as a string for people and for comparing: UTF-8 where they are UTF-8, else one character per byte,
 * so that two different names never become the same string of the second kind.
 */
export function textOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1')
}
