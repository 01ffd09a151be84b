import type { Attack, Tampered } from './attack.ts'

/** Statements added to the roles part, which `-r` brings to the server. */
function roles(name: string, sees: string, text: string, rest: Partial<Attack> = {}): Attack {
  return {
    name,
    fault: 'FM92',
    where: 'roles part: statements added',
    sees,
    tampered: { roles: before => before.replace('--\n-- End of the roles part', tail => `${text}\n\n${tail}`) },
    expected: 'any',
    noControl: 'the control loads the dump alone; that the roles part used to be sent as it is was seen red',
    ...rest,
  }
}

/** As the bash tool wrote it: roles behind the dump, no manifest. */
function bashTool(name: string, sees: string, text: string, rest: Partial<Attack> = {}): Attack {
  const tampered: Tampered = {
    roles: () => '',
    database: () => '',
    dump: dump => `${dump}\n${text}\n`,
    noManifest: true,
  }
  return {
    name,
    fault: 'FM92',
    where: 'archive without a manifest: statements of roles',
    sees,
    tampered,
    expected: 'any',
    noControl: 'psql does what the text says; what of it is ours to run is the question',
    ...rest,
  }
}

export const TAMPERED_ROLES: readonly Attack[] = [
  roles(
    'roles_superuser',
    'a superuser is made, another is raised',
    `CREATE ROLE "planted @name@" SUPERUSER LOGIN;\nALTER ROLE hostile_victim SUPERUSER;`,
    { quick: true },
  ),
  roles('roles_program', 'a program runs', `COPY (SELECT 1) TO PROGRAM 'touch @traces@/@name@-program';`),
  roles(
    'roles_do',
    'a program runs',
    `DO $$ BEGIN EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'touch @traces@/@name@-program'$q$; ALTER ROLE hostile_victim SUPERUSER; END $$;`,
  ),
  roles(
    'roles_password',
    'an existing role has another password',
    `ALTER ROLE hostile_victim PASSWORD 'planted' VALID UNTIL 'infinity';`,
  ),
  roles(
    'roles_membership',
    'an existing role becomes a member',
    'GRANT postgres TO hostile_victim;\nGRANT pg_read_server_files TO hostile_victim;',
  ),
  roles(
    'roles_parameter',
    'an existing role may change a parameter',
    'GRANT SET ON PARAMETER log_min_messages TO hostile_victim;',
    { from: 15 },
  ),
  roles(
    'roles_setting',
    'settings of roles and databases change',
    `ALTER ROLE hostile_victim SET search_path = hostile;\nALTER ROLE ALL SET application_name = 'x';\nALTER DATABASE postgres SET application_name = 'x';`,
  ),
  roles('roles_comment', 'an existing role has another comment', `COMMENT ON ROLE hostile_victim IS 'was here';`),
  roles(
    'roles_drop',
    'roles and databases are dropped',
    'DROP DATABASE IF EXISTS hostile_bystander;\nDROP ROLE hostile_victim;',
  ),
  roles(
    'roles_existing_in_its_block',
    'the block of a role that exists does more than create it',
    `DO $do$\nBEGIN\n  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'nobody at all') THEN RETURN; END IF;\n  ALTER ROLE hostile_victim WITH SUPERUSER;\nEXCEPTION WHEN insufficient_privilege OR duplicate_object OR undefined_object OR invalid_parameter_value THEN\n  RAISE WARNING '%', SQLERRM;\nEND;\n$do$;`,
  ),
  roles('roles_instead', 'the part is another text altogether', '', {
    tampered: { roles: () => `CREATE ROLE "planted @name@" SUPERUSER;\nALTER ROLE hostile_victim SUPERUSER;\n` },
  }),
  roles('database_part_text', 'the text of the database part is sent to the server', '', {
    where: 'database part: statements added',
    tampered: {
      database: text =>
        `${text}\nALTER ROLE hostile_victim SUPERUSER;\nALTER DATABASE postgres SET application_name = 'x';\n`,
    },
  }),
  bashTool(
    'bash_superuser',
    'a superuser with a password is made',
    `CREATE ROLE hostile_new_mighty;\nALTER ROLE hostile_new_mighty WITH SUPERUSER LOGIN PASSWORD 'x';`,
  ),
  bashTool(
    'bash_password_spelled',
    'a password comes through in another spelling',
    `CREATE ROLE hostile_new_a;\nALTER ROLE hostile_new_a WITH LOGIN PASSWORD E'x';\nCREATE ROLE hostile_new_b;\nALTER ROLE hostile_new_b WITH LOGIN password 'x';\nCREATE ROLE hostile_new_c;\nALTER ROLE hostile_new_c WITH LOGIN PASSWORD\n'x';\nCREATE ROLE hostile_new_d WITH LOGIN ENCRYPTED PASSWORD $$x$$;`,
    { quick: true },
  ),
  bashTool(
    'bash_existing',
    'an existing role is raised',
    `ALTER ROLE hostile_victim WITH SUPERUSER PASSWORD 'x';\nGRANT postgres TO hostile_victim;\nGRANT hostile_victim TO postgres;\nCOMMENT ON ROLE hostile_victim IS 'was here';`,
  ),
  bashTool(
    'bash_new_member',
    'a new role is a member of the admin, or the admin of it',
    `CREATE ROLE hostile_new_e;\nALTER ROLE hostile_new_e WITH LOGIN;\nGRANT hostile_victim TO hostile_new_e;\nGRANT pg_execute_server_program, hostile_new_e TO hostile_victim;\nGRANT SET ON PARAMETER log_min_messages TO hostile_victim;`,
  ),
  bashTool(
    'bash_block',
    'a name of a role ends the block that it is put into',
    `CREATE ROLE "x$do$; ALTER ROLE hostile_victim SUPERUSER; $do$";\nCREATE ROLE hostile_new_f;\nALTER ROLE hostile_new_f SET search_path TO $$; ALTER ROLE hostile_victim SUPERUSER; $$;\nALTER ROLE hostile_new_f WITH LOGIN; ALTER ROLE hostile_victim SUPERUSER;`,
  ),
]
