import type { LoadSession } from './load-session.ts'

/**
 * The schemas of the extensions that are there, in their order, and public. Others than ASCII names are left out: what
 * a session begins with is read before its encoding is known.
 */
const SCHEMAS = Buffer.from(`
SELECT pg_catalog.string_agg(pg_catalog.quote_ident(n.nspname), ', ' ORDER BY x.first NULLS FIRST)
FROM pg_catalog.pg_namespace n LEFT JOIN (
  SELECT extnamespace, pg_catalog.min(oid) AS first FROM pg_catalog.pg_extension GROUP BY extnamespace) x ON x.extnamespace = n.oid
WHERE (x.first IS NOT NULL OR n.nspname = 'public') AND n.nspname <> 'pg_catalog' AND pg_catalog.nameregexeq(n.nspname, '^[ -}]+$')`)

/** Opens a session of the admin that begins with this search_path. */
export type OpenWithPath = (searchPath: string) => Promise<LoadSession>

/**
 * A session for one CREATE EXTENSION, as psql has it: it begins with a search_path, which some scripts read as the
 * reset_val of pg_settings. To be opened only while nothing of the archive is there that could be found through it. That
 * session ends with its statement: whatever a script sets in it stays in no other.
 */
export async function openExtensionSession(admin: LoadSession, open: OpenWithPath): Promise<LoadSession> {
  const [row] = await admin.run(SCHEMAS)
  return await open(row?.[0] ?? '')
}
