import { type Attack, added, trap } from './attack.ts'

export const LANGUAGES: readonly Attack[] = [
  {
    name: 'language_trusted_over_c_writer',
    fault: 'FM91',
    where: 'pg_language (TRUSTED), its handler a C function that writes files',
    sees: "whoever makes a function in it writes to the server's postgresql.auto.conf",
    sql: `CREATE FUNCTION hostile.handler() RETURNS language_handler LANGUAGE c AS '$libdir/adminpack', 'pg_file_write_v1_1';
      CREATE TRUSTED LANGUAGE hostile_writer HANDLER hostile.handler;
      ${trap(
        `CREATE FUNCTION hostile.write(text, text, boolean) RETURNS bigint LANGUAGE hostile_writer AS ''`,
        `SELECT hostile.write('postgresql.auto.conf', '# @name@', true)`,
      )}`,
    until: 16,
    expected: 'refused',
    names: /LANGUAGE/,
    quick: true,
  },
  {
    name: 'language_trusted_over_internal_writer',
    fault: 'FM91',
    where: 'pg_language (TRUSTED), its handler a function of the server that writes files',
    sees: 'whoever makes a function in it writes any file as the server',
    sql: `CREATE FUNCTION hostile.handler() RETURNS language_handler LANGUAGE internal AS 'be_lo_export';
      CREATE TRUSTED LANGUAGE hostile_writer HANDLER hostile.handler;
      ${trap(
        `SELECT lo_from_bytea(4242, 'x')`,
        `CREATE FUNCTION hostile.export(oid, text) RETURNS integer LANGUAGE hostile_writer AS ''`,
        `SELECT hostile.export(4242, '@traces@/@name@-export')`,
      )}`,
    expected: 'refused',
    names: /LANGUAGE/,
  },
  {
    name: 'language_plpgsql_again',
    fault: 'FM91',
    where: 'pg_language (TRUSTED) over the handler of PL/pgSQL',
    sees: 'a language of the archive that any role may use',
    sql: `CREATE FUNCTION hostile.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
      CREATE TRUSTED LANGUAGE hostile_again HANDLER hostile.handler;
      CREATE FUNCTION hostile.again() RETURNS boolean LANGUAGE hostile_again AS $f$ BEGIN RETURN hostile.attack('language'); END $f$;
      CREATE TABLE hostile.t (a integer CHECK (hostile.again())); INSERT INTO hostile.t VALUES (1);`,
    expected: 'any',
  },
  {
    name: 'language_inline',
    fault: 'FM91',
    where: 'pg_language.laninline',
    sees: 'DO calls what is no inline handler: the server crashes',
    sql: `CREATE FUNCTION hostile.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
      CREATE FUNCTION hostile.inline(internal) RETURNS void LANGUAGE c STRICT AS '$libdir/pg_trgm', 'similarity';
      CREATE TRUSTED LANGUAGE hostile_inline HANDLER hostile.handler INLINE hostile.inline;
      ${trap('DO LANGUAGE hostile_inline $x$x$x$')}`,
    expected: 'refused',
    noControl: 'what it misreads is readable memory: it answers',
    names: /LANGUAGE/,
  },
  {
    name: 'language_validator',
    fault: 'FM91',
    where: 'pg_language.lanvalidator',
    sees: 'making a function calls what is no validator: the server crashes',
    sql: `CREATE FUNCTION hostile.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
      CREATE FUNCTION hostile.validate(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/pg_trgm', 'show_trgm';
      CREATE TRUSTED LANGUAGE hostile_valid HANDLER hostile.handler VALIDATOR hostile.validate;
      ${trap(`CREATE FUNCTION hostile.x() RETURNS void LANGUAGE hostile_valid AS ''`)}`,
    expected: 'refused',
    names: /LANGUAGE/,
  },
  {
    name: 'language_untrusted',
    fault: 'FM91',
    where: 'pg_language, untrusted, with functions in it',
    sees: 'whoever may call its functions runs them without the limits of a trusted language',
    sql: `CREATE FUNCTION hostile.handler() RETURNS language_handler LANGUAGE internal AS 'be_lo_export';
      CREATE LANGUAGE hostile_untrusted HANDLER hostile.handler;
      CREATE FUNCTION hostile.export(oid, text) RETURNS integer LANGUAGE hostile_untrusted AS '';
      ${trap(`SELECT lo_from_bytea(4242, 'x')`, `SELECT hostile.export(4242, '@traces@/@name@-export')`)}`,
    expected: 'refused',
    names: /LANGUAGE/,
  },
  {
    name: 'language_handler_of_owner',
    fault: 'FM92',
    where: 'dump part: a language whose validator is in PL/pgSQL',
    sees: 'the validator runs as the admin',
    tampered:
      added(`CREATE FUNCTION hostile.validate(oid) RETURNS void LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('validator'); END $f$;
CREATE LANGUAGE hostile_language HANDLER pg_catalog.plpgsql_call_handler VALIDATOR hostile.validate;
SET check_function_bodies = on;
CREATE FUNCTION hostile.x() RETURNS void LANGUAGE hostile_language LEAKPROOF AS '';`),
    expected: 'any',
    provoke: `SET check_function_bodies = on; CREATE FUNCTION hostile.y() RETURNS void LANGUAGE hostile_language AS ''`,
  },
  {
    name: 'transform',
    fault: 'FM91',
    where: 'pg_transform',
    sees: 'a language that knows transforms calls it',
    sql: `CREATE TYPE hostile.mood AS ENUM ('bad');
      CREATE FUNCTION hostile.from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'int4um';
      CREATE TRANSFORM FOR hostile.mood LANGUAGE plpgsql (FROM SQL WITH FUNCTION hostile.from_sql(internal));
      CREATE FUNCTION hostile.uses(hostile.mood) RETURNS boolean LANGUAGE plpgsql TRANSFORM FOR TYPE hostile.mood AS $f$ BEGIN RETURN hostile.attack('transform'); END $f$;
      ${trap(`SELECT hostile.uses('bad')`)}`,
    expected: 'refused',
    noControl: 'no language that the server ships calls transforms',
  },
  {
    name: 'access_method_table',
    fault: 'FM91',
    where: 'pg_am (TYPE TABLE)',
    sees: 'a table in it calls what is no handler: the server crashes',
    sql: `CREATE FUNCTION hostile.handler(internal) RETURNS table_am_handler LANGUAGE c AS '$libdir/pg_trgm', 'similarity';
      CREATE ACCESS METHOD hostile_table TYPE TABLE HANDLER hostile.handler;
      ${trap('CREATE TABLE hostile.x (a integer) USING hostile_table')}`,
    expected: 'refused',
    names: /ACCESS METHOD/,
  },
  {
    name: 'access_method_index',
    fault: 'FM91',
    where: 'pg_am (TYPE INDEX)',
    sees: 'an index in it calls what is no handler: the server crashes',
    sql: `CREATE FUNCTION hostile.handler(internal) RETURNS index_am_handler LANGUAGE c AS '$libdir/pg_trgm', 'similarity';
      CREATE ACCESS METHOD hostile_index TYPE INDEX HANDLER hostile.handler;
      ${trap('CREATE TEMP TABLE n (n integer)', 'CREATE INDEX ON n USING hostile_index (n)')}`,
    expected: 'refused',
    names: /ACCESS METHOD/,
  },
]
