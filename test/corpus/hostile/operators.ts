import { type Attack, added, trap } from './attack.ts'

const COMPARE_AS_TEXT = `CREATE FUNCTION hostile.compare(integer, integer) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bttextcmp';`
const OPERATORS = 'OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >'

export const OPERATOR_OBJECTS: readonly Attack[] = [
  {
    name: 'aggregate_of_built_ins',
    fault: 'FM91',
    where: 'pg_aggregate, STYPE = internal, built-ins alone',
    sees: 'the state of one is read as that of another: the server crashes',
    sql: `CREATE AGGREGATE hostile.mixed(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = json_agg_finalfn);
      ${trap('SELECT hostile.mixed(i) FROM generate_series(1, 9) i')}`,
    expected: 'refused',
    names: /AGGREGATE/,
    quick: true,
  },
  {
    name: 'aggregate_moving',
    fault: 'FM91',
    where: 'pg_aggregate.aggmtransfn, MSTYPE = internal',
    sees: 'a window reads the state of one as that of another: the server crashes',
    sql: `CREATE FUNCTION hostile.step(json, numeric) RETURNS json LANGUAGE sql IMMUTABLE AS 'SELECT $1';
      CREATE AGGREGATE hostile.mixed(numeric) (SFUNC = hostile.step, STYPE = json, MSTYPE = internal,
        MSFUNC = numeric_avg_accum, MINVFUNC = numeric_accum_inv, MFINALFUNC = json_agg_finalfn);
      ${trap('SELECT hostile.mixed(i) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM generate_series(1, 9) i')}`,
    expected: 'refused',
    names: /AGGREGATE/,
  },
  {
    name: 'aggregate_serial',
    fault: 'FM91',
    where: 'pg_aggregate.aggserialfn, aggcombinefn',
    sees: 'a parallel plan reads the state of one as that of another: the server crashes',
    sql: `CREATE AGGREGATE hostile.mixed(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg,
        COMBINEFUNC = numeric_avg_combine, SERIALFUNC = int8_avg_serialize, DESERIALFUNC = numeric_deserialize, PARALLEL = safe);
      ${trap(
        'CREATE TABLE hostile.many AS SELECT i::numeric AS n FROM generate_series(1, 50000) i',
        'SET parallel_setup_cost = 0',
        'SET parallel_tuple_cost = 0',
        'SET min_parallel_table_scan_size = 0',
        'SELECT hostile.mixed(n) FROM hostile.many',
      )}`,
    expected: 'refused',
    names: /AGGREGATE/,
    noControl: 'whether the plan is a parallel one depends on the server',
  },
  {
    name: 'aggregate_over_closed_function',
    fault: 'FM91',
    where: 'pg_aggregate over a function in an untrusted language',
    sees: "the aggregate calls with its owner's right what the loader may not call: a file is written",
    sql: `SELECT lo_from_bytea(4242, 'x');
      CREATE FUNCTION hostile.step(oid, text) RETURNS oid LANGUAGE internal AS 'be_lo_export';
      CREATE AGGREGATE hostile.exporter(text) (SFUNC = hostile.step, STYPE = oid, INITCOND = '4242');
      ${trap(`SELECT lo_from_bytea(4242, 'x')`, `SELECT hostile.exporter('@traces@/@name@-export')`)}`,
    expected: 'any',
  },
  {
    name: 'aggregate_of_owner',
    fault: 'FM77',
    where: 'pg_aggregate over PL/pgSQL',
    sees: 'whoever aggregates runs it',
    sql: `CREATE FUNCTION hostile.step(integer, integer) RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('step'); RETURN $1; END $f$;
      CREATE AGGREGATE hostile.sum(integer) (SFUNC = hostile.step, STYPE = integer, INITCOND = '0');
      CREATE TABLE hostile.t (a integer); INSERT INTO hostile.t VALUES (1);
      CREATE MATERIALIZED VIEW hostile.m AS SELECT hostile.sum(a) FROM hostile.t;`,
    expected: 'proved',
  },
  {
    name: 'aggregate_first_value',
    fault: 'FM92',
    where: 'dump part: CREATE AGGREGATE … STYPE = internal, "minitcond" in quotation marks',
    sees: 'the admin makes it, and the server reads the first value: a check of the archive runs as the admin',
    tampered: added(`CREATE DOMAIN hostile.poisoned AS text CHECK (hostile.attack('minitcond'));
CREATE FUNCTION hostile.move(hostile.poisoned, numeric) RETURNS hostile.poisoned LANGUAGE sql AS 'SELECT $1';
CREATE AGGREGATE hostile.mixed(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, MSTYPE = hostile.poisoned, MSFUNC = hostile.move, MINVFUNC = hostile.move, "minitcond" = 'x');`),
    expected: 'refused',
  },
  {
    name: 'opclass_btree_of_another_type',
    fault: 'FM91',
    where: 'pg_opclass, pg_amproc: comparison of text for numbers',
    sees: 'an index reads numbers as addresses: the server crashes',
    sql: `${COMPARE_AS_TEXT}
      CREATE OPERATOR CLASS hostile.ops FOR TYPE integer USING btree AS ${OPERATORS}, FUNCTION 1 hostile.compare(integer, integer);
      ${trap('CREATE TEMP TABLE n AS SELECT generate_series(1, 9) AS n', 'CREATE INDEX ON n USING btree (n hostile.ops)')}`,
    expected: 'refused',
  },
  {
    name: 'opclass_gist_of_another_type',
    fault: 'FM91',
    where: 'pg_opclass, pg_amproc: built-in support functions of boxes for text',
    sees: 'an index reads text as boxes: memory beyond it is read, or the server crashes',
    sql: `CREATE OPERATOR CLASS hostile.ops FOR TYPE text USING gist AS OPERATOR 1 =,
        FUNCTION 1 (text, text) gist_box_consistent(internal, box, smallint, oid, internal), FUNCTION 2 (text, text) gist_box_union(internal, internal),
        FUNCTION 5 (text, text) gist_box_penalty(internal, internal, internal), FUNCTION 6 (text, text) gist_box_picksplit(internal, internal),
        FUNCTION 7 (text, text) gist_box_same(box, box, internal);
      ${trap(
        `CREATE TEMP TABLE n AS SELECT repeat('x', 1 + i % 90) AS n FROM generate_series(1, 3000) i`,
        'CREATE INDEX ON n USING gist (n hostile.ops)',
      )}`,
    expected: 'refused',
    names: /OPERATOR/,
    noControl: 'what is read as a box is memory of the server: it may go well',
  },
  {
    name: 'opclass_hash_by_default',
    fault: 'FM91',
    where: 'pg_opclass (DEFAULT, hash) for a type of the archive',
    sees: 'DISTINCT and GROUP BY call it unasked: the server crashes',
    sql: `CREATE TYPE hostile.mood AS ENUM ('bad', 'worse');
      CREATE FUNCTION hostile.hash(hostile.mood) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'hashtext';
      CREATE FUNCTION hostile.same(hostile.mood, hostile.mood) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'enum_eq';
      CREATE OPERATOR hostile.== (LEFTARG = hostile.mood, RIGHTARG = hostile.mood, FUNCTION = hostile.same, HASHES);
      CREATE OPERATOR CLASS hostile.ops DEFAULT FOR TYPE hostile.mood USING hash AS
        OPERATOR 1 hostile.== (hostile.mood, hostile.mood), FUNCTION 1 hostile.hash(hostile.mood);
      ${trap(
        `CREATE TEMP TABLE n AS SELECT 'bad'::hostile.mood AS m FROM generate_series(1, 9)`,
        'CREATE INDEX ON n USING hash (m)',
      )}`,
    expected: 'refused',
  },
  {
    name: 'opfamily_added_to',
    fault: 'FM91',
    where: 'pg_opfamily, a loose member of pg_amproc',
    sees: 'a comparison of two types calls that of text: the server crashes',
    sql: `CREATE OPERATOR FAMILY hostile.family USING btree;
      CREATE OPERATOR CLASS hostile.ops FOR TYPE integer USING btree FAMILY hostile.family AS ${OPERATORS}, FUNCTION 1 btint4cmp(integer, integer);
      CREATE FUNCTION hostile.compare(integer, bigint) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bttextcmp';
      ALTER OPERATOR FAMILY hostile.family USING btree ADD OPERATOR 3 = (integer, bigint), FUNCTION 1 (integer, bigint) hostile.compare(integer, bigint);
      ${trap(
        'CREATE TEMP TABLE n AS SELECT generate_series(1, 9999) AS n',
        'CREATE INDEX ON n USING btree (n hostile.ops)',
        'SET enable_seqscan = off',
        'SELECT * FROM n WHERE n = 5::bigint',
      )}`,
    expected: 'refused',
  },
  {
    name: 'opclass_of_owner',
    fault: 'FM91',
    where: 'pg_opclass, its function in PL/pgSQL',
    sees: 'an index runs the function as whoever builds it',
    sql: `CREATE FUNCTION hostile.compare(integer, integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS $f$
      BEGIN PERFORM hostile.attack('compare'); RETURN btint4cmp($1, $2); END $f$;
      CREATE OPERATOR CLASS hostile.ops FOR TYPE integer USING btree AS ${OPERATORS}, FUNCTION 1 hostile.compare(integer, integer);
      CREATE TABLE hostile.t (a integer); INSERT INTO hostile.t VALUES (1), (2); CREATE INDEX ON hostile.t USING btree (a hostile.ops);`,
    expected: 'refused',
    names: /OPERATOR/,
  },
  {
    name: 'operator_on_path',
    fault: 'FM90',
    where: "pg_operator in a schema that a setting puts in front of the server's own",
    sees: "an equals sign in a query of ours is the archive's",
    sql: `CREATE FUNCTION hostile.equal(name, text) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('operator'); RETURN true; END $f$;
      CREATE OPERATOR hostile.= (LEFTARG = name, RIGHTARG = text, FUNCTION = hostile.equal);
      CREATE FUNCTION hostile.equal(name, name) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('operator'); RETURN true; END $f$;
      CREATE OPERATOR hostile.= (LEFTARG = name, RIGHTARG = name, FUNCTION = hostile.equal);
      CREATE FUNCTION hostile.equal(oid, oid) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('operator'); RETURN true; END $f$;
      CREATE OPERATOR hostile.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = hostile.equal);
      DO $d$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = hostile, pg_catalog', current_database()); END $d$;`,
    expected: 'proved',
    provoke: `SET search_path = hostile, pg_catalog; SELECT relname = 'x'::text FROM pg_catalog.pg_class LIMIT 1`,
  },
  {
    name: 'operator_estimator',
    fault: 'FM91',
    where: 'pg_operator.oprrest, an estimator in an untrusted language',
    sees: 'planning a query calls it: the server crashes',
    sql: `CREATE FUNCTION hostile.like(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > $2';
      CREATE FUNCTION hostile.estimate(internal, oid, internal, integer) RETURNS double precision LANGUAGE internal AS 'textlen';
      CREATE OPERATOR hostile.~~~ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = hostile.like, RESTRICT = hostile.estimate);
      ${trap('SELECT * FROM pg_class WHERE relpages OPERATOR(hostile.~~~) 1')}`,
    expected: 'any',
    noControl: 'what it misreads is readable memory: it answers',
  },
  {
    name: 'operator_among_the_servers',
    fault: 'FM92',
    where: 'dump part: an operator added to pg_catalog',
    sees: "a better match than the server's own operator is the archive's",
    tampered:
      added(`CREATE FUNCTION hostile.equal(name, "char") RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN RETURN hostile.attack('operator'); END $f$;
CREATE OPERATOR pg_catalog.= (LEFTARG = name, RIGHTARG = "char", FUNCTION = hostile.equal);
ALTER OPERATOR FAMILY pg_catalog.text_ops USING btree ADD OPERATOR 3 pg_catalog.= (name, "char");`),
    provoke: `SELECT relname = 'x'::"char" FROM pg_class LIMIT 1`,
    expected: 'any',
  },
]
