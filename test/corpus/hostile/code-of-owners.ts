import { type Attack, trap } from './attack.ts'

/** A place in which the owner of a table may put code, and what makes the server run it. */
function place(name: string, where: string, rest: Pick<Attack, 'sql'> & Partial<Attack>): Attack {
  return {
    name,
    fault: 'FM77',
    where,
    sees: 'the code runs as whoever loads, dumps or looks',
    expected: 'proved',
    ...rest,
  }
}

const TABLE = 'CREATE TABLE hostile.t (a integer); INSERT INTO hostile.t VALUES (1), (2);'

export const CODE_OF_OWNERS: readonly Attack[] = [
  place('check', 'pg_constraint', {
    sql: `CREATE TABLE hostile.t (a integer CHECK (hostile.attack('check'))); INSERT INTO hostile.t VALUES (1);`,
  }),
  place('check_added_not_valid', 'pg_constraint, NOT VALID', {
    sql: `${TABLE} ALTER TABLE hostile.t ADD CONSTRAINT c CHECK (hostile.attack('not valid')) NOT VALID;`,
    provoke: 'ALTER TABLE hostile.t VALIDATE CONSTRAINT c',
  }),
  place('default', 'pg_attrdef', {
    sql: `CREATE TABLE hostile.t (a integer, b boolean DEFAULT hostile.attack('default')); INSERT INTO hostile.t (a) VALUES (1);`,
    provoke: 'INSERT INTO hostile.t (a) VALUES (2)',
  }),
  place('generated', 'pg_attrdef of a generated column', {
    sql: `CREATE TABLE hostile.t (a integer, g boolean GENERATED ALWAYS AS (hostile.quietly('generated')) STORED); INSERT INTO hostile.t (a) VALUES (1);`,
  }),
  place('sequence', 'pg_sequence, identity, serial', {
    sql: `CREATE SEQUENCE hostile."s'; SELECT hostile.attack('sequence'); --" MAXVALUE 10 CYCLE;
      CREATE TABLE hostile.t (a integer GENERATED ALWAYS AS IDENTITY, b integer DEFAULT nextval('hostile."s''; SELECT hostile.attack(''sequence''); --"') CHECK (hostile.attack('identity')));
      INSERT INTO hostile.t DEFAULT VALUES;`,
  }),
  place('index_expression', 'pg_index.indexprs', {
    sql: `${TABLE} CREATE INDEX ON hostile.t ((hostile.quietly('index' || a)));`,
  }),
  place('index_predicate', 'pg_index.indpred', {
    sql: `${TABLE} CREATE UNIQUE INDEX ON hostile.t (a) WHERE hostile.quietly('predicate' || a);`,
  }),
  place('exclusion', 'pg_constraint (exclusion) over an operator of the archive', {
    sql: `${TABLE} CREATE FUNCTION hostile.same(integer, integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM hostile.attack('exclude'); RETURN $1 = $2; END $f$;
      ALTER TABLE hostile.t ADD CONSTRAINT x EXCLUDE USING btree (hostile.quietly('exclude' || a) WITH =) WHERE (a > 1);`,
  }),
  place('partition_key', 'pg_partitioned_table.partexprs', {
    sql: `CREATE TABLE hostile.t (a integer) PARTITION BY LIST ((hostile.quietly('key' || a)));
      CREATE TABLE hostile.t1 PARTITION OF hostile.t FOR VALUES IN (true); INSERT INTO hostile.t VALUES (1);`,
    provoke: 'INSERT INTO hostile.t VALUES (2)',
  }),
  place('partition_hash', 'pg_partitioned_table, an operator class of the archive', {
    sql: `CREATE FUNCTION hostile.hash(integer, bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $f$ BEGIN PERFORM hostile.attack('hash'); RETURN 1; END $f$;
      CREATE OPERATOR CLASS hostile.ops FOR TYPE integer USING hash AS OPERATOR 1 =, FUNCTION 2 hostile.hash(integer, bigint);
      CREATE TABLE hostile.t (a integer) PARTITION BY HASH (a hostile.ops);
      CREATE TABLE hostile.t1 PARTITION OF hostile.t FOR VALUES WITH (MODULUS 1, REMAINDER 0); INSERT INTO hostile.t VALUES (1);`,
    fault: 'FM91',
    expected: 'refused',
    provoke: 'INSERT INTO hostile.t VALUES (2)',
  }),
  place('materialized_view', 'pg_rewrite of a materialized view', {
    sql: `CREATE MATERIALIZED VIEW hostile.m AS SELECT hostile.attack('matview') AS a; CREATE UNIQUE INDEX ON hostile.m (a);`,
  }),
  place('view', 'pg_rewrite of a view', {
    sql: `CREATE VIEW hostile.v AS SELECT hostile.attack('view') AS a;`,
    provoke: 'SELECT * FROM hostile.v',
  }),
  place('rule', 'pg_rewrite', {
    sql: `${TABLE} CREATE RULE r AS ON INSERT TO hostile.t DO ALSO SELECT hostile.attack('rule');
      CREATE TABLE hostile.u (a integer);
      DO $$ BEGIN
        CREATE RULE "_RETURN" AS ON SELECT TO hostile.u DO INSTEAD SELECT hostile.attack('rule')::int AS a;
      EXCEPTION WHEN wrong_object_type OR feature_not_supported THEN NULL; -- 16 makes no views by a rule
      END $$;`,
    provoke: 'INSERT INTO hostile.t VALUES (1)',
  }),
  place('trigger', 'pg_trigger', {
    sql: `CREATE FUNCTION hostile.row() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('trigger'); RETURN NEW; END $f$;
      ${TABLE} CREATE TRIGGER t BEFORE INSERT OR UPDATE ON hostile.t FOR EACH ROW EXECUTE FUNCTION hostile.row();
      CREATE TRIGGER truncated BEFORE TRUNCATE ON hostile.t FOR EACH STATEMENT EXECUTE FUNCTION hostile.row();
      ALTER TABLE hostile.t ENABLE ALWAYS TRIGGER t;`,
    provoke: 'INSERT INTO hostile.t VALUES (3)',
  }),
  place('policy', 'pg_policy', {
    sql: `${TABLE} CREATE POLICY p ON hostile.t USING (hostile.attack('policy')) WITH CHECK (hostile.attack('policy'));
      ALTER TABLE hostile.t ENABLE ROW LEVEL SECURITY; ALTER TABLE hostile.t FORCE ROW LEVEL SECURITY;`,
    noControl: 'policies do not hold for superusers: they are here for a dump back by a role that is none',
  }),
  place('policy_of_superuser', 'pg_policy over a SECURITY DEFINER function of the superuser', {
    sql: `${TABLE} CREATE FUNCTION hostile.secretly() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $f$ BEGIN RETURN hostile.attack('policy'); END $f$;
      CREATE POLICY p ON hostile.t USING (hostile.secretly()); ALTER TABLE hostile.t ENABLE ROW LEVEL SECURITY; ALTER TABLE hostile.t OWNER TO hostile_victim;
      GRANT USAGE ON SCHEMA hostile TO hostile_victim; GRANT ALL ON hostile.t TO PUBLIC;`,
    noControl: 'policies do not hold for superusers: they are here for a dump back by a role that is none',
  }),
  place('row_filter', 'pg_publication_rel.prqual', {
    sql: `${TABLE} CREATE PUBLICATION hostile_@name@ FOR TABLE hostile.t WHERE (a > 1 AND '''); SELECT hostile.attack(''filter''); --' <> 'x');`,
    from: 15,
    noControl: 'PostgreSQL lets no function of users into a row filter: it is here for the text',
  }),
  place('statistics', 'pg_statistic_ext.stxexprs', {
    sql: `${TABLE} CREATE STATISTICS hostile.st ON a, (hostile.quietly('statistics' || a)) FROM hostile.t; ANALYZE hostile.t;`,
    provoke: 'ANALYZE hostile.t',
  }),
  place('analyzed', 'pg_index.indexprs and pg_statistic_ext.stxexprs, called by ANALYZE only', {
    fault: 'FM143',
    sql: `${TABLE} CREATE FUNCTION hostile.later(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
        RETURN CASE WHEN current_query() ~ '^ANALYZE' THEN hostile.attack('analyzed') ELSE true END; END $f$;
      CREATE INDEX ON hostile.t (hostile.later(a)); CREATE STATISTICS hostile.st ON (hostile.later(a)), a FROM hostile.t;`,
    provoke: 'ANALYZE hostile.t',
    quick: true,
  }),
  place('collation', 'pg_collation', {
    sql: `CREATE COLLATION hostile."C'; --" (PROVIDER = icu, LOCALE = 'und-u-ks-level1', DETERMINISTIC = false);
      CREATE TABLE hostile.t (a text COLLATE hostile."C'; --" PRIMARY KEY CHECK (hostile.attack('collation'))); INSERT INTO hostile.t VALUES ('a');`,
  }),
  place('large_object', 'pg_largeobject_metadata, with rights', {
    sql: `SELECT lo_from_bytea(4242, 'x'); GRANT SELECT ON LARGE OBJECT 4242 TO PUBLIC; ALTER LARGE OBJECT 4242 OWNER TO hostile_victim;
      COMMENT ON LARGE OBJECT 4242 IS 'x''; SELECT hostile.attack(''lo''); --';`,
    noControl: 'bytes hold no code: it is here for the text around them',
  }),
  place('default_privileges', 'pg_default_acl', {
    sql: `ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT ALL ON FUNCTIONS TO hostile_victim;
      ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA hostile GRANT ALL ON TABLES TO PUBLIC;`,
    noControl: 'they concern what is made later in that database only',
  }),
  place('comment', 'pg_description', {
    sql: String.raw`COMMENT ON SCHEMA hostile IS E'x\\\'; SELECT hostile.attack(\'comment\'); --\n\\! touch @traces@/@name@-meta\n'; ${TABLE}
      COMMENT ON COLUMN hostile.t.a IS '$$; SELECT hostile.attack($$x$$);'; COMMENT ON TABLE hostile.t IS E'\n\\.\nALTER ROLE hostile_victim SUPERUSER;\n';`,
    noControl: 'pg_dump quotes it rightly: it is here for what we do with the text',
  }),
  place('data', 'COPY data that looks like its end, and like statements', {
    sql: String.raw`CREATE TABLE hostile.t (a text, b bytea); INSERT INTO hostile.t VALUES (E'\\.\nALTER ROLE hostile_victim SUPERUSER;\n\\! touch @traces@/@name@-meta', '\x5c2e0a'), (E'\\N', NULL), (E'\t\\\r\n', '');`,
    noControl: 'pg_dump escapes it rightly: it is here for what we do with the text',
  }),
  place('event_trigger_start', 'pg_event_trigger (ddl_command_start, ddl_command_end)', {
    sql: `CREATE FUNCTION hostile.command() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('command'); END $f$;
      CREATE EVENT TRIGGER hostile_start ON ddl_command_start EXECUTE FUNCTION hostile.command();
      CREATE EVENT TRIGGER hostile_end ON ddl_command_end EXECUTE FUNCTION hostile.command();
      ALTER EVENT TRIGGER hostile_start ENABLE ALWAYS; COMMENT ON EVENT TRIGGER hostile_end IS 'x';`,
    provoke: 'CREATE TABLE hostile.provoked (a integer)',
    quick: true,
  }),
  place('event_trigger_drop', 'pg_event_trigger (sql_drop)', {
    sql: `CREATE FUNCTION hostile.command() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('drop'); END $f$;
      CREATE EVENT TRIGGER hostile_drop ON sql_drop EXECUTE FUNCTION hostile.command(); ALTER EVENT TRIGGER hostile_drop ENABLE ALWAYS;`,
    provoke: 'DROP TABLE hostile.loot',
  }),
  place('event_trigger_rewrite', 'pg_event_trigger (table_rewrite)', {
    sql: `${TABLE} CREATE FUNCTION hostile.command() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('rewrite'); END $f$;
      CREATE EVENT TRIGGER hostile_rewrite ON table_rewrite EXECUTE FUNCTION hostile.command(); ALTER EVENT TRIGGER hostile_rewrite ENABLE ALWAYS;`,
    provoke: 'ALTER TABLE hostile.t ALTER a TYPE text USING 1',
  }),
  place('event_trigger_login', 'pg_event_trigger (login)', {
    from: 17,
    sql: `CREATE FUNCTION hostile.command() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM hostile.attack('login'); END $f$;
      CREATE EVENT TRIGGER hostile_login ON login EXECUTE FUNCTION hostile.command(); ALTER EVENT TRIGGER hostile_login ENABLE ALWAYS;`,
    provoke: 'SELECT 1',
  }),
  place('temporary_escape', 'what a trap can leave behind in its session', {
    sql: trap(
      `SET search_path = hostile, pg_catalog`,
      'CREATE TEMP TABLE pg_class (a integer)',
      `SELECT set_config('role', 'postgres', false)`,
      `SET SESSION AUTHORIZATION postgres`,
      `SELECT hostile.attack('session')`,
    ),
    expected: 'any',
  }),
]
