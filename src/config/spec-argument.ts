import { parseDatabaseSpec } from './database-spec.ts'
import { databaseId, type NamedDatabase } from './source-id.ts'

/**
 * Reads the SPEC of `-v` and `-r`: `[postgres=]host[:port]/database`, as a line of `backup.conf` names it. A fault quotes
 * nothing of the text, which may be a pasted URL with a password.
 */
export function parseSpecArgument(
  text: string,
): { readonly spec: NamedDatabase } | { readonly fault: string; readonly hint?: string } {
  const other = /^(mongo|mariadb|mssql)=/i.exec(text)?.[1]
  if (other !== undefined) return { fault: `a database of type ${other.toLowerCase()}; expected postgres` }
  const result = parseDatabaseSpec(text.replace(/^postgres(ql)?=/i, ''))
  return 'spec' in result ? { spec: { ...result.spec, id: databaseId(result.spec) } } : result
}
