import type { Connection } from '../connection/connection.ts'

/** Sessions of one user and application on a database. */
export interface SessionGroup {
  readonly user: string | null
  readonly application: string
  readonly count: number
  /** Whether the asking role may end them. */
  readonly canBeEnded: boolean
}

/**
 * Whom pg_terminate_backend serves (signalfuncs.c): superusers everybody, others only sessions of roles whose rights they
 * have, or with pg_signal_backend those of everybody but superusers. Workers without a user are for superusers.
 */
const MAY_END = `CASE
    WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN true
    WHEN a.usesysid IS NULL OR coalesce(r.rolsuper, true) THEN false
    ELSE pg_catalog.pg_has_role(a.usesysid, 'USAGE') OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') END`

const SESSIONS = `FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
  WHERE a.datid = ANY ($1) AND a.pid <> pg_catalog.pg_backend_pid()
    AND coalesce(a.backend_type, '') <> 'autovacuum worker'`

/** Who is connected to these databases, the largest group first. */
export async function sessionsOf(
  connection: Connection,
  databaseOids: readonly number[],
): Promise<readonly SessionGroup[]> {
  const groups = await connection.query<Omit<SessionGroup, 'count'> & { readonly count: string }>(
    `SELECT a.usename AS "user", coalesce(a.application_name, '') AS application, pg_catalog.count(*) AS count,
            ${MAY_END} AS "canBeEnded"
     ${SESSIONS} GROUP BY 1, 2, 4 ORDER BY 3 DESC, 1, 2`,
    [databaseOids],
  )
  return groups.map(group => ({ ...group, count: Number(group.count) }))
}

/** Ends every session on these databases that this role may end; returns how many were told to end. */
export async function endSessions(connection: Connection, databaseOids: readonly number[]): Promise<number> {
  const rows = await connection.query<{ ended: string }>(
    `SELECT pg_catalog.count(*) FILTER (WHERE ended) AS ended FROM (
       SELECT CASE WHEN ${MAY_END} THEN pg_catalog.pg_terminate_backend(a.pid) END AS ended ${SESSIONS}) told`,
    [databaseOids],
  )
  return Number(rows[0]?.ended ?? 0)
}
