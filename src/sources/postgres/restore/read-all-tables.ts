import type { DatabaseTarget } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { type ConnectOptions, connect } from '../connection/connection.ts'
import { quoteIdentifier } from '../sql/quote.ts'

/**
 * What can be checked of a loaded database when nothing says what should be in it: it has tables, and each can be read
 * to its end. Throws an OperatorError of kind `incomplete` for a database without tables.
 */
export async function readAllTables(
  side: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<{ readonly tables: number; readonly rows: number }> {
  await using connection = await connect(side, options, signal)
  const tables = await connection.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'`,
  )
  if (tables.length === 0)
    throw new OperatorError('incomplete', 'the archive: no table was loaded; expected at least one')
  let rows = 0
  for (const { schema, name } of tables) {
    const [row] = await connection.query<{ rows: string }>(
      `SELECT pg_catalog.count(*) AS rows FROM ONLY ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    )
    rows += Number(row?.rows)
  }
  return { tables: tables.length, rows }
}
