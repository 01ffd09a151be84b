import { type Attack, trap } from './attack.ts'

const HARMLESS_QUERY = `SELECT oid::text, relname::text, relkind::text, relpages::text, relnatts::text, oid::regclass::text, reltype::regtype::text,
  reloptions::text, relfrozenxid::text, (SELECT p.oid::regprocedure::text FROM pg_proc p LIMIT 1), relnatts::bigint::text,
  (SELECT acl::text FROM pg_class x, unnest(x.relacl) acl LIMIT 1) FROM pg_class LIMIT 5`

/** A cast of one of the server's types to text: from then on every \`::text\` of it calls the archive's function. */
function castToText(type: string, quick?: true): Attack {
  return {
    name: `cast_${type}_text`,
    fault: 'FM90',
    where: `pg_cast (${type} AS text)`,
    sees: `each ${type}::text in a query of ours, or in pg_dump's, runs a function of the archive as whoever asks`,
    sql: `CREATE FUNCTION hostile.to_text(${type}) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$
      BEGIN PERFORM hostile.attack('cast'); RETURN pg_catalog.format('%s', $1); END $f$;
      CREATE CAST (${type} AS text) WITH FUNCTION hostile.to_text(${type}) AS IMPLICIT;`,
    expected: 'refused',
    names: /CAST/,
    provoke: HARMLESS_QUERY,
    ...(quick === undefined ? {} : { quick }),
  }
}

export const CASTS: readonly Attack[] = [
  castToText('bigint', true),
  ...['oid', 'xid', 'integer', 'smallint', 'regclass', 'regtype', 'regprocedure', 'aclitem'].map(type =>
    castToText(type),
  ),
  {
    name: 'cast_name_bigint',
    fault: 'FM90',
    where: 'pg_cast (name AS bigint)',
    sees: 'a comparison of a name with a number runs a function of the archive',
    sql: `CREATE FUNCTION hostile.to_bigint(name) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $f$
      BEGIN PERFORM hostile.attack('cast'); RETURN 1; END $f$;
      CREATE CAST (name AS bigint) WITH FUNCTION hostile.to_bigint(name) AS IMPLICIT;`,
    expected: 'refused',
    names: /CAST/,
    provoke: 'SELECT relname::bigint FROM pg_class LIMIT 1',
  },
  {
    name: 'cast_oid_answers_sql',
    fault: 'FM90',
    where: 'pg_cast, on the source while -1 asks',
    sees: 'the answers to the questions of -1 are SQL, which then stands in the archive and in the manifest',
    sql: ['oid', 'bigint', 'integer', 'regclass', 'aclitem', 'xid']
      .map(
        type => `CREATE FUNCTION hostile.to_text(${type}) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$
          BEGIN PERFORM hostile.attack('cast'); RETURN $t$x'; ALTER ROLE hostile_victim SUPERUSER; --$t$; END $f$;
          CREATE CAST (${type} AS text) WITH FUNCTION hostile.to_text(${type}) AS IMPLICIT;`,
      )
      .join('\n'),
    expected: 'any',
    provoke: HARMLESS_QUERY,
  },
  {
    name: 'cast_enum_json',
    fault: 'FM90',
    where: 'pg_cast (own enum AS json), its function in an untrusted language',
    sees: 'to_json() calls the cast without asking for EXECUTE: the server crashes',
    sql: `CREATE TYPE hostile.mood AS ENUM ('bad');
      CREATE FUNCTION hostile.to_json(hostile.mood) RETURNS json LANGUAGE internal IMMUTABLE AS 'textlen';
      CREATE CAST (hostile.mood AS json) WITH FUNCTION hostile.to_json(hostile.mood) AS ASSIGNMENT;
      ${trap(`SELECT to_json('bad'::hostile.mood)`)}`,
    expected: 'proved',
  },
  {
    name: 'cast_enum_json_of_owner',
    fault: 'FM90',
    where: 'pg_cast (own enum AS json), its function in PL/pgSQL',
    sees: 'to_json() calls the cast as whoever asks',
    sql: `CREATE TYPE hostile.mood AS ENUM ('bad');
      CREATE FUNCTION hostile.to_json(hostile.mood) RETURNS json LANGUAGE plpgsql IMMUTABLE AS $f$
      BEGIN PERFORM hostile.attack('cast'); RETURN '1'; END $f$;
      CREATE CAST (hostile.mood AS json) WITH FUNCTION hostile.to_json(hostile.mood) AS ASSIGNMENT;
      CREATE TABLE hostile.t (m hostile.mood CHECK (to_json(m) IS NOT NULL)); INSERT INTO hostile.t VALUES ('bad');`,
    expected: 'proved',
  },
  {
    name: 'cast_without_function',
    fault: 'FM90',
    where: 'pg_cast (bytea AS jsonb) WITHOUT FUNCTION',
    sees: 'bytes that are no jsonb are read as one: the server crashes',
    sql: `CREATE CAST (bytea AS jsonb) WITHOUT FUNCTION;
      ${trap(
        String.raw`SELECT (('\x00ffff2f'::bytea || decode(repeat('ff', 400), 'hex'))::jsonb)::text`,
        String.raw`SELECT (('\xffff0f20'::bytea || decode(repeat('ffffff0f', 400), 'hex'))::jsonb)::text`,
        String.raw`SELECT (('\xffff0f40'::bytea || decode(repeat('ffffff0f', 400), 'hex'))::jsonb)::text`,
      )}`,
    expected: 'refused',
    names: /CAST/,
    quick: true,
  },
  {
    name: 'cast_between_own_domains',
    fault: 'FM90',
    where: 'pg_cast (composite type of the archive AS text)',
    sees: 'the function runs as whoever reads a row as text',
    sql: `CREATE TYPE hostile.pair AS (a integer, b integer);
      CREATE FUNCTION hostile.to_text(hostile.pair) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$
      BEGIN PERFORM hostile.attack('cast'); RETURN 'x'; END $f$;
      CREATE CAST (hostile.pair AS text) WITH FUNCTION hostile.to_text(hostile.pair) AS IMPLICIT;
      CREATE TABLE hostile.t (p hostile.pair CHECK (p::text <> '')); INSERT INTO hostile.t VALUES ((1, 2));`,
    expected: 'proved',
  },
  {
    name: 'conversion_default',
    fault: 'FM91',
    where: 'pg_conversion, by a function of the server under another declaration',
    sees: 'whoever connects in another encoding calls it',
    sql: `CREATE FUNCTION hostile.convert(integer, integer, cstring, internal, integer, boolean) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'int4and';
      CREATE DEFAULT CONVERSION hostile.latin FOR 'LATIN1' TO 'UTF8' FROM hostile.convert;
      ${trap(`SELECT convert('\\xe4'::bytea, 'LATIN1', 'UTF8')`)}`,
    expected: 'refused',
    noControl: 'the server calls it once to try it: one that crashes cannot be made on the source',
  },
]
