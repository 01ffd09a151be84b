/** Something that a server has to have so that a statement of a dump can be run on it. */
export type Need =
  | { readonly kind: 'extension' | 'language'; readonly name: string }
  | { readonly kind: 'label provider'; readonly name: string }
  /** A file with C functions, as CREATE FUNCTION names it: `$libdir/postgis-3`. */
  | { readonly kind: 'library'; readonly name: string }
  | {
      readonly kind: 'locale'
      readonly name: string
      readonly provider: 'libc' | 'icu' | 'builtin'
      /** Whether its order is changed for a whole database. */
      readonly hasRules?: boolean
    }

const NAME = String.raw`(?<quoted>"(?:[^"]|"")+")|(?<plain>[^\s";,()]+)`
const EXTENSION = new RegExp(`^CREATE EXTENSION (?:IF NOT EXISTS )?(?:${NAME})`, 'i')
const LANGUAGE = new RegExp(`^CREATE (?:OR REPLACE )?(?:TRUSTED )?(?:PROCEDURAL )?LANGUAGE (?:${NAME})`, 'i')
const LABEL = new RegExp(`^SECURITY LABEL FOR (?:${NAME}) ON `, 'i')
const FUNCTION = /^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) /i
const LIBRARY = /\bLANGUAGE c\b.*\bAS '(?<library>[^']+)', '[^']*';\s*$/is
const COLLATION = /^CREATE COLLATION [^(]+\((?<options>.*)\)/is

/** What a server needs to run a statement of a dump; null for nothing that could be missing. Only its first KiB is looked at. */
export function needOf(statement: string): Need | null {
  const extension = nameIn(EXTENSION, statement)
  if (extension !== null) return { kind: 'extension', name: extension }
  const language = nameIn(LANGUAGE, statement)
  if (language !== null) return { kind: 'language', name: language }
  const provider = nameIn(LABEL, statement)
  if (provider !== null) return { kind: 'label provider', name: provider }
  const library = FUNCTION.test(statement) ? LIBRARY.exec(statement)?.groups?.library : undefined
  if (library !== undefined) return { kind: 'library', name: library }
  return collationNeed(COLLATION.exec(statement)?.groups?.options)
}

function nameIn(pattern: RegExp, statement: string): string | null {
  const groups = pattern.exec(statement)?.groups
  if (groups === undefined) return null
  return groups.quoted === undefined ? (groups.plain ?? null) : groups.quoted.slice(1, -1).replaceAll('""', '"')
}

/** pg_dump writes one locale, or lc_collate and lc_ctype (PostgreSQL's pg_dump.c, dumpCollation). */
function collationNeed(options: string | undefined): Need | null {
  if (options === undefined) return null
  const provider = /\bprovider = (libc|icu|builtin)\b/.exec(options)?.[1]
  const locale = /\b(?:locale|lc_collate) = '([^']*)'/.exec(options)?.[1]
  if (locale === undefined || (provider !== 'libc' && provider !== 'icu' && provider !== 'builtin')) return null
  return { kind: 'locale', name: locale, provider }
}
