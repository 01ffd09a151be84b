-- Functions, triggers, rules, policies, views. Any owner of a database may make it.
CREATE SCHEMA code;
CREATE SCHEMA "Other; schema";
CREATE TABLE code.rate (code text PRIMARY KEY, factor numeric NOT NULL);
INSERT INTO code.rate VALUES ('a', 2), ('b', 3);
CREATE TABLE "Other; schema".amount (id integer, code text, value numeric, state varchar(9) CHECK (state IN ('new', 'old', 'it''s')), at timestamptz DEFAULT now());
INSERT INTO "Other; schema".amount (id, code, value, state, at) SELECT n, (ARRAY['a', 'b'])[1 + n % 2], n, 'new', '2026-01-01 00:00+00' FROM generate_series(1, 100) n;

-- An index that calls functions which name tables: pg_dump loads with an empty search_path.
CREATE FUNCTION code.factor_of(c text) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT factor FROM code.rate WHERE code = c';
CREATE FUNCTION code.short_factor_of(c text) RETURNS numeric LANGUAGE sql IMMUTABLE SET search_path = code, pg_temp AS 'SELECT factor FROM rate WHERE code = c';
CREATE FUNCTION code.indirect(c text, v numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN code.factor_of(c) * v; END $$;
CREATE INDEX amount_factor ON "Other; schema".amount (code.factor_of(code), code.short_factor_of(code));
CREATE INDEX amount_indirect ON "Other; schema".amount (code.indirect(code, value)) WHERE code.indirect(code, value) > 10;
ALTER TABLE "Other; schema".amount ADD COLUMN worth numeric GENERATED ALWAYS AS (code.indirect(code, value)) STORED;

CREATE FUNCTION code.secret() RETURNS text LANGUAGE sql SECURITY DEFINER STABLE PARALLEL RESTRICTED COST 7 SET search_path = '' SET work_mem = '1MB' AS $q$ SELECT 'its; $$'::text $q$;
CREATE FUNCTION code.rows_of(n integer, OUT a integer, OUT b text) RETURNS SETOF record LANGUAGE sql ROWS 5 AS $$ SELECT i, 'x;' || i FROM generate_series(1, n) i $$;
CREATE FUNCTION code.table_of(VARIADIC v text[] DEFAULT '{"a,b",NULL}') RETURNS TABLE (k text, "v;" text) LANGUAGE sql STRICT AS $$ SELECT u, u FROM unnest(v) u $$;
CREATE FUNCTION code.atomic(a integer, b text DEFAULT 'x;y') RETURNS integer LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE WHEN state IN ('new', 'old') THEN 1 ELSE 2 END FROM "Other; schema".amount WHERE id = a;
  WITH w AS (SELECT a AS z) SELECT CASE z WHEN 1 THEN CASE WHEN b = 'end;' THEN 3 END END FROM w;
END;
CREATE FUNCTION code.returns(a integer) RETURNS integer LANGUAGE sql RETURN a + (SELECT count(*) FROM "Other; schema".amount)::integer;
CREATE PROCEDURE code.work(INOUT a integer, b text DEFAULT $d$it's$d$) LANGUAGE plpgsql AS $_$ DECLARE x text := $q$ ; $q$; BEGIN a := a + 1; END $_$;
CREATE PROCEDURE code.atomic_work(a integer) BEGIN ATOMIC INSERT INTO code.rate VALUES ('z' || a, a); DELETE FROM code.rate WHERE code = 'z' || a; END;
CREATE FUNCTION code.poly(anyelement, anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';

CREATE FUNCTION code.noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.value := coalesce(NEW.value, 0); RETURN NEW; END $$;
CREATE FUNCTION code.after_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM count(*) FROM fresh; RETURN NULL; END $$;
CREATE TRIGGER noted BEFORE INSERT OR UPDATE OF value, code ON "Other; schema".amount FOR EACH ROW WHEN (NEW.state IN ('new', 'old')) EXECUTE FUNCTION code.noted('a;''b');
CREATE TRIGGER counted AFTER INSERT ON "Other; schema".amount REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION code.after_all();
CREATE CONSTRAINT TRIGGER checked AFTER UPDATE ON "Other; schema".amount FROM code.rate DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION code.noted();
ALTER TABLE "Other; schema".amount DISABLE TRIGGER noted, ENABLE REPLICA TRIGGER counted, ENABLE ALWAYS TRIGGER checked;
CREATE TABLE code.log (id integer, what text);
CREATE RULE logged AS ON UPDATE TO code.rate DO ALSO (INSERT INTO code.log VALUES (1, OLD.code) ; NOTIFY "rate;changed");
CREATE RULE "when;" AS ON INSERT TO code.rate WHERE NEW.factor IN (1, 2) DO ALSO INSERT INTO code.log VALUES (3, NEW.code);
CREATE RULE never AS ON DELETE TO code.rate DO INSTEAD NOTHING;
ALTER TABLE code.rate DISABLE RULE never;

-- Views over views, over themselves, with rules, options, and what PostgreSQL prints differently after one load.
CREATE VIEW code.plain AS SELECT id, code, value, state FROM "Other; schema".amount WHERE state IN ('new', 'old');
CREATE VIEW code.over WITH (security_barrier, check_option = cascaded) AS SELECT id, value FROM code.plain WHERE value > 3;
CREATE VIEW code.over_over WITH (security_invoker = true) AS SELECT o.*, r.factor FROM code.over o LEFT JOIN LATERAL (SELECT factor FROM code.rate WHERE code = 'a') r ON true;
CREATE VIEW code.numbers AS WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT n FROM r;
CREATE VIEW code.grouped AS SELECT code, count(*) FILTER (WHERE state IN ('new')) AS n, grouping(code) AS g FROM "Other; schema".amount GROUP BY ROLLUP (code);
CREATE VIEW code.keyed AS SELECT r.code, r.factor, count(*) FROM code.rate r GROUP BY r.code;
ALTER VIEW code.over ALTER COLUMN value SET DEFAULT 4;
CREATE RULE "insert;" AS ON INSERT TO code.grouped DO INSTEAD INSERT INTO code.log VALUES (2, NEW.code);
CREATE FUNCTION code.instead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER instead INSTEAD OF DELETE ON code.keyed FOR EACH ROW EXECUTE FUNCTION code.instead();
CREATE FUNCTION code.uses_view(v code.plain) RETURNS text LANGUAGE sql AS 'SELECT v.code';
CREATE VIEW code.ring AS SELECT code.uses_view(p) AS u FROM code.plain p;

-- A materialized view of a function with its own search_path, one over it, one that is not filled, one that draws from a sequence.
CREATE FUNCTION code.found() RETURNS SETOF numeric LANGUAGE sql STABLE SET search_path = "Other; schema", code AS 'SELECT value * factor FROM amount a JOIN rate r ON r.code = a.code';
CREATE MATERIALIZED VIEW code.kept AS SELECT count(*) AS n, sum(f) AS s FROM code.found() f;
CREATE MATERIALIZED VIEW code.kept_over AS SELECT n + 1 AS n FROM code.kept;
CREATE UNIQUE INDEX kept_n ON code.kept_over (n);
CREATE MATERIALIZED VIEW code.not_filled AS SELECT * FROM code.kept_over WITH NO DATA;
CREATE SEQUENCE code.drawn START 10;
CREATE MATERIALIZED VIEW code.draws AS SELECT nextval('code.drawn') AS n FROM generate_series(1, 5);
CREATE TABLE code.uses_sequence (id integer DEFAULT nextval('code.drawn'), f numeric DEFAULT code.factor_of('a'));
INSERT INTO code.uses_sequence DEFAULT VALUES;

CREATE POLICY "own; rows" ON "Other; schema".amount FOR ALL TO PUBLIC USING (state IN ('new', 'old')) WITH CHECK (value > 0);
CREATE POLICY less ON "Other; schema".amount AS RESTRICTIVE FOR UPDATE USING (code = CURRENT_USER OR true);
ALTER TABLE "Other; schema".amount ENABLE ROW LEVEL SECURITY;
ALTER TABLE code.log ENABLE ROW LEVEL SECURITY;
