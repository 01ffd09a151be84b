import type pg from 'pg'

/** What a statement of an archive misses, in words that may leave the pod, and what to change in the source. */
export interface UnfoundName {
  readonly text: string
  readonly hint: string
}

/** PostgreSQL 10 to 18. The names are those of objects. */
const MISSING: readonly RegExp[] = [
  /^(?<kind>type|relation) "(?<name>[^."]+)" does not exist$/,
  /^(?<kind>function) (?<name>[^."(]+\(.*\)) does not exist$/,
  /^(?<kind>operator) does not exist: (?<name>.+)$/,
  /^(?<kind>text search (?:configuration|dictionary)) "(?<name>[^."]+)" does not exist$/,
]

/** Whose code looked for it. Only at the beginning, as what is behind it may hold data. */
const CALLER =
  /^(?:SQL (?:statement|expression) "[^"]*"\n)?(?:SQL|PL\/pgSQL) function "?(?<name>[\w$.]+(?:\([^)\n]*\))?)"? (?:during|line|statement)\b/

/** What the server did not find, and for whom, as it says it. */
export interface Unfound {
  readonly kind: string
  /** Of a function with the types of its arguments. */
  readonly name: string
  /** The function that looked for it, without schema and arguments where it was inlined; null: the statement itself. */
  readonly caller: string | null
}

/** Every object that these names may mean, by their schemas; nothing where none is known. */
export interface FullNames {
  readonly objects: readonly string[]
  /** Where these are. */
  readonly schemas: readonly string[]
  readonly callers: readonly string[]
}

export const NO_FULL_NAMES: FullNames = { objects: [], schemas: [], callers: [] }

/**
 * A name without a schema that the server did not find: a dump names everything with its schema and empties search_path,
 * so that it stands in the text of a function. Null for all else, and for what a function says of itself.
 */
export function unfoundOf(error: pg.DatabaseError): Unfound | null {
  if (error.routine === 'exec_stmt_raise' || !isOfFixedText(error)) return null
  const found = MISSING.map(pattern => pattern.exec(error.message)?.groups).find(groups => groups !== undefined)
  if (found === undefined) return null
  const caller = CALLER.exec(error.where ?? '')?.groups?.name ?? null
  return { kind: found.kind ?? '', name: found.name ?? '', caller }
}

/**
 * What to say of such a name, which was looked for along `searchPath`; empty: as the dump has it. Or of a check that rows of the archive break, which the source let in: it reads what is not
 * there yet. Null for all else.
 */
export function unfoundName(
  error: pg.DatabaseError,
  full: FullNames,
  searchPath: readonly string[],
): UnfoundName | null {
  if (error.routine === 'exec_stmt_raise') return null
  if (error.code === '23514' && error.constraint !== undefined) return unheldCheck(error.constraint)
  const unfound = unfoundOf(error)
  if (unfound === null) return null
  const { kind, name } = unfound
  const caller = full.callers.length === 0 ? unfound.caller : oneOf(full.callers)
  const itIs = full.objects.length === 0 ? '' : `; it is ${oneOf(full.objects)}`
  const looking = caller === null ? '' : `, which function ${caller} looks for`
  const change = caller === null ? 'name it with its schema in the source' : changeOf(caller, full.schemas)
  const text = `${kind} ${name} is missing${looking}${itIs}`
  if (searchPath.length === 0) return { text, hint: `${EMPTY}: ${change}; ${OWN_PATH}` }
  return { text, hint: `nor was it found along the search_path of the database, ${searchPath.join(', ')}: ${change}` }
}

const MOST_NAMED = 3

function oneOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` or ${names.length - MOST_NAMED} more` : ''
  return names.slice(0, MOST_NAMED).join(' or ') + more
}

/**
 * Whether the name stands in a statement, or in a function as it was made. A value of a row is looked for without a place
 * in a text (as by a cast to regclass), or in one that EXECUTE was given.
 */
export function isOfFixedText({ position, internalPosition, where }: pg.DatabaseError): boolean {
  const hasPlace = position !== undefined || internalPosition !== undefined
  return hasPlace && !/ at EXECUTE$/m.test(where ?? '')
}

const OWN_PATH = 'to have the rows now, backup -r … -f FILE --own-search-path looks for it as the database did'
const EMPTY = 'a dump is loaded with an empty search_path, which finds nothing without its schema'

function changeOf(caller: string, schemas: readonly string[]): string {
  const path = schemas.length === 1 ? `${schemas[0]}, and the other schemas` : '…, with the schemas'
  return `in the source, ALTER FUNCTION ${caller} SET search_path = ${path} that it needs, then back up again; if it is of an extension, update that, or call it by a function of your own that has a search_path`
}

function unheldCheck(name: string): UnfoundName {
  return {
    text: `a row breaks the check ${name}`,
    hint: `a check that looks into tables fails where their rows come later: in the source, ALTER TABLE … DROP CONSTRAINT ${name} and add it again as NOT VALID, which a dump has behind all rows, or make it a foreign key or a trigger`,
  }
}
