-- Types, and all that is made of them. Any owner of a database may make it.
CREATE SCHEMA kinds;
CREATE DOMAIN kinds.matrix AS integer[][] CHECK (array_ndims(VALUE) = 2) DEFAULT '{{1}}';
CREATE DOMAIN kinds.tags AS varchar(9)[] CONSTRAINT short CHECK (cardinality(VALUE) < 5) CONSTRAINT known CHECK (VALUE[1] IN ('a', 'b'));
CREATE DOMAIN kinds.tags_of_tags AS kinds.tags NOT NULL;
CREATE TYPE kinds.mood AS ENUM ('it''s', '', 'größe', '\');
ALTER TYPE kinds.mood ADD VALUE 'between' BEFORE '';
CREATE TYPE kinds.inner_part AS (x integer, m kinds.mood, t kinds.tags);
CREATE TYPE kinds.whole AS (part kinds.inner_part, parts kinds.inner_part[], "a""b" text COLLATE "C");
ALTER TYPE kinds.whole ADD ATTRIBUTE late numeric(7, 3);
CREATE TYPE kinds.texts AS RANGE (subtype = text, collation = "C", multirange_type_name = kinds.many_texts);
CREATE FUNCTION kinds.distance(a timestamptz, b timestamptz) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT extract(epoch FROM a - b)::float8';
CREATE TYPE kinds.period AS RANGE (subtype = timestamptz, subtype_diff = kinds.distance);
CREATE TYPE kinds.empty_composite AS ();
CREATE COLLATION kinds.plain (PROVIDER = libc, LC_COLLATE = 'C', LC_CTYPE = 'C');
CREATE COLLATION kinds.no_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE COLLATION kinds.german FROM "de-x-icu";
CREATE TABLE kinds.everything (
    id integer PRIMARY KEY, m kinds.matrix, t kinds.tags, tt kinds.tags_of_tags DEFAULT '{}', mood kinds.mood DEFAULT 'größe',
    w kinds.whole, r kinds.texts, mr kinds.many_texts, p kinds.period, ints int4multirange, dates datemultirange DEFAULT '{[2026-01-01,2026-02-01)}',
    n numeric, money money, f real, d double precision, i interval second(3), ts timestamp(2), tz timestamptz, tm time, tmz timetz,
    b bit(3), vb varbit, j json, jb jsonb, jp jsonpath, x xml, u uuid, mac macaddr8, net cidr, pt point, poly polygon, c circle,
    ch "char", bp char(5), v varchar, nm name COLLATE kinds.plain, ic text COLLATE kinds.no_case, de text COLLATE kinds.german, tsq tsquery, tsv tsvector, lsn pg_lsn, rc regclass, ov oidvector, by bytea, UNIQUE (ic)
);
INSERT INTO kinds.everything VALUES
  (1, '{{1,2},{3,NULL}}', '{a,"b,\"}"}', '{b}', 'it''s', ROW(ROW(1, '\', '{a}'), ARRAY[ROW(2, '', NULL)::kinds.inner_part, NULL], E'q"\n\\', 1.5), '[a,"b\"")', '{[a,b),[c,)}',
   '[2026-11-01 01:30-07,2026-11-01 01:30-08)', '{[1,3),[7,)}', '{}', 'NaN', '-12345.67', '-0', 'Infinity', '1 year -3 days 4.5678', '0001-01-01 BC', '294276-12-31 23:59:59.999999+00', '24:00', '24:00:00-15:59',
   B'101', B'', '{"a": 1, "a" : [2, "\u00e9"]}', '{"b": null, "a": 1e400}', '$.a[*] ? (@ > 1)', '<a b="c">&lt;é</a>', '00000000-0000-0000-0000-000000000001', '08:00:2b:01:02:03:04:05', '10.1.0.0/16', '(1.1,-2)', '((0,0),(1,1),(2,0))', '<(0,0),5>',
   'x', 'ab', E'tab\tnew\nback\\', 'name', 'Strasse', 'ä', '''a'' & !b', 'a:1A b', '16/B374D848', 'pg_class', '1 2 3', '\x00ff5c'),
  (2, NULL, NULL, '{}', NULL, NULL, 'empty', '{}', 'empty', '{}', '{(,)}', '-Infinity', NULL, 'NaN', 'NaN', '-178000000 years', 'infinity', '-infinity', NULL, NULL, NULL, '1', 'null', 'null', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', '', '', '', '', NULL, NULL, '', '');
INSERT INTO kinds.everything (id, n, by) SELECT n, (n::numeric ^ 40) / 7, decode(md5(n::text), 'hex') FROM generate_series(3, 60) n;

-- Operators with their classes are for the superuser: see admin.sql.
CREATE FUNCTION kinds.mod_equal(a integer, b integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a % 10 = b % 10';
CREATE OPERATOR kinds.=% (LEFTARG = integer, RIGHTARG = integer, FUNCTION = kinds.mod_equal, COMMUTATOR = OPERATOR(kinds.=%), NEGATOR = OPERATOR(kinds.<>%), RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR kinds.<>% (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4ne, NEGATOR = OPERATOR(kinds.=%));
CREATE OPERATOR kinds.!! (RIGHTARG = text, FUNCTION = upper);
CREATE VIEW kinds.uses_operator AS SELECT id FROM kinds.everything WHERE id OPERATOR(kinds.=%) 3;
CREATE FUNCTION kinds.add_text(state text, more text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(state || ',', '') || more $$;
CREATE FUNCTION kinds.finish_text(state text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '<' || state || '>' $$;
CREATE AGGREGATE kinds.joined(text) (SFUNC = kinds.add_text, STYPE = text, FINALFUNC = kinds.finish_text, PARALLEL = SAFE);
CREATE AGGREGATE kinds.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0', COMBINEFUNC = int4pl, SORTOP = OPERATOR(pg_catalog.>));
CREATE VIEW kinds.uses_aggregates AS SELECT kinds.joined(v ORDER BY id) AS j, kinds.total(id) OVER () AS t FROM kinds.everything GROUP BY id;
CREATE TEXT SEARCH DICTIONARY kinds.words (TEMPLATE = pg_catalog.simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION kinds.search (PARSER = pg_catalog."default");
ALTER TEXT SEARCH CONFIGURATION kinds.search ADD MAPPING FOR asciiword, word WITH kinds.words, simple;
CREATE INDEX searched ON kinds.everything USING gin (to_tsvector('kinds.search', v));
CREATE CONVERSION kinds.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
