/** Queries of the inspection. They run on every server from 10 to 18: columns that only some have are read from JSON. */

export interface OverviewRow {
  readonly backend: number
  readonly marker: string | null
  readonly major: string
  readonly version: string
  readonly in_recovery: boolean
  readonly role: string
  readonly superuser: boolean
  readonly row: Readonly<Record<string, unknown>>
  readonly owner: string
  readonly encoding: string
  readonly comment: string | null
  readonly size: string
  readonly acl:
    | readonly { readonly grantee: string | null; readonly privilege: string; readonly grantable: boolean }[]
    | null
  readonly settings: readonly { readonly role: string | null; readonly entry: string }[]
}

/** A parameter of our own, which only a session that was given our startup options knows. */
export const MARKER = 'backup_container.session'

export const overview = `
SELECT pg_catalog.pg_backend_pid() AS backend,
       pg_catalog.current_setting('${MARKER}', true) AS marker,
       pg_catalog.current_setting('server_version_num') AS major,
       pg_catalog.current_setting('server_version') AS version,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       current_user::text AS role,
       pg_catalog.current_setting('is_superuser') = 'on' AS superuser,
       pg_catalog.to_jsonb(d) - 'standard' AS row,
       pg_catalog.pg_get_userbyid(d.datdba)::text AS owner,
       pg_catalog.pg_encoding_to_char(d.encoding)::text AS encoding,
       pg_catalog.shobj_description(d.id, 'pg_database') AS comment,
       pg_catalog.pg_database_size(d.id)::text AS size,
       CASE WHEN d.datacl IS NULL OR (d.datacl @> d.standard AND d.datacl <@ d.standard) THEN NULL ELSE (
         SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                  'grantee', CASE WHEN a.grantee = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END,
                  'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
         FROM pg_catalog.aclexplode(d.datacl) a) END AS acl,
       (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                 'role', CASE WHEN s.setrole = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(s.setrole)::text END,
                 'entry', e.entry) ORDER BY s.setrole, e.place), '[]')
        FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) WITH ORDINALITY e(entry, place)
        WHERE s.setdatabase = d.id) AS settings
FROM (SELECT all_of.*, all_of.oid AS id, pg_catalog.acldefault('d', all_of.datdba) AS standard FROM pg_catalog.pg_database all_of) d
WHERE d.datname = pg_catalog.current_database()`

export interface ContentsRow {
  readonly tables: string
  readonly setting_names: readonly string[]
  readonly extensions: readonly { readonly name: string; readonly version: string }[]
  readonly tablespaces: readonly string[]
  readonly subscriptions: readonly string[]
  readonly hidden_mappings: readonly string[]
}

/**
 * pg_settings leaves some out on purpose that can be SET all the same. Options of a user mapping are shown to its own
 * user and to the owner of the server only (pg_user_mappings in system_views.sql).
 */
export const contents = `
SELECT (SELECT pg_catalog.count(*)::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
                          WHERE x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.objid = c.oid AND x.deptype = 'e')) AS tables,
       ARRAY(SELECT name FROM pg_catalog.pg_settings
             UNION SELECT n FROM pg_catalog.unnest(ARRAY['role', 'session_authorization', 'is_superuser', 'seed', 'default_with_oids',
               'transaction_isolation', 'transaction_read_only', 'transaction_deferrable']) n
             WHERE pg_catalog.current_setting(n, true) IS NOT NULL) AS setting_names,
       (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', extname, 'version', extversion) ORDER BY extname), '[]')
        FROM pg_catalog.pg_extension) AS extensions,
       ARRAY(SELECT t.spcname::text FROM pg_catalog.pg_tablespace t
             WHERE t.oid IN (SELECT reltablespace FROM pg_catalog.pg_class WHERE reltablespace <> 0)
                OR t.oid IN (SELECT dattablespace FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
             ORDER BY 1) AS tablespaces,
       ARRAY(SELECT s.subname::text FROM pg_catalog.pg_subscription s
             WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
             ORDER BY 1) AS subscriptions,
       ARRAY(SELECT m.usename || ' on ' || m.srvname FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server f ON f.oid = m.srvid
             WHERE NOT (m.umuser <> 0 AND m.usename = current_user
                        AND (pg_catalog.pg_has_role(f.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(f.oid, 'USAGE')))
               AND NOT (m.umuser = 0 AND pg_catalog.pg_has_role(f.srvowner, 'USAGE'))
             ORDER BY 1) AS hidden_mappings`

export interface UnreadableRow {
  readonly kind: 'schema' | 'table' | 'sequence' | 'large object'
  readonly name: string
  readonly reason: string
}

/**
 * What pg_dump locks or reads and this role may not: LOCK TABLE and COPY need USAGE on the schema and SELECT on the
 * whole table, and pg_dump refuses row security. Tables of extensions are read only where they hold configuration.
 */
export const unreadable = `
WITH candidate AS (
  SELECT c.oid, c.relkind, c.relname, n.nspname, n.oid AS schema
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't'
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND (NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
                     WHERE x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.objid = c.oid AND x.deptype = 'e')
         OR c.oid IN (SELECT pg_catalog.unnest(extconfig) FROM pg_catalog.pg_extension)))
SELECT DISTINCT 'schema' AS kind, pg_catalog.quote_ident(nspname) AS name, 'no USAGE' AS reason
FROM candidate WHERE NOT pg_catalog.has_schema_privilege(schema, 'USAGE')
UNION ALL
SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, pg_catalog.quote_ident(nspname) || '.' || pg_catalog.quote_ident(relname), 'no SELECT'
FROM candidate WHERE NOT pg_catalog.has_table_privilege(oid, 'SELECT')
UNION ALL
SELECT 'table', pg_catalog.quote_ident(nspname) || '.' || pg_catalog.quote_ident(relname), 'row security hides rows from this role'
FROM candidate WHERE relkind <> 'S' AND pg_catalog.row_security_active(oid)
UNION ALL
SELECT 'large object', l.oid::text, 'no SELECT'
FROM pg_catalog.pg_largeobject_metadata l
WHERE pg_catalog.current_setting('lo_compat_privileges') = 'off'
  AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(l.lomacl, pg_catalog.acldefault('L', l.lomowner))) a
                  WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))
LIMIT 1000`
