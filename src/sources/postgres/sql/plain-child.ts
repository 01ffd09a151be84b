import { TokenReader } from './token-reader.ts'
import { LONGEST_READ, meansOneThing, tokensOf } from './tokens.ts'

/**
 * `CREATE TABLE name () INHERITS (…) [WITH (…)];`: a table with nothing of its own but how it is stored, so that the
 * server reads no expression while it makes it.
 */
export function isPlainChild(statement: Buffer): boolean {
  if (statement.length > LONGEST_READ) return false
  const tokens = [...tokensOf(statement)]
  const reader = new TokenReader(tokens)
  if (!meansOneThing(tokens) || !reader.take('create table') || reader.takeName() === null) return false
  if (!reader.take('( )') || !reader.take('inherits') || reader.takeParentheses() === null) return false
  if (reader.take('with') && reader.takeParentheses() === null) return false
  return reader.take(';') && reader.atEnd
}
