import { TokenReader } from './token-reader.ts'
import { LONGEST_READ, meansOneThing, tokensOf } from './tokens.ts'

/**
 * The function of `CREATE [CONSTRAINT] TRIGGER … EXECUTE FUNCTION name(…);`, as written, one character per byte. Null for
 * any other statement, and where the trigger has a condition, which the server reads as it makes it.
 */
export function triggerFunction(statement: Buffer): string | null {
  if (statement.length > LONGEST_READ) return null
  const tokens = [...tokensOf(statement)]
  const reader = new TokenReader(tokens)
  if (!meansOneThing(tokens) || reader.takeOneOf(['create trigger', 'create constraint trigger']) === null) return null
  const start = reader.rest()
  if (new TokenReader(start).skipPast('when')) return null
  if (!reader.skipPast('execute function') && !reader.skipPast('execute procedure')) return null
  const name = reader.takeName()
  return reader.takeParentheses() !== null && reader.take(';') && reader.atEnd ? name : null
}
