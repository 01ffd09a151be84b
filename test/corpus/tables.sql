-- Tables of every kind. Any owner of a database may make all of it; only what the other corpus files do not have.
CREATE SCHEMA shop;

-- Inheritance of two parents, with columns that came late, and in a child in another order.
CREATE TABLE shop.thing (id integer NOT NULL, name text DEFAULT 'thing');
CREATE TABLE shop.priced (price numeric(10, 2) CHECK (price >= 0) NO INHERIT, id integer);
CREATE TABLE shop.book (pages integer) INHERITS (shop.thing, shop.priced);
CREATE TABLE shop.rare_book (signed boolean DEFAULT false) INHERITS (shop.book);
INSERT INTO shop.book (id, name, price, pages) SELECT n, 'book ' || n, n / 7.0, n * 10 FROM generate_series(1, 200) n;
ALTER TABLE shop.thing ADD COLUMN late text DEFAULT 'late', ADD CONSTRAINT positive CHECK (id > 0);
ALTER TABLE shop.priced ADD COLUMN later integer[] DEFAULT '{1,2}';
INSERT INTO shop.rare_book SELECT n, 'rare ' || n, n, n, true, 'x', '{}' FROM generate_series(1, 200) n;
ALTER TABLE shop.book ALTER COLUMN name SET DEFAULT 'book', ALTER COLUMN pages SET NOT NULL;
CREATE TABLE shop.adopted (signed text, id integer NOT NULL, late text, name text, CONSTRAINT positive CHECK (id > 0));
ALTER TABLE shop.adopted INHERIT shop.thing;
INSERT INTO shop.adopted VALUES ('s', 1, NULL, 'n');

-- Columns that were dropped in the middle, and rows from before and after.
CREATE TABLE shop.changed (a integer, gone text, b text, gone_too integer, c integer DEFAULT 3);
INSERT INTO shop.changed SELECT n, 'x', 'b' || n, n FROM generate_series(1, 100) n;
ALTER TABLE shop.changed DROP COLUMN gone, DROP COLUMN gone_too, ADD COLUMN added integer DEFAULT 7 NOT NULL;
UPDATE shop.changed SET b = repeat('x', a) WHERE a % 2 = 0;

-- Partitions of partitions; one attached with its columns in another order, keys and foreign keys on all levels.
CREATE TABLE shop.sale (id bigint NOT NULL, at date NOT NULL, region text NOT NULL, item integer, PRIMARY KEY (id, at, region)) PARTITION BY RANGE (at);
CREATE TABLE shop.sale_2025 PARTITION OF shop.sale FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (region);
CREATE TABLE shop.sale_2025_bc PARTITION OF shop.sale_2025 FOR VALUES IN ('bc', NULL) PARTITION BY HASH (id);
CREATE TABLE shop.sale_2025_bc_0 PARTITION OF shop.sale_2025_bc FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE shop.sale_2025_bc_1 PARTITION OF shop.sale_2025_bc FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE UNLOGGED TABLE shop.sale_2025_bc_2 PARTITION OF shop.sale_2025_bc FOR VALUES WITH (MODULUS 3, REMAINDER 2);
CREATE TABLE shop.sale_2025_rest (region text NOT NULL DEFAULT 'on', dropped integer, item integer, at date NOT NULL, id bigint NOT NULL);
ALTER TABLE shop.sale_2025_rest DROP COLUMN dropped;
ALTER TABLE shop.sale_2025 ATTACH PARTITION shop.sale_2025_rest DEFAULT;
CREATE TABLE shop.sale_open PARTITION OF shop.sale (item DEFAULT 9) FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE TABLE shop.sale_old PARTITION OF shop.sale DEFAULT;
INSERT INTO shop.sale SELECT n, date '2024-11-01' + n, (ARRAY['bc', 'on', 'yt'])[1 + n % 3], n % 40 FROM generate_series(1, 900) n;
CREATE INDEX sale_item ON shop.sale (item) INCLUDE (region) WHERE item > 3;
CREATE INDEX only_parent ON ONLY shop.sale_2025 (item);
CREATE TABLE shop.refund (id bigint, at date, region text, why text,
    CONSTRAINT refund_of FOREIGN KEY (id, at, region) REFERENCES shop.sale DEFERRABLE INITIALLY DEFERRED);
INSERT INTO shop.refund SELECT id, at, region, 'no' FROM shop.sale WHERE id % 90 = 0;
CREATE TABLE shop.event (id uuid DEFAULT gen_random_uuid(), at timestamptz, kind text) PARTITION BY LIST (lower(kind));
CREATE TABLE shop.event_a PARTITION OF shop.event FOR VALUES IN ('a');
INSERT INTO shop.event (at, kind) SELECT '2026-03-08 09:59:59.999999+00'::timestamptz + n * interval '17 minutes', 'A' FROM generate_series(1, 50) n;

-- Foreign keys in a ring, to itself, not valid, and with actions.
CREATE TABLE shop.left_side (id integer PRIMARY KEY, other integer);
CREATE TABLE shop.right_side (id integer PRIMARY KEY REFERENCES shop.left_side ON DELETE CASCADE ON UPDATE SET NULL, parent integer REFERENCES shop.right_side MATCH FULL);
INSERT INTO shop.left_side SELECT n, n FROM generate_series(1, 9) n;
INSERT INTO shop.right_side SELECT n, nullif(n - 1, 0) FROM generate_series(1, 9) n;
ALTER TABLE shop.left_side ADD CONSTRAINT ring FOREIGN KEY (other) REFERENCES shop.right_side INITIALLY DEFERRED;
INSERT INTO shop.left_side VALUES (10, NULL);
ALTER TABLE shop.right_side ADD COLUMN broken integer;
UPDATE shop.right_side SET broken = 999 WHERE id = 4;
ALTER TABLE shop.right_side ADD CONSTRAINT not_checked FOREIGN KEY (broken) REFERENCES shop.left_side NOT VALID;
ALTER TABLE shop.right_side ADD CONSTRAINT never_checked CHECK (broken < 0) NOT VALID;
ALTER TABLE shop.right_side ADD CONSTRAINT nulls UNIQUE NULLS NOT DISTINCT (parent, broken) DEFERRABLE;

-- Identity, generated columns, exclusion, storage, compression, parameters, replica identity, clustering.
CREATE TABLE shop.numbered (
    id integer GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT -7 MINVALUE -5000 MAXVALUE 1000 CYCLE),
    other bigint GENERATED BY DEFAULT AS IDENTITY,
    low double precision, high double precision,
    wide double precision GENERATED ALWAYS AS (high - low) STORED,
    during tstzrange,
    label text COLLATE "C" GENERATED ALWAYS AS ((low)::text || '..' || (high)::text) STORED,
    EXCLUDE USING gist (during WITH &&) WHERE (wide > 0.5)
) WITH (fillfactor = 70, autovacuum_enabled = off, toast.autovacuum_enabled = off);
INSERT INTO shop.numbered (low, high, during)
    SELECT n / 3.0, n / 3.0 + 1, tstzrange('2026-01-01 00:00+00'::timestamptz + n * interval '1 hour', '2026-01-01 01:00+00'::timestamptz + n * interval '1 hour', '[)') FROM generate_series(1, 60) n;
ALTER TABLE shop.numbered ALTER COLUMN label SET COMPRESSION pglz, ALTER COLUMN label SET STORAGE EXTERNAL, ALTER COLUMN low SET (n_distinct = -0.5), ALTER COLUMN wide SET STATISTICS 0;
ALTER TABLE shop.numbered ALTER COLUMN id SET NOT NULL;
CREATE UNIQUE INDEX numbered_other ON shop.numbered (other);
ALTER TABLE shop.numbered ALTER COLUMN other SET NOT NULL, REPLICA IDENTITY USING INDEX numbered_other;
ALTER TABLE shop.numbered CLUSTER ON numbered_other;
CREATE INDEX numbered_sum ON shop.numbered USING btree ((low + high) DESC NULLS LAST, label COLLATE "POSIX" text_pattern_ops) WITH (fillfactor = 50, deduplicate_items = off);
ALTER INDEX shop.numbered_sum ALTER COLUMN 1 SET STATISTICS 50;
CREATE INDEX numbered_gist ON shop.numbered USING gist (during) WITH (buffering = off);
CREATE INDEX numbered_brin ON shop.numbered USING brin (low) WITH (pages_per_range = 4, autosummarize = on);
CREATE INDEX numbered_hash ON shop.numbered USING hash (label);
CREATE UNLOGGED TABLE shop.fleeting (id serial PRIMARY KEY, t text);
INSERT INTO shop.fleeting (t) SELECT 'x' || n FROM generate_series(1, 20) n;
CREATE TABLE shop.nothing ();
INSERT INTO shop.nothing DEFAULT VALUES;
CREATE TYPE shop.shape AS (id integer, name text);
CREATE TABLE shop.typed OF shop.shape (id WITH OPTIONS PRIMARY KEY, name DEFAULT 'typed');
INSERT INTO shop.typed VALUES (1), (2);
CREATE TABLE shop.counter (id smallserial, n integer);
ALTER SEQUENCE shop.counter_id_seq OWNED BY NONE;
CREATE SEQUENCE shop.far AS bigint START 9223372036854775806 MINVALUE -9223372036854775808 CACHE 20;
SELECT nextval('shop.far'), nextval('shop.counter_id_seq'), setval('shop.fleeting_id_seq', 4242, false);

-- 1 600 columns, the most that PostgreSQL has.
DO $$ BEGIN
  EXECUTE 'CREATE TABLE shop.widest (' || (SELECT string_agg('c' || n || ' smallint', ', ') FROM generate_series(1, 1600) n) || ')';
  EXECUTE 'INSERT INTO shop.widest SELECT ' || (SELECT string_agg('(r * ' || n || ') % 100', ', ') FROM generate_series(1, 1600) n) || ' FROM generate_series(1, 5) r';
END $$;
CREATE STATISTICS shop.sale_stats (ndistinct, mcv) ON item, region, (at + 1) FROM shop.sale;
ALTER STATISTICS shop.sale_stats SET STATISTICS 30;
