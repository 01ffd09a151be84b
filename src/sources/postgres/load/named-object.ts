import type pg from 'pg'
import { isOfFixedText } from './unfound-name.ts'

const MISSING: readonly RegExp[] = [
  /^(?<kind>type|relation|schema|collation|language|access method|text search (?:configuration|dictionary)) "(?<name>[^"]+)" does not exist$/,
  /^(?<kind>function) (?<name>[^"(]+\(.*\)) does not exist$/,
]
/** Of CREATE EXTENSION, which says it without a place; the last is of a library with C functions. */
const MISSING_BEHIND: readonly RegExp[] = [
  /^required (?<kind>extension) "(?<name>[^"]+)" is not installed$/,
  /^could not access (?<kind>file) "(?<name>\$libdir\/[\w.+-]+)": No such file or directory$/,
  /^could not open (?<kind>stop-word file|dictionary file|affix file|synonym file|thesaurus file) "[^"]*\/(?<name>[\w.+-]+)"/,
]

const BROKEN: Readonly<Record<string, string>> = {
  '23502': 'a row breaks the NOT NULL of',
  '23503': 'a row breaks the foreign key',
  '23505': 'a row breaks the unique constraint',
  '23514': 'a row breaks the check',
  '23P01': 'a row breaks the exclusion constraint',
}

/** As pgaudit, pg_squeeze, pg_stat_statements, pglogical, pg_cron and TimescaleDB say it; the names are those of their libraries. */
const PRELOADED =
  /^(?:extension )?"?(?<name>[a-z][\w-]*)"? (?:must be (?:pre)?loaded\b|can only be loaded via|is not in shared_preload_libraries)/

function preloadText(library: string): string {
  return `the server has to preload its library (shared_preload_libraries = '${library}')`
}

/**
 * What the server says of an object by its name, in words that may leave the pod; null where it names none, or where what
 * looks like a name may be data: a function may say what it likes, and a value may be looked up as a name.
 */
export function namedObject(error: pg.DatabaseError): string | null {
  if (error.routine === 'exec_stmt_raise') return null
  const broken = BROKEN[error.code ?? '']
  const object = error.code === '23502' ? error.column : error.constraint
  if (broken !== undefined) return object === undefined ? null : `${broken} ${object}`
  const needed = PRELOADED.exec(error.message)?.groups?.name
  if (needed !== undefined) return preloadText(needed)
  const patterns = isOfFixedText(error) ? MISSING : error.where === undefined ? MISSING_BEHIND : []
  const found = patterns.map(pattern => pattern.exec(error.message)?.groups).find(groups => groups !== undefined)
  return found === undefined ? null : `${found.kind} ${found.name} is missing`
}
