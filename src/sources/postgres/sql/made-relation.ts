import { parentTables } from './indexed-table.ts'
import { TokenReader } from './token-reader.ts'
import { LONGEST_READ, tokensOf } from './tokens.ts'
import { nameParts } from './written-name.ts'

/** What stands in a schema and holds rows, or shows them. */
interface MadeRelation {
  readonly kind: 'TABLE' | 'SEQUENCE' | 'VIEW' | 'MATERIALIZED VIEW'
  /** As written, one character per byte. */
  readonly name: string
  /** Without quotation marks, one character per byte. */
  readonly schema: string
  /** The tables that it inherits from, as written. */
  readonly parents: readonly string[]
}

const KINDS = ['table', 'sequence', 'view', 'materialized view'] as const

/** `CREATE TABLE schema.name …` and its like, with the name as pg_dump writes it; null for any other statement. */
export function madeRelation(statement: Buffer): MadeRelation | null {
  if (statement.length > LONGEST_READ) return null
  const reader = new TokenReader(tokensOf(statement.subarray(0, HEAD_BYTES)))
  if (!reader.take('create')) return null
  reader.take('unlogged')
  const kind = reader.takeOneOf(KINDS)
  const name = kind === null ? null : reader.takeName()
  const [schema, ...others] = nameParts(name ?? '')
  if (kind === null || name === null || schema === undefined || others.length !== 1) return null
  return { kind: upperCase(kind), name, schema, parents: kind === 'table' ? parentTables(statement) : [] }
}

/** The words, and two names of 63 bytes in quotation marks. */
const HEAD_BYTES = 400

const OTHERS = [
  'aggregate',
  'collation',
  'conversion',
  'default conversion',
  'domain',
  'function',
  'materialized view',
  'operator',
  'procedure',
  'sequence',
  'statistics',
  'table',
  'text search configuration',
  'text search dictionary',
  'type',
  'view',
] as const

/** The schema of what a CREATE statement makes, without quotation marks, one character per byte; null where it names none. */
export function schemaOfMade(statement: Buffer): string | null {
  const reader = new TokenReader(tokensOf(statement.subarray(0, HEAD_BYTES)))
  if (!reader.take('create')) return null
  reader.take('or replace')
  reader.take('unlogged')
  const kind = reader.takeOneOf(OTHERS)
  if (kind === null) return null
  const name = kind === 'operator' ? reader.takeOperatorName() : reader.takeName()
  const parts = nameParts(name ?? '')
  // The signs of an operator are no part of a name.
  return parts.length === (kind === 'operator' ? 1 : 2) ? (parts[0] ?? null) : null
}

function upperCase(kind: (typeof KINDS)[number]): MadeRelation['kind'] {
  return kind.toUpperCase() as MadeRelation['kind']
}
