import type { StatementIdentity } from './statement-identity.ts'
import { joined, readable, TokenReader } from './token-reader.ts'
import { tokensOf } from './tokens.ts'

/** One GRANT or REVOKE on an object, as pg_dump writes it. */
export interface WrittenRight {
  readonly gives: boolean
  /** `SELECT`, `SELECT(note)`, `ALL`. */
  readonly privileges: readonly string[]
  /** As `objectText` has it: `TABLE shop.customer`. */
  readonly object: string
  /** As written; `PUBLIC` for everybody. */
  readonly grantee: string
  /** He may give it on. */
  readonly grantable: boolean
}

/** Reads the identity of a GRANT or REVOKE; null for any other statement, and for one that pg_dump writes otherwise. */
export function readWrittenRight({ kind, identity }: StatementIdentity): WrittenRight | null {
  if (kind !== 'GRANT' && kind !== 'REVOKE') return null
  const gives = kind === 'GRANT'
  const reader = new TokenReader(tokensOf(Buffer.from(identity)))
  const privileges = takePrivileges(reader)
  if (privileges === null || !reader.take('on')) return null
  const object = takeUntil(reader, gives ? 'to' : 'from')
  const grantee = reader.takeName()
  const grantable = gives && reader.take('with grant option')
  if (object === null || grantee === null || !reader.atEnd) return null
  return { gives, privileges, object, grantee: readable(grantee), grantable }
}

/** The text of an object by which rights on it are known: `FUNCTION public.f(n integer)`. One character per byte. */
export function objectText(type: string, latin1: string): string {
  return joined([...tokensOf(Buffer.from(`${type} ${latin1}`, 'latin1'))])
}

function takePrivileges(reader: TokenReader): readonly string[] | null {
  const privileges: string[] = []
  do {
    const word = reader.next()
    if (word?.kind !== 'word') return null
    const columns = (reader.takeParentheses() ?? []).filter(({ kind }) => kind === 'word' || kind === 'name')
    const name = word.text.toUpperCase()
    privileges.push(...(columns.length === 0 ? [name] : columns.map(({ text }) => `${name}(${readable(text)})`)))
  } while (reader.take(','))
  return privileges
}

/** What stands before this word, as one text. */
function takeUntil(reader: TokenReader, word: string): string | null {
  const tokens = reader.rest()
  const start = reader.position
  return reader.skipPast(word) ? joined(tokens.slice(0, reader.position - start - 1)) : null
}
