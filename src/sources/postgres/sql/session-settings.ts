/** What pg_dump of any version sets for its session. A parameter that could change how text is read is not among them. */
const PARAMETERS = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
  'client_encoding',
  'standard_conforming_strings',
  'escape_string_warning',
  'check_function_bodies',
  'xmloption',
  'client_min_messages',
  'row_security',
  'default_tablespace',
  'default_table_access_method',
  'default_with_oids',
]

const SETTING = new RegExp(
  `^SET (${PARAMETERS.join('|')}) = (?:'((?:[^'\\\\]|'')*)'|"((?:[^"]|"")+)"|([A-Za-z0-9_\\x80-\\xff]+)|(''));$`,
)
const EMPTY_SEARCH_PATH = /^SELECT pg_catalog\.set_config\('search_path', '', false\);$/

/**
 * In these encodings alone no byte below 128 is ever part of a longer character, which is what all reading of dump text
 * here rests on. A server has no other encodings; a client could: WIN932, 936, 949 and 950 are names of SJIS, GBK, UHC and
 * BIG5 (PostgreSQL, encnames.c).
 */
const SAFE_ENCODING =
  /^(UTF8|UTF-8|UNICODE|SQL_ASCII|LATIN\d{1,2}|ISO_8859_[5-8]|WIN(866|874|125[0-8])|KOI8R?|KOI8U|EUC_(JP|CN|KR|TW|JIS_2004)|MULE_INTERNAL)$/i

/** One setting of pg_dump's text; the value without its quotation marks, one character per byte. */
export interface SessionSetting {
  readonly name: string
  readonly value: string
}

/** Reads a `SET name = value;` exactly as pg_dump writes it; null for any other statement. */
export function sessionSetting(statement: Buffer): SessionSetting | null {
  const match = SETTING.exec(statement.toString('latin1'))
  if (match === null) return null
  const [, name = '', text, identifier, bare = ''] = match
  return { name, value: text?.replaceAll("''", "'") ?? identifier?.replaceAll('""', '"') ?? bare }
}

/** Whether a statement empties the search path, as pg_dump does at the head of its text. */
export function emptiesSearchPath(statement: Buffer): boolean {
  return EMPTY_SEARCH_PATH.test(statement.toString('latin1'))
}

/** Whether dump text in this encoding can be read byte by byte. */
export function isSafeEncoding(name: string): boolean {
  return SAFE_ENCODING.test(name)
}
