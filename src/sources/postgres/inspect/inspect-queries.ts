/**
 * Queries of the inspection. They run on every server from 10 to 18, and on databases that hold what others have made: no
 * value is cast, and every operator and function finds its own types, so that nothing else can be called in its place.
 */

export interface SessionRow {
  readonly backend: number
  readonly marker: string | null
  readonly major: string
  readonly version: string
  readonly in_recovery: boolean
  readonly role: string
  /** `on` or `off`. */
  readonly superuser: string
  readonly database: string
}

/** A parameter of our own, which only a session that was given our startup options knows. */
export const MARKER = 'backup_container.session'

export const session = `
SELECT pg_catalog.pg_backend_pid() AS backend,
       pg_catalog.current_setting('${MARKER}', true) AS marker,
       pg_catalog.current_setting('server_version_num') AS major,
       pg_catalog.current_setting('server_version') AS version,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       current_user AS role,
       pg_catalog.current_setting('is_superuser') AS superuser,
       pg_catalog.current_database() AS database`

/** 1259 is pg_class: what belongs to an extension. */
const OF_EXTENSION = `EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = '1259' AND x.objid = c.oid AND x.deptype = 'e')`

/** Tables of others' schemas for temporary objects are not among those that the queries ask for. */
const OF_USERS = `c.relpersistence <> 't' AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'`

/** How many tables with rows of their own there are. */
export const tables = `
SELECT pg_catalog.count(*) AS count FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND ${OF_USERS} AND NOT ${OF_EXTENSION}`

export interface LiveTableRow {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly estimate: number
  readonly of_extension: boolean
}

/** The tables with rows of their own, and how many the server believes there are; small ones first. */
export const tablesAndGuesses = `
SELECT n.nspname AS schema, c.relname AS table, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
       c.reltuples AS estimate, ${OF_EXTENSION} AS of_extension
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND ${OF_USERS} ORDER BY c.relpages, c.oid`

/** pg_settings leaves some out on purpose that can be SET all the same. */
export const settingNames = `
SELECT s.name FROM pg_catalog.pg_settings s
UNION ALL SELECT v.name FROM (VALUES ('role'), ('session_authorization'), ('is_superuser'), ('seed'), ('default_with_oids'),
  ('transaction_isolation'), ('transaction_read_only'), ('transaction_deferrable')) v(name)
WHERE pg_catalog.current_setting(v.name, true) IS NOT NULL`

export const publicSchema = `SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public'`

export const extensions = `
SELECT e.extname AS name, e.extversion AS version FROM pg_catalog.pg_extension e ORDER BY e.extname`

export const tablespaces = `
SELECT t.spcname AS name FROM pg_catalog.pg_tablespace t
WHERE t.oid IN (SELECT c.reltablespace FROM pg_catalog.pg_class c WHERE c.reltablespace <> '0')
   OR t.oid IN (SELECT d.dattablespace FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
ORDER BY t.spcname`

export const subscriptions = `
SELECT s.subname AS name FROM pg_catalog.pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
ORDER BY s.subname`

export interface MappingRow {
  readonly user: string
  readonly server: string
}

/**
 * Mappings whose options this role does not see: they are shown to its own user and to the owner of the server only
 * (pg_user_mappings in system_views.sql).
 */
export const hiddenMappings = `
SELECT m.usename AS "user", m.srvname AS server
FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server f ON f.oid = m.srvid
WHERE NOT (m.umuser <> '0' AND m.usename = current_user
           AND (pg_catalog.pg_has_role(f.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(f.oid, 'USAGE')))
  AND NOT (m.umuser = '0' AND pg_catalog.pg_has_role(f.srvowner, 'USAGE'))
ORDER BY m.usename, m.srvname`

export interface UnreadableRow {
  readonly kind: 'schema' | 'table' | 'sequence' | 'large object'
  /** Null for what is in no schema. */
  readonly schema: string | null
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
  WHERE (c.relkind = 'r' OR c.relkind = 'p' OR c.relkind = 'S') AND ${OF_USERS}
    AND (NOT ${OF_EXTENSION} OR c.oid IN (SELECT pg_catalog.unnest(e.extconfig) FROM pg_catalog.pg_extension e)))
SELECT DISTINCT 'schema' AS kind, NULL AS schema, pg_catalog.quote_ident(nspname) AS name, 'no USAGE' AS reason
FROM candidate WHERE NOT pg_catalog.has_schema_privilege(schema, 'USAGE')
UNION ALL
SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, pg_catalog.quote_ident(nspname), pg_catalog.quote_ident(relname), 'no SELECT'
FROM candidate WHERE NOT pg_catalog.has_table_privilege(oid, 'SELECT')
UNION ALL
SELECT 'table', pg_catalog.quote_ident(nspname), pg_catalog.quote_ident(relname), 'row security hides rows from this role'
FROM candidate WHERE relkind <> 'S' AND pg_catalog.row_security_active(oid)
LIMIT 1000`

export const unreadableLargeObjects = `
SELECT l.oid AS name FROM pg_catalog.pg_largeobject_metadata l
WHERE pg_catalog.current_setting('lo_compat_privileges') = 'off'
  AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(l.lomacl, pg_catalog.acldefault('L', l.lomowner))) a
                  WHERE a.privilege_type = 'SELECT' AND (a.grantee = '0' OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))
LIMIT 1000`
