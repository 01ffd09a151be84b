import { type Attack, trap } from './attack.ts'

/** Settings of the attacker's own database. */
function databaseSetting(name: string, setting: string, rest: Partial<Attack> = {}): Attack {
  return {
    name,
    fault: 'FM90',
    where: `pg_db_role_setting: ${setting}`,
    sees: "each session in the database that was loaded begins with it, the admin's too",
    sql: `DO $d$ BEGIN EXECUTE format('ALTER DATABASE %I SET ${setting.replaceAll("'", "''")}', current_database()); END $d$;`,
    expected: 'any',
    noControl: 'psql loads no settings of databases: the database part does, and has tests of its own',
    ...rest,
  }
}

export const SETTINGS_AND_NAMES: readonly Attack[] = [
  databaseSetting('setting_session_preload', `session_preload_libraries = 'hostile_library'`),
  databaseSetting('setting_local_preload', `local_preload_libraries = 'hostile_library'`),
  databaseSetting('setting_role', `role = 'hostile_victim'`),
  databaseSetting('setting_timeouts', `statement_timeout = '1ms'`),
  databaseSetting('setting_read_only', `default_transaction_read_only = on`),
  databaseSetting('setting_library_path', `dynamic_library_path = '@traces@'`),
  databaseSetting('setting_quoting', `standard_conforming_strings = off`),
  databaseSetting('setting_value_is_sql', `application_name = 'x''; ALTER ROLE hostile_victim SUPERUSER; --'`),
  {
    name: 'setting_of_the_admin',
    fault: 'FM90',
    where: 'pg_db_role_setting: ALTER ROLE postgres IN DATABASE',
    sees: "the admin's own sessions there look for names in the archive's schema first",
    sql: `CREATE FUNCTION hostile.current_database() RETURNS name LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('path'); RETURN pg_catalog.current_database(); END $f$;
      CREATE FUNCTION hostile.format(text, text) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('path'); RETURN $1; END $f$;
      DO $d$ BEGIN EXECUTE pg_catalog.format('ALTER ROLE postgres IN DATABASE %I SET search_path = hostile, pg_catalog', current_database()); END $d$;`,
    expected: 'any',
    provoke: 'SET search_path = hostile, pg_catalog; SELECT current_database()',
  },
  {
    name: 'name_with_lines',
    fault: 'FM92',
    where: 'names with line breaks, quotes, backslashes',
    sees: 'a comment of the dump, or a line on the screen, ends where the name says so',
    sql: `CREATE TABLE hostile."t
ALTER ROLE hostile_victim SUPERUSER;
\\! touch @traces@/@name@-meta
--" (a integer, "b'; SELECT hostile.attack('x'); --" text DEFAULT '\\');
      INSERT INTO hostile."t
ALTER ROLE hostile_victim SUPERUSER;
\\! touch @traces@/@name@-meta
--" VALUES (1);
      CREATE SEQUENCE hostile."s'); ALTER ROLE hostile_victim SUPERUSER; SELECT ('";
      CREATE FUNCTION hostile."f$$; ALTER ROLE hostile_victim SUPERUSER; --"() RETURNS void LANGUAGE sql AS '';`,
    expected: 'any',
    noControl: 'pg_dump quotes them rightly: they are here for what we do with the text',
  },
  {
    name: 'name_of_role',
    fault: 'FM92',
    where: 'pg_authid: names that end the block that they stand in',
    sees: "a role's name is SQL when the roles part is sent to the server",
    sql: `CREATE ROLE "hostile'; ALTER ROLE hostile_victim SUPERUSER; --"; CREATE ROLE "hostile$$; ALTER ROLE hostile_victim SUPERUSER; --"; CREATE ROLE "on"; CREATE ROLE "hostile
ALTER ROLE hostile_victim SUPERUSER;
--";
      COMMENT ON ROLE "on" IS '$do$; ALTER ROLE hostile_victim SUPERUSER; $$'; ALTER ROLE "on" SET search_path = '$$; ALTER ROLE hostile_victim SUPERUSER; --';
      CREATE TABLE hostile.t (a integer); ALTER TABLE hostile.t OWNER TO "hostile'; ALTER ROLE hostile_victim SUPERUSER; --";
      CREATE TABLE hostile.u (a integer); ALTER TABLE hostile.u OWNER TO "hostile$$; ALTER ROLE hostile_victim SUPERUSER; --";
      CREATE TABLE hostile.w (a integer); ALTER TABLE hostile.w OWNER TO "hostile
ALTER ROLE hostile_victim SUPERUSER;
--"; CREATE TABLE hostile.v (a integer); GRANT SELECT ON hostile.v TO "on";`,
    undo: `DROP SCHEMA hostile CASCADE; DROP ROLE "hostile'; ALTER ROLE hostile_victim SUPERUSER; --", "hostile$$; ALTER ROLE hostile_victim SUPERUSER; --", "on", "hostile
ALTER ROLE hostile_victim SUPERUSER;
--"`,
    expected: 'any',
    noControl: 'pg_dump quotes them rightly: they are here for what we do with the text',
  },
  {
    name: 'role_of_the_target_at_the_source',
    fault: 'FM92',
    where: 'pg_authid, pg_auth_members, pg_parameter_acl of the source',
    sees: 'a role that exists on the target gets the rights that it has on the source',
    sql: `ALTER ROLE hostile_victim SUPERUSER CREATEROLE PASSWORD 'from the source'; GRANT pg_execute_server_program TO hostile_victim; ALTER ROLE hostile_victim SET search_path = hostile;
      CREATE TABLE hostile.t (a integer); ALTER TABLE hostile.t OWNER TO hostile_victim; COMMENT ON ROLE hostile_victim IS 'from the source';`,
    undo: `ALTER ROLE hostile_victim NOSUPERUSER NOCREATEROLE PASSWORD NULL; REVOKE pg_execute_server_program FROM hostile_victim; ALTER ROLE hostile_victim RESET ALL; COMMENT ON ROLE hostile_victim IS NULL`,
    expected: 'any',
    noControl: 'psql with the roles part does what it says; the control loads the dump alone',
    quick: true,
  },
  {
    name: 'parameter_rights',
    fault: 'FM92',
    where: 'pg_parameter_acl',
    sees: 'an existing role may change a parameter of the target',
    sql: 'GRANT SET, ALTER SYSTEM ON PARAMETER log_min_messages TO hostile_victim; CREATE TABLE hostile.t (a integer); ALTER TABLE hostile.t OWNER TO hostile_victim;',
    undo: 'REVOKE ALL ON PARAMETER log_min_messages FROM hostile_victim',
    from: 15,
    expected: 'any',
    noControl: 'psql with the roles part does what it says; the control loads the dump alone',
  },
  {
    name: 'comment_on_database',
    fault: 'FM92',
    where: 'pg_shdescription of the database',
    sees: 'a comment is SQL when it is given to the restored database',
    sql: `DO $d$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), E'x\\'; ALTER ROLE hostile_victim SUPERUSER; --$$\\\\'' ; ALTER ROLE hostile_victim SUPERUSER; --'); END $d$;`,
    expected: 'proved',
    noControl: 'psql loads no comments of databases: the database part does',
  },
  {
    name: 'plan_of_parallel_worker',
    fault: 'FM77',
    where: 'pg_proc.proparallel',
    sees: 'code runs in a worker, whose session is another',
    sql: `CREATE FUNCTION hostile.everywhere(integer) RETURNS boolean LANGUAGE plpgsql PARALLEL SAFE IMMUTABLE AS $f$
      -- Without catching anything, which workers may not.
      BEGIN IF hostile.away() THEN EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'touch @traces@/@name@-program'$q$; END IF; RETURN true; END $f$;
      CREATE TABLE hostile.many AS SELECT i FROM generate_series(1, 60000) i; ALTER TABLE hostile.many SET (parallel_workers = 2);
      ${trap('SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0', 'SET min_parallel_table_scan_size = 0', 'SELECT count(*) FROM hostile.many WHERE hostile.everywhere(i)')}`,
    noControl: 'PostgreSQL refuses its workers what would leave a trace',
    expected: 'proved',
  },
]
