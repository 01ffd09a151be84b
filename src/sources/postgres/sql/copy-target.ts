import { OperatorError } from '../../../errors.ts'
import { TokenReader } from './token-reader.ts'
import { tokensOf } from './tokens.ts'

/** Where a COPY block's rows go: names as written, one character per byte. */
export interface CopyTarget {
  readonly table: string
  /** Empty where the statement has no column list. */
  readonly columns: readonly string[]
}

/**
 * Reads `COPY table (columns) FROM stdin;`. Throws an OperatorError (`incomplete`) for anything more in it: an option or
 * a WHERE would change what is loaded.
 */
export function copyTarget(statement: Buffer): CopyTarget {
  const reader = new TokenReader(tokensOf(statement))
  reader.take('copy')
  const table = reader.takeName()
  const columns = (reader.takeParentheses() ?? []).slice(1, -1).filter(token => token.text !== ',')
  const isPlain =
    reader.take('from stdin ;') && reader.atEnd && columns.every(({ kind }) => kind === 'word' || kind === 'name')
  if (table === null || !isPlain) {
    throw new OperatorError(
      'incomplete',
      'dump: a COPY statement with more than a table and columns; expected one as pg_dump writes it',
    )
  }
  return { table, columns: columns.map(column => column.text) }
}

/** The statement that copies into it, in the bytes of the dump. */
export function copyStatement(target: CopyTarget): Buffer {
  const columns = target.columns.length === 0 ? '' : ` (${target.columns.join(', ')})`
  return Buffer.from(`COPY ${target.table}${columns} FROM stdin;`, 'latin1')
}
