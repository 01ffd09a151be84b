import { type Attack, added } from './attack.ts'

/** Statements that somebody put into the dump part, and mended all hashes. */
function statement(name: string, sees: string, text: string, rest: Partial<Attack> = {}): Attack {
  return {
    name,
    fault: 'FM92',
    where: 'dump part: a statement added',
    sees,
    tampered: added(text),
    expected: 'any',
    ...rest,
  }
}

const BLOCKED = { noControl: 'psql refuses backslash commands in a restricted script' }

export const TAMPERED_DUMPS: readonly Attack[] = [
  statement('add_copy_to_program', 'a program runs', `COPY (SELECT 1) TO PROGRAM 'touch @traces@/@name@-program';`, {
    quick: true,
  }),
  statement(
    'add_copy_from_program',
    'a program runs',
    `COPY hostile.loot FROM PROGRAM 'touch @traces@/@name@-program';`,
  ),
  statement('add_copy_to_file', 'a file is written', `COPY (SELECT 1) TO '@traces@/@name@-file';`),
  statement(
    'add_lo_export',
    'a file is written',
    `SELECT pg_catalog.lo_from_bytea(4242, 'x');\nSELECT pg_catalog.lo_export(4242, '@traces@/@name@-export');`,
  ),
  statement('add_alter_role', 'a role is raised', 'ALTER ROLE hostile_victim SUPERUSER;'),
  statement('add_create_role', 'a superuser is made', `CREATE ROLE "planted @name@" SUPERUSER LOGIN PASSWORD 'x';`),
  statement(
    'add_membership',
    'a role is a member of the admin',
    'GRANT postgres TO hostile_victim;\nGRANT pg_execute_server_program TO hostile_victim WITH ADMIN OPTION;',
  ),
  statement(
    'add_membership_in_disguise',
    'a membership that looks like a right on something',
    `GRANT pg_execute_server_program TO hostile_victim /* ON TABLE x */;
GRANT pg_execute_server_program TO "on", hostile_victim;
GRANT pg_execute_server_program TO hostile_victim GRANTED BY postgres -- ON x
;`,
  ),
  statement(
    'add_alter_system',
    'a setting of the server changes',
    `ALTER SYSTEM SET archive_command = 'touch @traces@/@name@-archive';`,
  ),
  statement(
    'add_role_setting',
    'a setting of all roles changes',
    `ALTER ROLE ALL SET search_path = hostile;\nALTER ROLE hostile_victim SET search_path = hostile;\nALTER DATABASE postgres SET search_path = hostile;`,
  ),
  statement(
    'add_set_role',
    'the code runs as the superuser',
    `SET ROLE postgres;\nSELECT hostile.attack('set role');\nRESET ROLE;`,
    { provoke: 'SELECT 1' },
  ),
  statement(
    'add_set_session',
    'the code runs as the superuser',
    `SET SESSION AUTHORIZATION postgres;\nSELECT hostile.attack('session');\nGRANT SELECT ON TABLE hostile.loot TO PUBLIC;\nRESET SESSION AUTHORIZATION;`,
  ),
  statement('add_do', 'the code runs as the superuser', `DO $$ BEGIN PERFORM hostile.attack('do'); END $$;`),
  statement(
    'add_call_in_setval',
    'the code runs as the superuser',
    `CREATE SEQUENCE hostile.s;\nSELECT pg_catalog.setval('hostile.s', (SELECT 1 WHERE hostile.attack('setval')), true);\nSELECT pg_catalog.set_config('search_path', CASE WHEN hostile.attack('set-config') THEN '' END, false);`,
  ),
  statement(
    'add_drop',
    'databases and roles are dropped',
    'DROP DATABASE hostile_bystander;\nDROP ROLE hostile_victim;\nALTER DATABASE hostile_bystander CONNECTION LIMIT 0;\nALTER DATABASE hostile_bystander RENAME TO gone;\nALTER DATABASE hostile_bystander OWNER TO hostile_victim;',
  ),
  statement(
    'add_remarks',
    'roles and databases of others get comments',
    `COMMENT ON ROLE hostile_victim IS 'was here';\nCOMMENT ON DATABASE hostile_bystander IS 'was here';`,
  ),
  statement(
    'add_rights',
    'roles get rights on other databases and on parameters',
    'GRANT ALL ON DATABASE hostile_bystander TO hostile_victim;\nGRANT SET ON PARAMETER log_min_messages TO hostile_victim;\nGRANT ALL ON TABLESPACE pg_default TO hostile_victim;',
  ),
  statement(
    'add_tablespace',
    'a tablespace is made in a folder of others',
    `CREATE TABLESPACE hostile_space LOCATION '@traces@';\nALTER TABLESPACE pg_default OWNER TO hostile_victim;`,
    { noControl: "the folder of traces is not the server's own" },
  ),
  statement(
    'add_catalog_update',
    'the catalog itself is changed',
    `UPDATE pg_catalog.pg_authid SET rolsuper = true WHERE rolname = 'hostile_victim';\nINSERT INTO pg_catalog.pg_db_role_setting VALUES (0, 0, '{search_path=hostile}');\nSET allow_system_table_mods = on;\nUPDATE pg_catalog.pg_database SET datconnlimit = 0 WHERE datname = 'hostile_bystander';`,
  ),
  statement('add_load', 'a library is loaded', `LOAD 'adminpack';\nLOAD '@traces@/hostile.so';`, {
    noControl: 'no library of the server does anything by being loaded',
  }),
  statement(
    'add_owner_and_more',
    'code runs as the admin who changes the owner',
    `CREATE TABLE hostile.t (a integer);\nINSERT INTO hostile.t VALUES (1);\nALTER TABLE hostile.t ADD COLUMN b boolean DEFAULT hostile.attack('owner'), OWNER TO postgres;\nALTER TABLE hostile.t OWNER TO postgres, ADD COLUMN c boolean DEFAULT hostile.attack('owner');`,
  ),
  statement(
    'add_owner_then_refresh',
    'code runs as the owner that it was given to',
    `CREATE MATERIALIZED VIEW hostile.m AS SELECT hostile.attack('refresh') WITH NO DATA;\nALTER TABLE hostile.m OWNER TO postgres;\nREFRESH MATERIALIZED VIEW hostile.m;`,
  ),
  statement(
    'add_definer_then_call',
    'a function of the admin is called',
    `CREATE FUNCTION hostile.secretly() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $f$ BEGIN RETURN hostile.attack('definer'); END $f$;\nALTER FUNCTION hostile.secretly() OWNER TO postgres;\nSELECT hostile.secretly();\nCREATE INDEX ON hostile.loot (hostile.quietly(found));`,
  ),
  statement(
    'add_security_label',
    'a label is given by a provider',
    `SECURITY LABEL FOR hostile ON ROLE hostile_victim IS 'x';\nSECURITY LABEL ON TABLE hostile.loot IS 'x';`,
    { noControl: 'no server without a provider of labels knows them' },
  ),
  statement(
    'add_default_privileges',
    'what the admin makes later belongs to others',
    `ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT ALL ON TABLES TO hostile_victim;`,
    { noControl: 'they concern that database only' },
  ),
  statement(
    'add_extension_script',
    'the script of an extension runs code of the archive as the admin',
    `CREATE FUNCTION public.format(text, VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_format';\nCREATE FUNCTION hostile.lower(text) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('extension'); RETURN $1; END $f$;\nSET search_path = hostile, pg_catalog;\nCREATE EXTENSION citext WITH SCHEMA hostile;`,
    { noControl: "scripts of the server's extensions name what they call" },
  ),
  statement(
    'add_publication',
    'the admin makes a publication whose filter is code',
    `CREATE TABLE hostile.t (a integer);\nCREATE PUBLICATION hostile_p FOR TABLE hostile.t WHERE (hostile.quietly('filter'));\nALTER PUBLICATION hostile_p SET TABLE hostile.t WHERE (hostile.quietly('filter'));`,
    { from: 15, noControl: 'PostgreSQL lets no function of users into a row filter' },
  ),
  statement(
    'add_event_trigger_early',
    'an event trigger in the middle runs as the admin',
    `CREATE FUNCTION hostile.command() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('command'); END $f$;\nCREATE EVENT TRIGGER hostile_early ON ddl_command_start EXECUTE FUNCTION hostile.command();\nCREATE EXTENSION dblink;\nCREATE TABLE hostile.t (a integer);`,
  ),
  statement(
    'add_event_trigger_login',
    'an event trigger runs when the admin connects',
    `CREATE FUNCTION hostile.command() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('login'); END $f$;\nCREATE EVENT TRIGGER hostile_login ON login EXECUTE FUNCTION hostile.command();\nALTER EVENT TRIGGER hostile_login ENABLE ALWAYS;`,
    { from: 17 },
  ),
  statement(
    'add_cast_by_hand',
    'a cast between types of the server runs code of the archive',
    `CREATE FUNCTION hostile.to_text(bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM hostile.attack('cast'); RETURN 'x'; END $f$;\nCREATE CAST (bigint AS text) WITH FUNCTION hostile.to_text(bigint) AS IMPLICIT;`,
    { fault: 'FM90', expected: 'refused', names: /CAST/, provoke: 'SELECT 1::bigint::text' },
  ),
  statement(
    'add_casts_then_leakproof',
    'what we ask of the function that the admin has just made runs code of the archive',
    `${['xid', 'regprocedure', 'oid', 'integer']
      .map(
        type => `CREATE FUNCTION hostile.to_text(${type}) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM hostile.attack('cast'); RETURN pg_catalog.format('%s', $1); END $f$;
CREATE CAST (${type} AS text) WITH FUNCTION hostile.to_text(${type}) AS IMPLICIT;`,
      )
      .join('\n')}
CREATE FUNCTION hostile.leak(integer) RETURNS boolean LANGUAGE plpgsql LEAKPROOF AS 'BEGIN RETURN true; END';`,
    { fault: 'FM90', expected: 'refused', names: /CAST/, provoke: 'SELECT 1::integer::text' },
  ),
  statement(
    'add_second_statement',
    'a second statement hides behind the first',
    `CREATE TABLE hostile.t (a text);\nCOMMENT ON TABLE hostile.t IS 'a\\'; ALTER ROLE hostile_victim SUPERUSER; --';\nSET standard_conforming_strings = off;\nCOMMENT ON TABLE hostile.t IS 'a\\'; ALTER ROLE hostile_victim SUPERUSER; --';\nCOMMENT ON TABLE hostile.t IS 'x' ; ALTER ROLE hostile_victim SUPERUSER;`,
  ),
  statement(
    'add_encoding',
    'another encoding makes quotes of other bytes',
    `SET client_encoding = 'SJIS';\nCREATE TABLE hostile.t (a text);\nCOMMENT ON TABLE hostile.t IS 'x\u0081'; ALTER ROLE hostile_victim SUPERUSER; --';`,
    { noControl: 'what psql makes of the bytes depends on its own encoding' },
  ),
  statement(
    'add_shell',
    "psql's own commands are carried out",
    `\\! touch @traces@/@name@-meta\n\\o |touch @traces@/@name@-pipe\n\\copy hostile.loot to program 'touch @traces@/@name@-copy'`,
    { ...BLOCKED },
  ),
  statement(
    'add_connect',
    'the session goes to another database',
    `\\connect postgres\nALTER ROLE hostile_victim SUPERUSER;`,
    { noControl: 'psql refuses the first line, and then does the second' },
  ),
  statement(
    'add_gexec',
    'the answer of a query is carried out',
    `SELECT 'ALTER ROLE hostile_victim SUPERUSER'\n\\gexec`,
    BLOCKED,
  ),
]
