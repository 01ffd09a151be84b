import { type Attack, added, trap } from './attack.ts'

const SHELL = 'CREATE TYPE hostile.evil;'
const IN = `CREATE FUNCTION hostile.evil_in(cstring) RETURNS hostile.evil LANGUAGE internal STRICT AS 'int4in';`
const OUT = `CREATE FUNCTION hostile.evil_out(hostile.evil) RETURNS cstring LANGUAGE internal STRICT AS 'int4out';`

export const TYPES: readonly Attack[] = [
  {
    name: 'type_base_output',
    fault: 'FM91',
    where: 'pg_type (base type), output function of another type',
    sees: 'a number is read as an address: the server crashes',
    sql: `${SHELL}${IN}
      CREATE FUNCTION hostile.evil_out(hostile.evil) RETURNS cstring LANGUAGE internal STRICT AS 'textout';
      CREATE TYPE hostile.evil (INPUT = hostile.evil_in, OUTPUT = hostile.evil_out, INTERNALLENGTH = 4, PASSEDBYVALUE);
      ${trap(`SELECT ('1'::text)::hostile.evil::text`)}`,
    expected: 'refused',
    names: /TYPE/,
    quick: true,
  },
  {
    name: 'type_base_input',
    fault: 'FM91',
    where: 'pg_type (base type), input function of another type, called by COPY',
    sees: 'a row in a table calls it: the server crashes',
    sql: `${SHELL}${IN}${OUT}
      CREATE TYPE hostile.evil (INPUT = hostile.evil_in, OUTPUT = hostile.evil_out, INTERNALLENGTH = 4, PASSEDBYVALUE);
      CREATE TABLE hostile.t (e hostile.evil); INSERT INTO hostile.t VALUES ('1');`,
    // Hashing the bytes of what says that it has 269 million of them.
    tampered: { dump: text => text.replace('$$int4in$$', () => '$$md5_text$$').replace(/^1$/m, '@@@@@@@@') },
    expected: 'refused',
    names: /TYPE/,
  },
  {
    name: 'type_base_subscript',
    fault: 'FM91',
    where: 'pg_type.typsubscript',
    sees: 'a subscript calls what is no subscript handler: the server crashes',
    sql: `${SHELL}${IN}${OUT}
      CREATE FUNCTION hostile.subscript(internal) RETURNS internal LANGUAGE internal STRICT AS 'int4um';
      CREATE TYPE hostile.evil (INPUT = hostile.evil_in, OUTPUT = hostile.evil_out, INTERNALLENGTH = 4, PASSEDBYVALUE, SUBSCRIPT = hostile.subscript);
      ${trap(`SELECT ('1'::text::hostile.evil)[1]`)}`,
    expected: 'refused',
    noControl: 'what the misread handler does depends on the memory behind it',
  },
  {
    name: 'type_base_typmod',
    fault: 'FM91',
    where: 'pg_type.typmodin',
    sees: 'a type with a modifier calls what reads an array as text: the server crashes',
    sql: `${SHELL}${IN}${OUT}
      CREATE FUNCTION hostile.typmod(cstring[]) RETURNS integer LANGUAGE internal STRICT AS 'hashfloat8';
      CREATE TYPE hostile.evil (INPUT = hostile.evil_in, OUTPUT = hostile.evil_out, INTERNALLENGTH = 4, PASSEDBYVALUE, TYPMOD_IN = hostile.typmod);
      ${trap(`SELECT NULL::hostile.evil(1)`)}`,
    expected: 'refused',
    noControl: 'it returns a number that nobody asked for, and harms nothing',
  },
  {
    name: 'type_base_analyze',
    fault: 'FM91',
    where: 'pg_type.typanalyze',
    sees: 'ANALYZE calls what is no analyze function: the server crashes',
    sql: `${SHELL}${IN}${OUT}
      CREATE FUNCTION hostile.analyze(internal) RETURNS boolean LANGUAGE internal STRICT AS 'textlen';
      CREATE TYPE hostile.evil (INPUT = hostile.evil_in, OUTPUT = hostile.evil_out, INTERNALLENGTH = 4, PASSEDBYVALUE, ANALYZE = hostile.analyze);
      ${trap('CREATE TEMP TABLE e (e hostile.evil)', `INSERT INTO e VALUES ('1')`, 'ANALYZE e')}`,
    expected: 'refused',
    noControl: 'what it misreads is readable memory: it answers',
  },
  {
    name: 'type_shell',
    fault: 'FM91',
    where: 'pg_type (shell)',
    sees: 'a shell type is what input functions hang on',
    sql: 'CREATE TYPE hostile.shell;',
    expected: 'any',
    noControl: 'a shell holds no code; it is here so that it does no harm to the others',
  },
  {
    name: 'type_range_canonical',
    fault: 'FM91',
    where: 'pg_range.rngcanonical',
    sees: 'making a range calls a function that returns a number for an address: the server crashes',
    sql: `CREATE TYPE hostile.span;
      CREATE FUNCTION hostile.canonical(hostile.span) RETURNS hostile.span LANGUAGE internal STRICT IMMUTABLE AS 'textlen';
      CREATE TYPE hostile.span AS RANGE (SUBTYPE = text, CANONICAL = hostile.canonical);
      ${trap(`SELECT hostile.span('a', 'b')::text`)}`,
    expected: 'refused',
  },
  {
    name: 'type_range_difference',
    fault: 'FM77',
    where: 'pg_range.rngsubdiff, in PL/pgSQL',
    sees: 'a GiST index of ranges runs it as whoever builds the index',
    sql: `CREATE FUNCTION hostile.difference(integer, integer) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT AS $f$
      BEGIN PERFORM hostile.attack('difference'); RETURN $1 - $2; END $f$;
      CREATE TYPE hostile.span AS RANGE (SUBTYPE = integer, SUBTYPE_DIFF = hostile.difference);
      CREATE TABLE hostile.t (s hostile.span); INSERT INTO hostile.t SELECT hostile.span(i, i + 5) FROM generate_series(1, 500) i;
      CREATE INDEX ON hostile.t USING gist (s);`,
    // An error that is caught inside of a GiST index gives its locks back too early: PostgreSQL refuses to go on.
    expected: 'any',
  },
  {
    name: 'type_range_subtype_opclass',
    fault: 'FM77',
    where: 'pg_range.rngsubopc, an operator class of the archive in PL/pgSQL',
    sees: 'each comparison of two ranges runs it',
    sql: `CREATE FUNCTION hostile.compare(integer, integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS $f$
      BEGIN PERFORM hostile.attack('compare'); RETURN btint4cmp($1, $2); END $f$;
      CREATE OPERATOR CLASS hostile.ops FOR TYPE integer USING btree AS
        OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 hostile.compare(integer, integer);
      CREATE TYPE hostile.span AS RANGE (SUBTYPE = integer, SUBTYPE_OPCLASS = hostile.ops);
      CREATE TABLE hostile.t (s hostile.span); INSERT INTO hostile.t VALUES ('[1,2]');`,
    expected: 'any',
  },
  {
    name: 'type_domain',
    fault: 'FM77',
    where: 'pg_constraint of a domain',
    sees: 'each value of it runs the check',
    sql: `CREATE DOMAIN hostile.poisoned AS text CHECK (hostile.attack('domain'));
      CREATE TABLE hostile.t (p hostile.poisoned); INSERT INTO hostile.t VALUES ('x');`,
    expected: 'proved',
  },
  {
    name: 'type_domain_default',
    fault: 'FM77',
    where: 'pg_type.typdefault of a domain',
    sees: 'a column added later runs it',
    sql: `CREATE FUNCTION hostile.answer() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('default'); RETURN 'x'; END $f$;
      CREATE DOMAIN hostile.poisoned AS text DEFAULT hostile.answer();
      CREATE TABLE hostile.t (a integer); INSERT INTO hostile.t VALUES (1);`,
    provoke: 'ALTER TABLE hostile.t ADD COLUMN p hostile.poisoned',
    expected: 'proved',
  },
  {
    name: 'type_composite',
    fault: 'FM77',
    where: 'pg_type (composite) with a domain inside',
    sees: 'each row of it runs the check',
    sql: `CREATE DOMAIN hostile.poisoned AS integer CHECK (hostile.attack('domain'));
      CREATE TYPE hostile.pair AS (a hostile.poisoned, b integer);
      CREATE TABLE hostile.t (p hostile.pair); INSERT INTO hostile.t VALUES ((1, 2));`,
    expected: 'proved',
  },
  {
    name: 'type_enum',
    fault: 'FM77',
    where: 'pg_enum, labels with quotes and newlines',
    sees: 'a label ends the literal that it stands in',
    sql: String.raw`CREATE TYPE hostile.mood AS ENUM (E'\'); SELECT hostile.attack(\'enum\'); --', E'a\nSELECT hostile.attack(\'enum\');\n', E'\\\'');
      CREATE TABLE hostile.t (m hostile.mood); INSERT INTO hostile.t SELECT unnest(enum_range(NULL::hostile.mood));`,
    expected: 'proved',
    noControl: 'pg_dump quotes it rightly: it is here for what we do with the text',
  },
  {
    name: 'type_among_the_servers',
    fault: 'FM92',
    where: 'dump part: a type added to pg_catalog',
    sees: 'names in queries of ours mean the type of the archive',
    tampered: added(`CREATE DOMAIN pg_catalog.regclass2 AS text CHECK (hostile.attack('domain'));
CREATE TABLE hostile.t (r pg_catalog.regclass2);
INSERT INTO hostile.t VALUES ('x');`),
    expected: 'any',
  },
]
