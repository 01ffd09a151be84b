import { TokenReader } from './token-reader.ts'
import { LONGEST_READ, tokensOf } from './tokens.ts'

/** A foreign key, as pg_dump adds it to a table. */
interface AddedForeignKey {
  /** What it refers to, as written, one character per byte. */
  readonly table: string
  /** The statement, so that the server looks at no row. */
  readonly notValid: Buffer
  /** Whether the statement itself wants the rows to be looked at. */
  readonly validates: boolean
}

/** `ALTER TABLE [ONLY] name ADD CONSTRAINT name FOREIGN KEY (…) REFERENCES name(…) …;`; null for any other statement. */
export function referencedTable(statement: Buffer): AddedForeignKey | null {
  if (statement.length > LONGEST_READ) return null
  const reader = new TokenReader(tokensOf(statement))
  if (!reader.take('alter table')) return null
  reader.take('only')
  if (reader.takeName() === null || !reader.take('add constraint') || reader.takeName() === null) return null
  if (!reader.take('foreign key') || reader.takeParentheses() === null || !reader.take('references')) return null
  const table = reader.takeName()
  const text = statement.toString('latin1')
  if (table === null || !text.endsWith(';') || reader.rest().filter(({ text: sign }) => sign === ';').length !== 1)
    return null
  const validates = !/\bNOT VALID;$/.test(text)
  const notValid = validates ? Buffer.from(`${text.slice(0, -1)} NOT VALID;`, 'latin1') : statement
  return { table, notValid, validates }
}
