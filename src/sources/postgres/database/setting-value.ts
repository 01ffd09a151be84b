import { takeExactLiteral, takeExactName, takeList } from '../sql/exact-tokens.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { TokenReader } from '../sql/token-reader.ts'

/** Parameters whose value is a list of names, each quoted where needed (GUC_LIST_QUOTE in PostgreSQL's guc_tables.c). */
const LISTS = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

/** The value of a parameter as it stands behind `SET … TO`: one literal, or the members of a list, as pg_dump writes them. */
export function settingLiteral(name: string, value: string): string {
  if (!LISTS.has(name.toLowerCase())) return quoteLiteral(value)
  const members = splitNames(value)
  return members.length === 0 ? "''" : members.map(quoteLiteral).join(', ')
}

/**
 * Reads back `name TO value` as `settingLiteral` and pg_dumpall write it, with the value as pg_db_role_setting keeps it;
 * null for all other text.
 */
export function takeSetting(reader: TokenReader): { readonly name: string; readonly value: string } | null {
  const name = takeExactName(reader)
  const members = reader.take('to') ? takeList(reader, takeExactLiteral) : null
  if (name === null || members === null) return null
  if (LISTS.has(name.toLowerCase())) return { name, value: members.map(listed).join(', ') }
  return members.length === 1 ? { name, value: members[0] ?? '' } : null
}

function listed(member: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(member) ? member : quoteIdentifier(member)
}

/** The names of a comma-separated list: what is quoted stays as it is, what is not loses the blanks around it. */
export function splitNames(list: string): string[] {
  const member = /\s*(?:"((?:[^"]|"")*)"|([^,"]*?))\s*(?:,|$)/y
  const names: string[] = []
  while (member.lastIndex < list.length) {
    const match = member.exec(list)
    if (match === null) return [list]
    names.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
  }
  return names
}
