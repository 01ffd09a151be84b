import { quoteLiteral } from './quote.ts'

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
