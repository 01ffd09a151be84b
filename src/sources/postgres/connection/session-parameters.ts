/** What one server parameter means for the sessions in which an archive is written, loaded and read back. */
interface Decision {
  readonly name: string
  /** In every session that loads. A server that lacks it, or keeps it for superusers, is passed over. */
  readonly load?: string
  /** In every session of pg_dump, of a source or of what was loaded: any role of any server from 10 on may set it. */
  readonly dump?: string
  /** What pg_dump sets by itself, and a session of ours that reads rows must too. */
  readonly byPgDump?: string
  readonly why: string
}

/**
 * Every parameter that a server, a database or a role can set and that changes what a dumped value or statement looks
 * like, how it is read, or what is done to rows on their way. Without a value the session's own is left. A test asks the
 * servers for parameters that are not in here.
 */
export const SESSION_PARAMETERS: readonly Decision[] = [
  // How values are written and read.
  { name: 'array_nulls', load: 'on', why: 'off reads the NULL of an array as the text "NULL"' },
  { name: 'datestyle', load: 'ISO', byPgDump: 'ISO', why: 'order and language of dates' },
  {
    name: 'intervalstyle',
    load: 'postgres',
    byPgDump: 'postgres',
    why: 'one sign may count for all fields of an interval',
  },
  { name: 'timezone', load: 'UTC', byPgDump: 'UTC', why: 'a time is written without the zone that it was entered in' },
  { name: 'timezone_abbreviations', why: 'a dump writes offsets, not abbreviations' },
  { name: 'bytea_output', dump: 'hex', why: 'both forms are read; one of them has to be compared' },
  { name: 'extra_float_digits', byPgDump: '3', why: 'only for writing: less would cut figures off' },
  { name: 'lc_monetary', why: 'sign, separators and decimals of money: see MONEY_SESSION' },
  { name: 'lc_numeric', why: 'only to_char and to_number look at it' },
  { name: 'lc_time', why: 'only to_char and to_date look at it' },
  { name: 'lc_messages', why: 'messages are known by their SQLSTATE; only a superuser may set it' },
  { name: 'xmlbinary', dump: 'base64', why: 'how bytea stands in XML that a query makes' },
  {
    name: 'xmloption',
    load: 'content',
    why: 'document refuses a value that is a fragment; pg_dump writes it into its text since 2018',
  },
  { name: 'client_encoding', why: 'always that of the archive, by other means' },
  // How statements are written and read.
  { name: 'standard_conforming_strings', load: 'on', dump: 'on', why: 'whether a backslash is one' },
  { name: 'backslash_quote', why: "a dump doubles its quotation marks and never writes \\'" },
  { name: 'escape_string_warning', why: 'a warning only' },
  { name: 'quote_all_identifiers', dump: 'off', why: 'how names are written; any way is read' },
  { name: 'transform_null_equals', load: 'off', why: 'on turns "x = NULL" in a view or a check into "x IS NULL"' },
  { name: 'search_path', load: '', byPgDump: '', why: 'what a name means; the text sets it too, but later' },
  { name: 'check_function_bodies', why: 'pg_dump writes it into its text' },
  { name: 'default_text_search_config', why: 'pg_dump writes the configuration where one is fixed' },
  { name: 'icu_validation_level', load: 'warning', why: 'error refuses a collation that the source has; from 16 on' },
  // What is done to rows.
  {
    name: 'session_replication_role',
    load: 'origin',
    why: 'replica fires other triggers; only a superuser may set it',
  },
  { name: 'row_security', load: 'off', byPgDump: 'off', why: 'on leaves rows out without a word' },
  { name: 'event_triggers', load: 'off', why: 'no trigger of an archive runs as a superuser; from 17 on' },
  { name: 'gin_fuzzy_search_limit', load: '0', dump: '0', why: 'any other value finds a random part of the rows' },
  { name: 'synchronize_seqscans', byPgDump: 'off', why: 'the order of rows' },
  {
    name: 'restrict_nonsystem_relation_kind',
    why: 'pg_dump sets it by itself; a load reads no relation by a name of others',
  },
  { name: 'lo_compat_privileges', why: 'rights on large objects, not their content' },
  { name: 'zero_damaged_pages', why: 'on reads damaged pages as empty ones, and only a superuser may set it' },
  { name: 'ignore_checksum_failure', why: 'as zero_damaged_pages' },
  {
    name: 'allow_system_table_mods',
    load: 'off',
    why: 'on lets a statement change the catalog; only a superuser may set it',
  },
  { name: 'allow_in_place_tablespaces', why: 'tablespaces are not made by a load' },
  // Where rows go: the target's own choice.
  { name: 'default_tablespace', why: 'pg_dump writes it into its text' },
  { name: 'temp_tablespaces', why: 'nothing of a load is temporary' },
  { name: 'default_table_access_method', why: 'pg_dump writes it into its text' },
  { name: 'default_toast_compression', why: 'how the target stores a value, not what it is' },
  { name: 'gin_pending_list_limit', why: 'how an index is built, not what it finds' },
  // How long things may take, and when a session ends.
  { name: 'statement_timeout', load: '0', byPgDump: '0', why: 'a load has no limit' },
  { name: 'lock_timeout', load: '0', byPgDump: '0', why: 'a load has no limit' },
  { name: 'idle_in_transaction_session_timeout', load: '0', byPgDump: '0', why: 'a reader may pause' },
  {
    name: 'idle_session_timeout',
    load: '0',
    why: 'a session waits for the next statement; pg_dump is never idle outside its transaction',
  },
  {
    name: 'transaction_timeout',
    load: '0',
    why: 'a load has no limit; pg_dump sets it by itself where it exists, from 17 on',
  },
  { name: 'client_connection_check_interval', load: '10s', why: 'the server finds out that we are gone' },
  { name: 'exit_on_error', load: 'off', dump: 'off', why: 'on ends a session at the first refused statement' },
  { name: 'synchronous_commit', load: 'off', why: 'nothing counts before the last transaction of whoever loads' },
  { name: 'default_transaction_read_only', load: 'off', why: 'on refuses every statement' },
  {
    name: 'default_transaction_isolation',
    load: 'read committed',
    why: 'serializable can refuse what one session at a time does',
  },
  { name: 'default_transaction_deferrable', why: 'counts for serializable transactions only' },
  { name: 'transaction_isolation', why: 'of one transaction' },
  { name: 'transaction_read_only', why: 'of one transaction' },
  { name: 'transaction_deferrable', why: 'of one transaction' },
  // What else runs in a session: the server's administrator has chosen it.
  { name: 'session_preload_libraries', why: 'extensions may need it' },
  { name: 'local_preload_libraries', why: 'extensions may need it' },
  { name: 'dynamic_library_path', why: 'where extensions lie' },
  { name: 'extension_control_path', why: 'where extensions lie' },
  { name: 'createrole_self_grant', why: 'roles are made by their own rules, not by a load' },
  { name: 'client_min_messages', why: 'notices only' },
]

/** Name and value of each parameter of a session that loads. */
export const LOAD_SESSION = valuesOf('load')

/** The session that every dump has, of a source or of a scratch server, so that both print alike; beside what pg_dump sets by itself. */
export const DUMP_SESSION = valuesOf('dump')

/** What pg_dump sets by itself, beside DUMP_SESSION: rows must be printed as they are in a dump. */
export const PG_DUMP_SESSION = valuesOf('byPgDump')

/**
 * Money is written and read in the form that is fixed here, in dumps from the first version of this setting on: their
 * manifest says so. What was dumped before is in whatever form its server had, and is left to the form of the other server.
 */
export const MONEY_SESSION = { lc_monetary: 'C' } as const

/** The parameters of sessions that load an archive, or print what was loaded, so that money means what it meant. */
export function moneyParameters(session: { readonly lcMonetary?: string }): Readonly<Record<string, string>> {
  return session.lcMonetary === MONEY_SESSION.lc_monetary ? MONEY_SESSION : {}
}

/**
 * At the head of a dump, for whoever loads it with psql: what pg_dump itself leaves to the server, the database or the
 * role. Every server knows these, and no fingerprint counts a SET.
 */
export const SETTINGS_FOR_PSQL = `-- What pg_dump leaves to the server, and what follows is written for:
SET array_nulls = on;
SET transform_null_equals = off;
SET lc_monetary = 'C';
`

function valuesOf(session: 'load' | 'dump' | 'byPgDump'): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SESSION_PARAMETERS.flatMap(decision => {
      const value = decision[session]
      return value === undefined ? [] : [[decision.name, value]]
    }),
  )
}
