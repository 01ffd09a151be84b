import { looksLikeSpec, parseDatabaseSpec } from './database-spec.ts'
import { databaseId, type NamedDatabase } from './source-id.ts'

/**
 * Reads the whole name of a database from a command line: `[postgres=]host[:port]/database`, as a line of `backup.conf`
 * names it. A fault quotes nothing of the text, which may be a pasted URL with a password.
 */
export function parseSpecArgument(
  text: string,
): { readonly spec: NamedDatabase } | { readonly fault: string; readonly hint?: string } {
  const other = /^(mongo|mariadb|mssql)=/i.exec(text)?.[1]
  if (other !== undefined) return { fault: `a database of type ${other.toLowerCase()}; expected postgres` }
  const bare = withoutType(text)
  if (!looksLikeSpec(bare)) return { fault: 'no database is called that; expected host[:port]/database' }
  const result = parseDatabaseSpec(bare)
  return 'spec' in result ? { spec: { ...result.spec, id: databaseId(result.spec) } } : result
}

/** A SPEC without its `postgres=`. */
export function withoutType(text: string): string {
  return text.replace(/^postgres(ql)?=/i, '')
}

/** Whether the port of a SPEC is not left out. */
export function saysPort(text: string): boolean {
  return /^(?:\[[^\]]*\]|[^/:]*):/.test(withoutType(text))
}
