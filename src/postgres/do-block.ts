import { dollarQuote } from './quote.ts'

/**
 * What a block that only adds comforts may fail with: lacking rights, something there already, something missing, a value
 * that means nothing here, such as a provider of security labels that is not loaded (22023).
 */
const TOLERATED = 'insufficient_privilege OR duplicate_object OR undefined_object OR invalid_parameter_value'

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
