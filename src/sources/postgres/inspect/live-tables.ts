import type { DatabaseTarget } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import * as queries from './inspect-queries.ts'

/** A table with rows of its own, as the server has it now. */
export interface LiveTable {
  /** As a manifest names it: `public.client`, quoted where SQL needs it. */
  readonly name: string
  /** Null: nobody knows. */
  readonly rows: number | null
  /** Whether the rows were not counted: the server's own guess, from when it last looked. */
  readonly isEstimate: boolean
  readonly isOfExtension: boolean
}

/** Nobody is kept waiting by a table that somebody holds locked. */
const SESSION = { default_transaction_read_only: 'on', row_security: 'off', lock_timeout: '1s' }

/**
 * The tables of a database with the rows that they have now, counted one after the other until the time is over; of the
 * others, and of those that cannot be read, what the server guesses. Rejects with an OperatorError.
 */
export async function liveTables(
  target: DatabaseTarget,
  { limitMs, ...options }: ConnectOptions & { readonly limitMs: number },
  signal: AbortSignal,
): Promise<readonly LiveTable[]> {
  const parameters = { ...options.parameters, ...SESSION }
  await using connection = await connect(target, { ...options, parameters, queryTimeoutMs: 0 }, signal)
  const tables = await connection.query<queries.LiveTableRow>(queries.tablesAndGuesses)
  const end = performance.now() + limitMs
  const found: LiveTable[] = []
  for (const table of tables) {
    const counted = await countRows(connection, table, end - performance.now())
    // Before 14 the server says 0 of what it has never looked at, since then -1.
    const guess = table.estimate > 0 ? table.estimate : null
    const { name, of_extension: isOfExtension } = table
    found.push({ name, rows: counted ?? guess, isEstimate: counted === null, isOfExtension })
  }
  return found
}

/** Null where it may not be read, is locked, or takes longer. */
async function countRows(
  connection: Connection,
  { schema, table }: queries.LiveTableRow,
  leftMs: number,
): Promise<number | null> {
  if (leftMs < 1) return null
  try {
    await connection.query(`SET statement_timeout = ${Math.ceil(leftMs)}`)
    const [row] = await connection.query<{ rows: string }>(
      `SELECT pg_catalog.count(*) AS rows FROM ONLY ${quoteIdentifier(schema)}.${quoteIdentifier(table)}`,
    )
    return Number(row?.rows)
  } catch (error) {
    if (error instanceof OperatorError && error.sqlstate !== undefined && NOT_COUNTED.has(error.sqlstate)) return null
    throw error
  }
}

/** No right, a policy that hides rows, a lock, the time; and one that was dropped meanwhile. */
const NOT_COUNTED = new Set(['42501', '55P03', '57014', '42P01', '3F000'])
