import pg from 'pg'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { TextRows } from './exchange.ts'
import { type FullNames, NO_FULL_NAMES, unfoundOf } from './unfound-name.ts'

/** Asks the server; rejects with what it says. */
type Ask = (query: Buffer) => Promise<TextRows>

/** Where the server has what a refused statement did not find, and the SQL function whose text was put in its place. */
export async function fullNamesFor(error: unknown, ask: Ask): Promise<FullNames> {
  const unfound = error instanceof pg.DatabaseError ? unfoundOf(error) : null
  if (unfound === null) return NO_FULL_NAMES
  const { kind, caller } = unfound
  const name = unfound.name.replace(/\(.*$/s, '')
  // It is for words only: nothing else depends on it.
  const look = async (query: string | undefined): Promise<readonly Named[]> =>
    query === undefined ? [] : await ask(Buffer.from(query)).then(namedBy, () => [])
  const objects = await look(QUERIES[kind]?.(quoteLiteral(name)))
  const callers = caller === null || caller.includes('.') ? [] : await look(inlined(quoteLiteral(caller)))
  return {
    objects: objects.map(({ full }) => full),
    schemas: [...new Set(objects.map(({ schema }) => schema))],
    callers: callers.map(({ full }) => full),
  }
}

const ARGUMENTS = 'pg_catalog.pg_get_function_identity_arguments(o.oid)'

const QUERIES: Readonly<Record<string, (name: string) => string>> = {
  type: name => namedQuery('pg_type', { column: 'typ', name }),
  relation: name => namedQuery('pg_class', { column: 'rel', name }),
  function: name => namedQuery('pg_proc', { column: 'pro', name, behind: ARGUMENTS }),
}

function namedQuery(
  catalog: string,
  { column, name, behind = 'NULL' }: { readonly column: string; readonly name: string; readonly behind?: string },
): string {
  return `SELECT n.nspname, o.${column}name, ${behind} FROM pg_catalog.${catalog} o JOIN pg_catalog.pg_namespace n ON n.oid = o.${column}namespace WHERE o.${column}name = ${name} ORDER BY 1, 3`
}

/** Only those in SQL are, and the server then tells their bare names. */
function inlined(name: string): string {
  return `SELECT n.nspname, o.proname, ${ARGUMENTS} FROM pg_catalog.pg_proc o JOIN pg_catalog.pg_namespace n ON n.oid = o.pronamespace JOIN pg_catalog.pg_language l ON l.oid = o.prolang WHERE o.proname = ${name} AND l.lanname = 'sql' ORDER BY 1, 3`
}

interface Named {
  readonly schema: string
  readonly full: string
}

function namedBy(rows: TextRows): readonly Named[] {
  return rows.map(([schema, name, behind]) => {
    const full = `${written(schema)}.${written(name)}`
    return { schema: written(schema), full: typeof behind === 'string' ? `${full}(${behind})` : full }
  })
}

function written(name: string | null | undefined): string {
  const text = name ?? ''
  return /^[a-z_][a-z0-9_$]*$/.test(text) ? text : quoteIdentifier(text)
}
