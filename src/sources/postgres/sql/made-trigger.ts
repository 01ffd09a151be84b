import { TokenReader } from './token-reader.ts'
import { LONGEST_READ, meansOneThing, tokensOf } from './tokens.ts'

/** A trigger, and what it calls. */
interface MadeTrigger {
  /** As written, one character per byte. */
  readonly calls: string
  /** Whether it has a condition, which the server reads as it makes it. */
  readonly hasCondition: boolean
}

/** `CREATE [CONSTRAINT] TRIGGER … EXECUTE FUNCTION name(…);`; null for any other statement. */
export function madeTrigger(statement: Buffer): MadeTrigger | null {
  if (statement.length > LONGEST_READ) return null
  const tokens = [...tokensOf(statement)]
  const reader = new TokenReader(tokens)
  if (!meansOneThing(tokens) || reader.takeOneOf(['create trigger', 'create constraint trigger']) === null) return null
  const hasCondition = new TokenReader(reader.rest()).skipPast('when')
  if (!reader.skipPast('execute function') && !reader.skipPast('execute procedure')) return null
  const calls = reader.takeName()
  if (calls === null || reader.takeParentheses() === null || !reader.take(';') || !reader.atEnd) return null
  return { calls, hasCondition }
}
