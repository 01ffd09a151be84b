import type { SqlSession } from '../connection/sql-session.ts'

/** What a server knows about parameters, as far as it decides which ones an archive may set. */
export interface SettingRules {
  /** Of each parameter, by its name in lower case: who may set it (pg_settings.context). */
  readonly contexts: ReadonlyMap<string, string>
  /** What the names of parameters of extensions begin with, before the dot. */
  readonly extensions: ReadonlySet<string>
}

/**
 * Modules and languages with parameters that only a superuser may set; the server may get them later, or offers them as
 * something else than an extension. Until one is loaded, a value of its parameters is taken unseen.
 */
const MODULES: readonly string[] = [
  ...[
    'auto_explain',
    'basebackup_to_shell',
    'basic_archive',
    'cron',
    'passwordcheck',
    'pg_hint_plan',
    'pg_overexplain',
  ],
  ...[
    'pg_stat_statements',
    'pgaudit',
    'pgcrypto',
    'pljava',
    'plperl',
    'plpgsql',
    'pltcl',
    'plv8',
    'sepgsql',
    'set_user',
  ],
]

/** What the server at hand knows. */
export async function readSettingRules(session: SqlSession): Promise<SettingRules> {
  const settings = await session.rows('SELECT name, context FROM pg_catalog.pg_settings')
  const extensions = await session.rows('SELECT name FROM pg_catalog.pg_available_extensions')
  const contexts = new Map(settings.map(([name, context]) => [(name ?? '').toLowerCase(), context ?? '']))
  const own = [...contexts.keys()].filter(name => name.includes('.')).map(prefixOf)
  const offered = extensions.map(([name]) => (name ?? '').toLowerCase())
  return { contexts, extensions: new Set([...MODULES, ...own, ...offered]) }
}

/** They change as whom a session works, or whose code it loads, and need no superuser. */
const NEVER = new Set(['local_preload_libraries', 'role', 'session_authorization', 'session_preload_libraries'])
const NAME = /^[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)*$/

/**
 * Why the text of an archive must not set this parameter for a role or a database; null where it may: what any user could
 * set in a session of his own. Parameters with a dot that belong to no extension of the server mean something to
 * applications only.
 */
export function withheldSetting(name: string, { contexts, extensions }: SettingRules): string | null {
  const lower = name.toLowerCase()
  if (!NAME.test(name)) return 'no parameter has such a name'
  if (NEVER.has(lower)) return 'it changes whose rights or whose code a session has'
  const context = contexts.get(lower)
  if (context !== undefined) return context === 'user' ? null : 'only a superuser may set it'
  if (lower.includes('.') && extensions.has(prefixOf(lower))) return 'it may be one that only a superuser may set'
  return null
}

function prefixOf(name: string): string {
  return name.slice(0, name.indexOf('.'))
}
