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

/**
 * A name without a schema that the server did not find: a dump names everything with its schema and empties search_path,
 * so that it stands in the text of a function. Or a check that rows of the archive break, which the source let in: it
 * reads what is not there yet. Null for all else, and for what a function says of itself.
 */
export function unfoundName(error: pg.DatabaseError): UnfoundName | null {
  if (error.routine === 'exec_stmt_raise') return null
  if (error.code === '23514' && error.constraint !== undefined) return unheldCheck(error.constraint)
  if (!isOfFixedText(error)) return null
  const found = MISSING.map(pattern => pattern.exec(error.message)?.groups).find(groups => groups !== undefined)
  if (found === undefined) return null
  const caller = CALLER.exec(error.where ?? '')?.groups?.name
  const object = `${found.kind} ${found.name}`
  return caller === undefined
    ? { text: `${object} is missing`, hint: `${EMPTY}: name it with its schema in the source` }
    : { text: `${object} is missing, which function ${caller} looks for`, hint: `${EMPTY}: ${changeOf(caller)}` }
}

/**
 * Whether the name stands in a statement, or in a function as it was made. A value of a row is looked for without a place
 * in a text (as by a cast to regclass), or in one that EXECUTE was given.
 */
export function isOfFixedText({ position, internalPosition, where }: pg.DatabaseError): boolean {
  const hasPlace = position !== undefined || internalPosition !== undefined
  return hasPlace && !/ at EXECUTE$/m.test(where ?? '')
}

const EMPTY = 'a dump is loaded with an empty search_path, which finds nothing without its schema'

function changeOf(caller: string): string {
  return `in the source, ALTER FUNCTION ${caller} SET search_path = …, with the schemas that it needs, then back up again; if it is of an extension, update that, or call it by a function of your own that has a search_path`
}

function unheldCheck(name: string): UnfoundName {
  return {
    text: `a row breaks the check ${name}`,
    hint: `a check that looks into tables fails where their rows come later: in the source, ALTER TABLE … DROP CONSTRAINT ${name} and add it again as NOT VALID, which a dump has behind all rows, or make it a foreign key or a trigger`,
  }
}
