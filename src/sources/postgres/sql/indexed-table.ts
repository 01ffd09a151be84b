import { TokenReader } from './token-reader.ts'
import { tokensOf } from './tokens.ts'

/**
 * The table that a statement of the `parallel` route works on, as written, one character per byte; null where it can't
 * be told.
 */
export function indexedTable(statement: Buffer): string | null {
  const reader = new TokenReader(tokensOf(statement.subarray(0, 4_096)))
  if (reader.take('alter table')) {
    reader.take('if exists')
    reader.take('only')
    return reader.takeName()
  }
  reader.take('create')
  reader.take('unique')
  if (!reader.take('index')) return null
  if (!reader.sees('on')) reader.takeName()
  if (!reader.take('on')) return null
  reader.take('only')
  return reader.takeName()
}

/** The tables that a statement makes parents of others (partitions, inheritance), as written, one character per byte. */
export function parentTables(statement: Buffer): readonly string[] {
  const reader = new TokenReader(tokensOf(statement))
  if (reader.take('create')) {
    reader.take('unlogged')
    return reader.take('table') ? parentsOfNew(reader) : []
  }
  if (!reader.take('alter table')) return []
  reader.take('only')
  const name = reader.takeName()
  if (reader.take('attach partition')) return name === null ? [] : [name]
  return reader.take('inherit') ? [reader.takeName() ?? ''] : []
}

function parentsOfNew(reader: TokenReader): readonly string[] {
  const name = reader.takeName() ?? ''
  reader.takeParentheses()
  if (reader.take('inherits')) {
    const inner = new TokenReader((reader.takeParentheses() ?? []).slice(1, -1))
    return namesIn(inner)
  }
  return reader.sees('partition by') ? [name] : []
}

function namesIn(reader: TokenReader): readonly string[] {
  const names: string[] = []
  do names.push(reader.takeName() ?? '')
  while (reader.take(','))
  return names
}
