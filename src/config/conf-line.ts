/** What a line of `backup.conf` seems to be, before its parts are checked. */
export type ConfLine =
  | { readonly kind: 'empty' }
  | { readonly kind: 'schedule'; readonly text: string }
  | { readonly kind: 'zone'; readonly name: string; readonly value: string }
  /** Nothing reads it; its value may be a secret. */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'database'; readonly text: string }
  | { readonly kind: 'other type'; readonly type: 'mongo' | 'mariadb' | 'mssql'; readonly text: string }
  | { readonly kind: 'unclear assignment'; readonly name: string }

const OUR_TYPES: readonly string[] = ['postgres', 'postgresql']
/** They set the zone of the schedules below them. */
const ZONE_VARIABLES: readonly string[] = ['TZ', 'CRON_TZ']
const OTHER_TYPES = ['mongo', 'mariadb', 'mssql'] as const

/**
 * Tells the kinds of lines apart. What is neither empty nor a schedule nor an assignment counts as a database line, so
 * that a misspelt one is reported and never taken for "no databases listed".
 */
export function classifyLine(line: string): ConfLine {
  const text = withoutComment(line).trim()
  if (text === '') return { kind: 'empty' }
  if (/^(@|[\d*?][\d*?,/-]*\s)/.test(text)) return { kind: 'schedule', text }
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/s.exec(text) ?? []
  return name === undefined || value === undefined ? { kind: 'database', text } : classifyAssignment(name, value)
}

function classifyAssignment(name: string, value: string): ConfLine {
  const word = name.toLowerCase()
  if (OUR_TYPES.includes(word)) return { kind: 'database', text: value }
  const other = OTHER_TYPES.find(type => type === word)
  if (other !== undefined) return { kind: 'other type', type: other, text: value }
  // `postgers=wallet-db/tob` is a database that somebody believes to be backed up; a zone looks the same.
  if (ZONE_VARIABLES.includes(name)) return { kind: 'zone', name, value: unquoted(value) }
  return looksLikeDatabase(value) ? { kind: 'unclear assignment', name } : { kind: 'variable', name }
}

function looksLikeDatabase(value: string): boolean {
  return /^(\[[^\]]*\]|[^\s/:"'[\]]+)(:\d*)?\/(?!\/)/.test(value)
}

/** A comment begins with `#` at the start of a line or behind a blank, outside double quotes. */
function withoutComment(line: string): string {
  let quoted = false
  for (let index = 0; index < line.length; index += 1) {
    if (line[index] === '"') quoted = !quoted
    if (line[index] === '#' && !quoted && (index === 0 || /\s/.test(line.charAt(index - 1))))
      return line.slice(0, index)
  }
  return line
}

function unquoted(value: string): string {
  return /^(["']).*\1$/s.test(value) && value.length > 1 ? value.slice(1, -1) : value
}
