import { STATEMENT_IDENTITY_BYTES } from './statement-identity.ts'
import { isWord, TokenReader } from './token-reader.ts'
import { LONGEST_READ, meansOneThing, type Token, tokensOf } from './tokens.ts'

/** A library of the server's own folder, without a path into any other. */
const LIBRARY = /^'(?:\$libdir\/)?[\w+-][\w.+-]*'$/

/**
 * `CREATE FUNCTION … LANGUAGE c … AS 'library'[, 'symbol'];`: it holds no text that could run. Any other spelling of the
 * language ("c", 'c') is none that pg_dump writes.
 */
export function isNativeFunction(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  const reader = new TokenReader(tokensOf(statement))
  if (!reader.take('create')) return false
  reader.take('or replace')
  if (reader.takeOneOf(['function', 'procedure']) === null) return false
  if (reader.takeName() === null || reader.takeParentheses() === null) return false
  if (!reader.skipPast('language') || !reader.take('c')) return false
  return reader.skipPast('as') && isLibraryAndSymbol(reader.rest())
}

function isLibraryAndSymbol(tokens: readonly Token[]): boolean {
  const [library, ...rest] = tokens
  if (library?.kind !== 'string' || !LIBRARY.test(library.text)) return false
  return [[';'], [',', 'string', ';']].some(
    shape =>
      shape.length === rest.length &&
      shape.every((wanted, at) => wanted === (rest[at]?.kind === 'string' ? 'string' : rest[at]?.text)),
  )
}

/** An aggregate with a state that only C functions know. */
export function isNativeAggregate(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  const words = [...tokensOf(statement)].filter(token => token.kind === 'word').map(token => token.text.toLowerCase())
  return words.some((word, at) => /^m?stype$/.test(word) && words[at + 1] === 'internal')
}

/** A base type or the shell of one: `CREATE TYPE name;`, `CREATE TYPE name (INPUT = …);`. */
export function isBaseType(statement: Buffer): boolean {
  const reader = new TokenReader(tokensOf(statement.subarray(0, STATEMENT_IDENTITY_BYTES)))
  if (!reader.take('create type') || reader.takeName() === null) return false
  return reader.sees(';') || reader.sees('(')
}

/**
 * Whether the server may run code of others while it reads a statement: a foreign table's expressions, or its rows through
 * another table; the first value of an aggregate, which is read as its type.
 */
export function holdsExpressions(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return true
  const tokens = [...tokensOf(statement)]
  const reader = new TokenReader(tokens)
  if (reader.take('create aggregate')) return tokens.some(token => token.kind === 'string')
  if (!reader.sees('create foreign table')) return false
  const words = ['default', 'check', 'generated', 'inherits', 'partition']
  return !meansOneThing(tokens) || tokens.some(token => words.some(word => isWord(token, word)))
}

/** A subscription that connects nowhere: `connect = false` stands among its options. */
export function isUnconnectedSubscription(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  // Where backslashes escape, such a literal would end later than it is read here.
  if (statement.includes("\\'")) return false
  const reader = new TokenReader(tokensOf(statement))
  if (!reader.take('create subscription') || !reader.skipPast('with')) return false
  const options = reader.takeParentheses() ?? []
  return options.some((token, at) => isWord(token, 'connect') && isFalse(options.slice(at + 1, at + 4)))
}

function isFalse([equals, value, end]: readonly Token[]): boolean {
  return isWord(equals, '=') && isWord(value, 'false') && (isWord(end, ',') || isWord(end, ')'))
}

/** Types whose owner is changed by `ALTER <type> <name> OWNER TO <role>;`, and what may stand behind the name. */
const OWNED = [
  'access method',
  'aggregate',
  'collation',
  'conversion',
  'domain',
  'event trigger',
  'extension',
  'foreign data wrapper',
  'foreign table',
  'function',
  'large object',
  'materialized view',
  'operator class',
  'operator family',
  'operator',
  'procedural language',
  'language',
  'procedure',
  'publication',
  'schema',
  'sequence',
  'server',
  'statistics',
  'subscription',
  'table',
  'text search configuration',
  'text search dictionary',
  'type',
  'view',
] as const

/** Whoever runs the statement would become the owner, and that is the admin; pg_dump writes none of them. */
const WHOEVER_RUNS_IT = ['current_user', 'current_role', 'session_user'] as const

/**
 * A change of owner to a role with a name, and nothing else: an ALTER TABLE could do more on its way, such as computing a
 * new column.
 */
export function isPlainOwnerChange(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  const reader = new TokenReader(tokensOf(statement))
  if (!reader.take('alter')) return false
  const type = reader.takeOneOf(OWNED)
  if (type === null) return false
  const name = type === 'operator' ? reader.takeOperatorName() : reader.takeName()
  if (name === null) return false
  reader.takeParentheses()
  if (reader.take('using') && reader.takeName() === null) return false
  if (!reader.take('owner to') || WHOEVER_RUNS_IT.some(word => reader.sees(word))) return false
  return reader.takeName() !== null && reader.take(';') && reader.atEnd
}

/** A foreign-data wrapper without functions, which no table can be read by. */
export function isInertWrapper(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  const reader = new TokenReader(tokensOf(statement))
  return reader.take('create foreign data wrapper') && !reader.skipPast('handler') && !reader.skipPast('validator')
}

/** `CREATE [OR REPLACE] [TRUSTED] [PROCEDURAL] LANGUAGE name;`: since version 13 the server makes the extension of that name. */
export function isLanguageByName(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  const reader = new TokenReader(tokensOf(statement))
  if (!reader.take('create')) return false
  for (const word of ['or replace', 'trusted', 'procedural']) reader.take(word)
  return reader.take('language') && reader.takeName() !== null && reader.take(';') && reader.atEnd
}

/** What PL/pgSQL consisted of before it was an extension, as pg_dump writes it where it was never made one. */
const OLD_PLPGSQL = [
  `create function public . plpgsql_call_handler ( ) returns language_handler language c as '$libdir/plpgsql' , 'plpgsql_call_handler' ;`,
  `create function public . plpgsql_validator ( oid ) returns void language c as '$libdir/plpgsql' , 'plpgsql_validator' ;`,
  `create function public . plpgsql_inline_handler ( internal ) returns void language c as '$libdir/plpgsql' , 'plpgsql_inline_handler' ;`,
]

/** Exactly one of the functions that PL/pgSQL brought before it was an extension: the server has the same ones for everybody. */
export function isOldPlpgsql(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  const text = [...tokensOf(statement)].map(token => (token.kind === 'word' ? token.text.toLowerCase() : token.text))
  return OLD_PLPGSQL.includes(text.join(' '))
}

/**
 * A publication, or what is published, without a condition: the server reads a condition in the session of whoever makes
 * it, and may run code of the archive while it does.
 */
export function isUnconditionalPublication(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  const tokens = [...tokensOf(statement)]
  const reader = new TokenReader(tokens)
  const isOne = reader.take('create publication') || reader.take('alter publication')
  return isOne && meansOneThing(tokens) && !tokens.some(token => isWord(token, 'where'))
}

/** The name behind `CREATE SERVER`, as written, one character per byte. */
export function createdServer(statement: Buffer): string | null {
  return nameBehind(statement, 'create server')
}

/** The name behind `CREATE EXTENSION`, as written, one character per byte. */
export function createdExtension(statement: Buffer): string | null {
  return nameBehind(statement, 'create extension')
}

/** The schema that `CREATE EXTENSION … WITH SCHEMA` names, as written, one character per byte; null where it names none. */
export function schemaOfExtension(statement: Buffer): string | null {
  const reader = new TokenReader(tokensOf(statement))
  if (!reader.take('create extension')) return null
  reader.take('if not exists')
  if (reader.takeName() === null) return null
  reader.take('with')
  return reader.take('schema') ? reader.takeName() : null
}

function nameBehind(statement: Buffer, verb: string): string | null {
  const reader = new TokenReader(tokensOf(statement))
  if (!reader.take(verb)) return null
  reader.take('if not exists')
  return reader.takeName()
}
