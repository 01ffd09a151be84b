import { withoutDefaults } from './object-reference.ts'
import { isWord, TokenReader } from './token-reader.ts'
import { LONGEST_READ, meansOneThing, type Token, tokensOf } from './tokens.ts'

/** What stands in a statement from one byte to before another. */
interface Clause {
  readonly kind: 'language' | 'transform' | 'leakproof' | 'support' | 'set' | 'body' | 'other'
  readonly from: number
  readonly to: number
  /** The name behind LANGUAGE, SUPPORT or SET, as written. */
  readonly name: string
}

/** `CREATE [OR REPLACE] FUNCTION | PROCEDURE` as pg_dump writes it, taken apart. Texts have one character per byte. */
export interface RoutineText {
  /** `FUNCTION shop.f(a integer, OUT b text)`, as ALTER, GRANT and REVOKE take it: without defaults. */
  readonly signature: string
  /** The language's name as written. */
  readonly language: string
  /**
   * A default of a parameter names nothing outside of pg_catalog. Of any other the server may run code while it reads the
   * statement: the input of an array of a domain runs the domain's checks.
   */
  readonly hasPlainDefaults: boolean
  /** Its body is a literal, which the server does not read before the routine is called or validated. */
  readonly hasTextBody: boolean
  /** Without LEAKPROOF, SUPPORT and settings but `search_path`; null where it has none of them. */
  readonly lesser: Buffer | null
  /** What makes the lesser form the whole one again: one statement for each thing that was left out. */
  readonly completions: readonly Buffer[]
  /** The same routine in PL/pgSQL, able to do nothing but fail with insufficient_privilege. */
  readonly standIn: Buffer
  /** The statement itself, made to replace the stand-in. */
  readonly replacement: Buffer
}

/** Null for any statement that is not such a one to its last token. */
export function readRoutine(statement: Buffer): RoutineText | null {
  if (statement.length > LONGEST_READ) return null
  const tokens = [...tokensOf(statement)]
  const reader = new TokenReader(tokens)
  if (!meansOneThing(tokens) || !reader.take('create')) return null
  const replaces = reader.take('or replace')
  const kind = reader.takeOneOf(['function', 'procedure'])
  const name = reader.takeName()
  const parameters = reader.takeParentheses()
  // Without its schema it could be one of the server's.
  if (kind === null || name === null || !name.includes('.') || parameters === null) return null
  const clauses = clausesOf(reader)
  const language = clauses?.find(clause => clause.kind === 'language')
  if (clauses === null || language === undefined) return null
  const text = statement.toString('latin1')
  const signature = `${kind.toUpperCase()} ${name}${parametersText(text, parameters)}`
  return {
    ...{ signature, language: language.name, hasPlainDefaults: hasPlainDefaults(parameters) },
    hasTextBody: /^as\b/i.test(text.slice(clauses.at(-1)?.from)),
    ...lesserForm(text, signature, clauses),
    standIn: standInFor(text, language.from, clauses),
    replacement: replaces ? statement : Buffer.from(text.replace(/^CREATE/i, 'CREATE OR REPLACE'), 'latin1'),
  }
}

/** All that stands from LANGUAGE on, one by one; null where something stands there that pg_dump does not write. */
function clausesOf(reader: TokenReader): readonly Clause[] | null {
  while (!reader.atEnd && !reader.sees('language')) if (reader.takeParentheses() === null) passName(reader)
  const clauses: Clause[] = []
  while (!reader.atEnd && !reader.sees(';')) {
    const from = reader.peek()?.at ?? 0
    const found = clauseAt(reader)
    if (found === null) return null
    clauses.push({ ...found, from, to: reader.peek()?.at ?? from })
  }
  return clauses.at(-1)?.kind === 'body' && reader.take(';') && reader.atEnd ? clauses : null
}

/** A type may be called like a keyword when its schema stands before it. */
function passName(reader: TokenReader): void {
  if (reader.takeName() === null) reader.next()
}

const OTHERS = [
  'window',
  'immutable',
  'stable',
  'volatile',
  'strict',
  'called on null input',
  'returns null on null input',
  'security definer',
  'security invoker',
] as const

function clauseAt(reader: TokenReader): Pick<Clause, 'kind' | 'name'> | null {
  if (reader.take('language')) return named('language', reader)
  if (reader.take('support')) return named('support', reader)
  if (reader.take('leakproof')) return { kind: 'leakproof', name: '' }
  if (reader.take('set')) return setting(reader)
  if (reader.take('transform for type')) return transforms(reader)
  if (reader.takeOneOf(OTHERS) !== null) return { kind: 'other', name: '' }
  if (reader.takeOneOf(['cost', 'rows', 'parallel']) === null) return body(reader)
  return reader.next() === undefined ? null : { kind: 'other', name: '' }
}

function named(kind: Clause['kind'], reader: TokenReader): Pick<Clause, 'kind' | 'name'> | null {
  const name = reader.takeName()
  return name === null ? null : { kind, name }
}

/** `SET search_path TO 'a', "b"`. */
function setting(reader: TokenReader): Pick<Clause, 'kind' | 'name'> | null {
  const name = reader.takeName()
  if (name === null || !reader.take('to')) return null
  do {
    reader.take('-')
    const value = reader.next()
    if (value === undefined || value.kind === 'sign') return null
  } while (reader.take(','))
  return { kind: 'set', name }
}

function transforms(reader: TokenReader): Pick<Clause, 'kind' | 'name'> | null {
  do {
    if (reader.takeName() === null) return null
    while (!reader.atEnd && !startsClause(reader)) reader.next()
  } while (reader.take(', for type'))
  return { kind: 'transform', name: '' }
}

function startsClause(reader: TokenReader): boolean {
  const words = [...OTHERS, 'leakproof', 'support', 'set', 'cost', 'rows', 'parallel', 'as', ', for type']
  return words.some(word => reader.sees(word))
}

/** `AS 'text'[, 'symbol']`, or the SQL itself, which the server reads to its end. */
function body(reader: TokenReader): Pick<Clause, 'kind' | 'name'> | null {
  const found = { kind: 'body', name: '' } as const
  if (reader.take('as')) {
    do if (reader.next()?.kind !== 'string') return null
    while (reader.take(','))
    return found
  }
  if (!reader.sees('begin atomic') && !reader.sees('return')) return null
  while (!reader.atEnd && !(reader.sees(';') && reader.peek(1) === undefined)) reader.next()
  return found
}

/** The parameters as they are written, without what stands behind DEFAULT. */
function parametersText(text: string, parameters: readonly Token[]): string {
  const kept = new Set(withoutDefaults(parameters))
  return parameters
    .map((token, index) => (kept.has(token) ? text.slice(token.at, parameters[index + 1]?.at ?? token.at + 1) : ''))
    .join('')
}

function isDefault(token: Token): boolean {
  return isWord(token, 'default') || isWord(token, '=')
}

function hasPlainDefaults(parameters: readonly Token[]): boolean {
  return !parameters.some(isDefault) || !parameters.some(token => isWord(token, '.'))
}

function lesserForm(
  text: string,
  signature: string,
  clauses: readonly Clause[],
): Pick<RoutineText, 'lesser' | 'completions'> {
  const left = clauses.filter(clause => isOfSuperusers(clause))
  if (left.length === 0) return { lesser: null, completions: [] }
  const settings = left.some(({ kind }) => kind === 'set') ? clauses.filter(({ kind }) => kind === 'set') : []
  const flags = left.filter(({ kind }) => kind !== 'set')
  const textOf = ({ from, to }: Clause): string => text.slice(from, to).trim()
  return {
    lesser: Buffer.from(without(text, left), 'latin1'),
    completions: [
      ...flags.map(textOf),
      // From the first on, so that they stand in the order in which the source has them.
      ...(settings.length === 0 ? [] : [`RESET ALL ${settings.map(textOf).join(' ')}`]),
    ].map(change => Buffer.from(`ALTER ${signature} ${change}`, 'latin1')),
  }
}

function isOfSuperusers({ kind, name }: Clause): boolean {
  return kind === 'leakproof' || kind === 'support' || (kind === 'set' && name.toLowerCase() !== 'search_path')
}

function without(text: string, clauses: readonly Clause[]): string {
  let kept = ''
  let at = 0
  for (const { from, to } of clauses) {
    kept += text.slice(at, from)
    at = to
  }
  return kept + text.slice(at)
}

function standInFor(text: string, at: number, clauses: readonly Clause[]): Buffer {
  const kept = clauses.filter(({ kind }) => kind === 'other').map(({ from, to }) => text.slice(from, to).trim())
  const head = `${text.slice(0, at)}LANGUAGE plpgsql ${kept.join(' ')}`
  return Buffer.from(`${head} AS ${STAND_IN};`, 'latin1')
}

const STAND_IN = `'BEGIN RAISE EXCEPTION USING ERRCODE = ''42501'', MESSAGE = ''a function in a language that is not trusted''; END'`
