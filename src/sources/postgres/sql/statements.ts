/** How many bytes of a statement's beginning `statementKind` and `largeObjectOid` need; more do not change the answer. */
export const STATEMENT_HEAD_BYTES = 256

/**
 * What a statement of a dump is, as far as it has to be told apart: settings of the session (`set`, `set_config`), the
 * frame of a transaction, a sequence's value, and the three calls with which large objects are written.
 */
export type StatementKind =
  | 'set'
  | 'set_config'
  | 'transaction'
  | 'setval'
  | 'lo_open'
  | 'lowrite'
  | 'lo_close'
  | 'other'

const CALL = /^SELECT\s+(?:pg_catalog\.)?(set_config|setval|lo_open|lowrite|lo_close)\s*\(/i
const OPENED = /^SELECT\s+(?:pg_catalog\.)?lo_open\s*\(\s*'?(\d+)'?\s*,/i
const STANDARD_STRINGS = /^SET\s+(?:SESSION\s+)?standard_conforming_strings\s*(?:=|\sTO\s)\s*'?(\w+)'?\s*;$/i

/** The kind of a statement, from its beginning. */
export function statementKind(head: Buffer): StatementKind {
  const text = beginning(head)
  if (/^SET\s/i.test(text)) return 'set'
  if (/^(?:BEGIN|COMMIT)\s*;/i.test(text)) return 'transaction'
  return (CALL.exec(text)?.[1]?.toLowerCase() as StatementKind | undefined) ?? 'other'
}

/** The OID, in decimal digits, that a `lo_open` statement opens; null if it names none. */
export function largeObjectOid(head: Buffer): string | null {
  return OPENED.exec(beginning(head))?.[1] ?? null
}

/** The value that a whole SET statement gives to standard_conforming_strings; null when it sets something else. */
export function standardStringsSetBy(statement: Buffer): boolean | null {
  const value = STANDARD_STRINGS.exec(statement.toString('latin1'))?.[1]?.toLowerCase()
  return value === undefined ? null : ['on', 'true', 'yes', '1'].includes(value)
}

function beginning(head: Buffer): string {
  return head.toString('latin1', 0, STATEMENT_HEAD_BYTES)
}
