-- What only a superuser makes and what loading can make without running anything: extensions that are not trusted, foreign
-- data, event triggers, publications, subscriptions, routines with what only superusers give them. And casts.
CREATE SCHEMA ext;
CREATE SCHEMA "Ext; two";
CREATE EXTENSION hstore SCHEMA ext;
CREATE EXTENSION citext SCHEMA "Ext; two";
CREATE EXTENSION pg_trgm SCHEMA public;
CREATE EXTENSION "uuid-ossp" SCHEMA "Ext; two";
CREATE EXTENSION btree_gist SCHEMA ext;
CREATE EXTENSION ltree SCHEMA ext;
CREATE EXTENSION intarray SCHEMA ext;
CREATE EXTENSION cube SCHEMA ext;
CREATE EXTENSION pgcrypto SCHEMA ext;
CREATE EXTENSION tablefunc SCHEMA ext;
CREATE EXTENSION unaccent SCHEMA ext;
CREATE EXTENSION isn SCHEMA ext;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION file_fdw SCHEMA ext;
CREATE EXTENSION dblink SCHEMA ext;
CREATE EXTENSION pg_stat_statements;
COMMENT ON EXTENSION hstore IS 'ours; it''s';
COMMENT ON EXTENSION pg_trgm IS NULL;
CREATE TABLE ext.uses (id uuid DEFAULT "Ext; two".uuid_generate_v4(), h ext.hstore, c "Ext; two".citext UNIQUE, t text, path ext.ltree, ints integer[], room integer, during tsrange, book ext.isbn13,
    EXCLUDE USING gist (room WITH =, during WITH &&));
INSERT INTO ext.uses (h, c, t, path, ints, room, during, book)
    SELECT ext.hstore('k' || n, NULLIF(n % 3, 0)::text), 'Name' || n, 'text ' || n, ('top.n' || n)::ext.ltree, ARRAY[n, n + 1], n % 5, tsrange('2026-01-01'::timestamp + n * interval '1 h', '2026-01-01'::timestamp + n * interval '1 h 1 min'), '978-0-393-04002-9'
    FROM generate_series(1, 80) n;
CREATE INDEX ON ext.uses USING gin (t public.gin_trgm_ops);
CREATE INDEX ON ext.uses USING gist (t public.gist_trgm_ops (siglen = 32));
CREATE INDEX ON ext.uses USING gin (h);
CREATE INDEX ON ext.uses USING gist (path);
CREATE INDEX ON ext.uses USING gin (ints ext.gin__int_ops);
CREATE VIEW ext.seen AS SELECT c, h OPERATOR(ext.->) 'k1'::text AS k1 FROM ext.uses WHERE c = 'name1' AND t OPERATOR(public.%) 'text';
GRANT SELECT ON ext.uses TO PUBLIC;
GRANT EXECUTE ON FUNCTION public.pg_stat_statements_reset TO PUBLIC;

CREATE SERVER near FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'it''s; \');
CREATE SERVER "files;" TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER file_fdw;
CREATE USER MAPPING FOR PUBLIC SERVER near OPTIONS (user 'x', password 'a''b\ ;');
CREATE USER MAPPING FOR CURRENT_USER SERVER near OPTIONS (password_required 'false');
CREATE FOREIGN TABLE ext.far (id integer OPTIONS (column_name 'i;d') NOT NULL, v text DEFAULT 'd' COLLATE "C", CONSTRAINT c CHECK (id > 0)) SERVER near OPTIONS (schema_name 's', table_name 't', updatable 'false');
CREATE TABLE ext.parted (a integer, b text) PARTITION BY RANGE (a);
CREATE TABLE ext.parted_here PARTITION OF ext.parted FOR VALUES FROM (0) TO (10);
CREATE FOREIGN TABLE ext.parted_far PARTITION OF ext.parted FOR VALUES FROM (10) TO (20) SERVER near OPTIONS (table_name 'p');
INSERT INTO ext.parted VALUES (1, 'x');
COMMENT ON FOREIGN TABLE ext.far IS 'far; away';
COMMENT ON SERVER near IS 'near';

CREATE FUNCTION ext.noticed() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE EVENT TRIGGER "noticed;" ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION ext.noticed();
CREATE EVENT TRIGGER rewritten ON table_rewrite EXECUTE FUNCTION ext.noticed();
CREATE EVENT TRIGGER asleep ON sql_drop EXECUTE FUNCTION ext.noticed();
ALTER EVENT TRIGGER asleep DISABLE;
ALTER EVENT TRIGGER rewritten ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER asleep IS 'sleeps';

CREATE TABLE ext.published (id integer PRIMARY KEY, v varchar, hidden text);
INSERT INTO ext.published SELECT n, 'v', 'h' FROM generate_series(1, 30) n;
CREATE PUBLICATION "some;" FOR TABLE ext.published (id, v) WHERE (v = 'v' AND id IN (1, 2)), TABLE ONLY ext.uses WITH (publish = 'insert, truncate');
CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA "Ext; two" WITH (publish_via_partition_root = true);
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE PUBLICATION nothing;
COMMENT ON PUBLICATION nothing IS 'none';
CREATE SUBSCRIPTION "from;" CONNECTION 'host=127.0.0.1 port=1 password=''a b''' PUBLICATION "some;", b WITH (connect = false, slot_name = NONE, enabled = false, binary = true, streaming = true, disable_on_error = true);
CREATE SUBSCRIPTION named CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = 'my_slot');
COMMENT ON SUBSCRIPTION named IS 'unconnected';

CREATE TYPE ext.pair AS (a integer, b integer);
CREATE FUNCTION ext.pair_text(ext.pair) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1.a || '/' || $1.b $$;
CREATE CAST (ext.pair AS text) WITH FUNCTION ext.pair_text(ext.pair) AS ASSIGNMENT;
CREATE CAST (ext.pair AS jsonb) WITH INOUT;
COMMENT ON CAST (ext.pair AS text) IS 'a cast';
CREATE FUNCTION ext.leaky(a integer, b ext.pair DEFAULT ROW(1, 2)) RETURNS boolean LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT a > 1';
CREATE TABLE ext.checked (a integer CHECK (ext.leaky(a)));
INSERT INTO ext.checked VALUES (2), (3);
CREATE INDEX ON ext.checked (ext.leaky(a));
CREATE FUNCTION ext.quietly() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET session_replication_role = replica SET search_path = '' AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER quietly BEFORE UPDATE ON ext.checked FOR EACH ROW EXECUTE FUNCTION ext.quietly();
CREATE FUNCTION ext.supported(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE SUPPORT pg_catalog.textlike_support AS 'SELECT a LIKE b';
CREATE PROCEDURE ext."proc; é"(a integer) LANGUAGE plpgsql SET log_statement = 'none' AS 'BEGIN END';
CREATE FUNCTION ext.ranked() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
CREATE FUNCTION ext.closed(double precision) RETURNS double precision LANGUAGE internal IMMUTABLE STRICT AS 'dsqrt';
REVOKE ALL ON FUNCTION ext.closed(double precision) FROM PUBLIC;
CREATE VIEW ext.ranks AS SELECT a, ext.ranked() OVER (ORDER BY a) FROM ext.checked;
