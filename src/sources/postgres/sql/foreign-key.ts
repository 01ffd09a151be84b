import { TokenReader } from './token-reader.ts'
import { LONGEST_READ, meansOneThing, tokensOf } from './tokens.ts'

/** A foreign key, as pg_dump adds it to a table. */
interface AddedForeignKey {
  /** What it refers to, as written, one character per byte. */
  readonly table: string
  /** The statement, so that the server looks at no row. */
  readonly notValid: Buffer
  /** Whether the statement itself wants the rows to be looked at. */
  readonly validates: boolean
}

/**
 * `ALTER TABLE [ONLY] name ADD CONSTRAINT name FOREIGN KEY (…) REFERENCES name(…) …;` with what belongs to that key and
 * nothing else; null for any other statement: another change behind it would be made with the right that is lent.
 */
export function referencedTable(statement: Buffer): AddedForeignKey | null {
  if (statement.length > LONGEST_READ) return null
  const tokens = [...tokensOf(statement)]
  const reader = new TokenReader(tokens)
  if (!meansOneThing(tokens) || !reader.take('alter table')) return null
  reader.take('only')
  if (reader.takeName() === null || !reader.take('add constraint') || reader.takeName() === null) return null
  if (!reader.take('foreign key') || reader.takeParentheses() === null || !reader.take('references')) return null
  const table = reader.takeName()
  const text = statement.toString('latin1')
  if (table === null || !text.endsWith(';') || !takesRest(reader)) return null
  const validates = !/\bNOT VALID;$/.test(text)
  const notValid = validates ? Buffer.from(`${text.slice(0, -1)} NOT VALID;`, 'latin1') : statement
  return { table, notValid, validates }
}

const ACTIONS = ['no action', 'restrict', 'cascade', 'set null', 'set default'].flatMap(action => [
  `on delete ${action}`,
  `on update ${action}`,
])
const SIGNS = [
  'match full',
  'match simple',
  'not deferrable',
  'deferrable',
  'initially deferred',
  'initially immediate',
  'not enforced',
  'enforced',
  'not valid',
]

/** The columns referred to and what else may stand behind a key (PostgreSQL 18, "ALTER TABLE"), up to the end. */
function takesRest(reader: TokenReader): boolean {
  reader.takeParentheses()
  for (let taken = reader.takeOneOf([...ACTIONS, ...SIGNS]); taken !== null; ) {
    if (/ set (null|default)$/.test(taken)) reader.takeParentheses()
    taken = reader.takeOneOf([...ACTIONS, ...SIGNS])
  }
  return reader.take(';') && reader.atEnd
}
