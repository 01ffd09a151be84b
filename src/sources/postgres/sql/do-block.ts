import { dollarQuote } from './quote.ts'
import { TokenReader } from './token-reader.ts'
import { tokensOf } from './tokens.ts'

/**
 * What a block that only adds comforts may fail with: lacking rights, something there already, something missing, a value
 * that means nothing here, such as a provider of security labels that is not loaded (22023), words that only newer servers
 * know.
 */
const TOLERATED =
  'insufficient_privilege OR duplicate_object OR undefined_object OR invalid_parameter_value OR syntax_error'

/**
 * A `DO` block around PL/pgSQL statements, each ending in a semicolon. Missing rights or objects become a warning, so that
 * loading with ON_ERROR_STOP goes on; the statements of one block succeed or fail together.
 */
export function doBlock(statements: readonly string[]): string {
  return `DO ${dollarQuote(`\n${tolerantBlock(statements)};\n`)};\n`
}

/** The same without `DO`, to stand inside another block. */
export function tolerantBlock(statements: readonly string[]): string {
  return `BEGIN\n${statements.join('\n')}\nEXCEPTION WHEN ${TOLERATED} THEN\n  RAISE WARNING '%', SQLERRM;\nEND`
}

/** Whether a whole statement is a `DO`, of whatever kind. */
export function isDoStatement(statement: Buffer): boolean {
  return /^do(?![\w$\x80-\xff])/i.test(statement.toString('latin1', 0, 3))
}

/**
 * Reads back a statement that `doBlock` wrote: what `takeInner` found between its frame. Null for every other statement,
 * and where `takeInner` gives null.
 */
export function readDoBlock<T>(statement: Buffer, takeInner: (reader: TokenReader) => T | null): T | null {
  const reader = new TokenReader(tokensOf(statement))
  if (!reader.take('do')) return null
  const body = DOLLAR_QUOTED.exec(reader.next()?.text ?? '')?.groups?.body
  if (body === undefined || !reader.take(';') || !reader.atEnd) return null
  const inside = new TokenReader(tokensOf(Buffer.from(body, 'latin1')))
  const found = takeTolerantBlock(inside, takeInner)
  return inside.atEnd ? found : null
}

const DOLLAR_QUOTED = /^(?<tag>\$backup\d*\$)(?<body>.*)\k<tag>$/s

/** The same for what `tolerantBlock` wrote, behind which a semicolon stands. */
export function takeTolerantBlock<T>(reader: TokenReader, takeInner: (reader: TokenReader) => T | null): T | null {
  if (!reader.take('begin')) return null
  const found = takeInner(reader)
  return takeHandler(reader) ? found : null
}

/** Earlier versions tolerated less. */
function takeHandler(reader: TokenReader): boolean {
  if (!reader.take('exception when')) return false
  do {
    if (!/^[a-z_]+$/.test(reader.next()?.text ?? '')) return false
  } while (reader.take('or'))
  return reader.take('then raise warning') && reader.next()?.text === "'%'" && reader.take(', sqlerrm ; end ;')
}
