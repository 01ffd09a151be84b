import type { PostgresServer } from '../../../test/support/postgres-server.ts'

/**
 * Fills a new database with a web shop whose dump has about `megabytes` MB (10⁶ bytes), the same bytes each time: text,
 * JSON, numbers and binary content, with primary keys, foreign keys and indexes. Compressed it is about as large as
 * dumps of real applications are (two fifths).
 */
export async function createLargeDatabase(server: PostgresServer, name: string, megabytes: number): Promise<void> {
  await server.createDatabase(name)
  await server.sql(
    name,
    `${helpers}${tables(megabytes)}${indexes}DROP SCHEMA source CASCADE; VACUUM (ANALYZE); CHECKPOINT;`,
  )
}

/** Pseudo-random, but a function of its arguments alone: numbers below `bound`, and sentences of made-up words. */
const helpers = `
SELECT setseed(0);
CREATE SCHEMA source;
CREATE FUNCTION source.pick(seed bigint, salt bigint, bound bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN mod(hashint8extended(seed, salt) & 9223372036854775807, bound);
CREATE TABLE source.word AS
  SELECT i AS id, string_agg((ARRAY['ba','do','ki','lu','me','na','po','ri','se','ta','vo','zen'])[1 + source.pick(i * 7 + k, 1, 12)], '' ORDER BY k) AS text
  FROM generate_series(0, 799) i, LATERAL generate_series(1, 2 + source.pick(i, 2, 3)) k GROUP BY i;
CREATE TABLE source.sentence AS
  SELECT i AS id, initcap(min(w.text)) || ' ' || string_agg(w.text, ' ' ORDER BY k) || '.' AS text
  FROM generate_series(0, 19999) i, generate_series(1, 11) k
  JOIN source.word w ON true WHERE w.id = source.pick(i * 16 + k, 3, 800) GROUP BY i;
ANALYZE source.word, source.sentence;
`

/** Rows per MB of dump. Each line of the sum is about what its table takes. */
function tables(megabytes: number): string {
  return `
CREATE TABLE customer AS
  SELECT i AS id, initcap(w.text) || ' ' || initcap(v.text) AS name, w.text || '.' || v.text || i || '@example.org' AS email,
    '+1 604 ' || lpad(source.pick(i, 6, 10000000)::text, 7, '0') AS phone, s.text AS remark,
    timestamptz '2020-01-01 00:00:00+00' + i * interval '37 minutes' AS created_at
  FROM generate_series(1, ${megabytes * 200}) i JOIN source.word w ON w.id = source.pick(i, 4, 800)
  JOIN source.word v ON v.id = source.pick(i, 5, 800) JOIN source.sentence s ON s.id = source.pick(i, 7, 20000) ORDER BY i;

CREATE TABLE orders AS
  SELECT i::bigint AS id, 1 + source.pick(i, 8, ${megabytes * 200}) AS customer_id,
    timestamptz '2021-01-01 00:00:00+00' + i * interval '7.3 minutes' AS placed_at,
    (ARRAY['new','paid','packed','sent','returned'])[1 + source.pick(i, 9, 5)] AS status,
    (source.pick(i, 10, 99999999) / 100.0)::numeric(12, 2) AS total, source.pick(i, 11, 4) = 0 AS gift
  FROM generate_series(1, ${megabytes * 800}) i;

CREATE TABLE order_line AS
  SELECT o.id AS order_id, k AS line, 1 + source.pick(o.id * 8 + k, 12, 50000) AS product_id,
    (1 + source.pick(o.id * 8 + k, 13, 9))::int AS quantity, (source.pick(o.id * 8 + k, 14, 99999) / 100.0)::numeric(12, 2) AS price
  FROM orders o, generate_series(1, 5) k ORDER BY o.id, k;

CREATE TABLE event AS
  SELECT i::bigint AS id, timestamptz '2022-01-01 00:00:00+00' + i * interval '11.7 seconds' AS at,
    jsonb_build_object('kind', (ARRAY['view','search','cart','login','logout'])[1 + source.pick(i, 15, 5)],
      'session', md5((i / 3)::text), 'customer', source.pick(i, 16, ${megabytes * 200}), 'path', '/' || w.text || '/' || source.pick(i, 17, 100000),
      'milliseconds', source.pick(i, 18, 3000), 'agent', jsonb_build_object('name', (ARRAY['Firefox','Chrome','Safari'])[1 + source.pick(i, 19, 3)],
      'version', source.pick(i, 20, 140), 'mobile', source.pick(i, 21, 2) = 0), 'products', jsonb_build_array(source.pick(i, 22, 50000), source.pick(i, 23, 50000))) AS data
  FROM generate_series(1, ${megabytes * 800}) i JOIN source.word w ON w.id = source.pick(i, 24, 800) ORDER BY i;

CREATE TABLE article AS
  SELECT i AS id, 'article-' || i AS slug, string_agg(s.text, ' ' ORDER BY k) AS body
  FROM generate_series(1, ${megabytes * 100}) i, generate_series(1, 20) k
  JOIN source.sentence s ON true WHERE s.id = source.pick(i * 32 + k, 25, 20000) GROUP BY i ORDER BY i;

CREATE TABLE document AS
  SELECT i AS id, 1 + source.pick(i, 26, ${megabytes * 200}) AS customer_id, 'scan-' || i || '.jpeg' AS name,
    (SELECT string_agg(sha512(int8send(i * 64::bigint + k)), ''::bytea ORDER BY k) FROM generate_series(0, 63) k) AS content
  FROM generate_series(1, ${megabytes * 55}) i;
`
}

const indexes = `
ALTER TABLE customer ADD PRIMARY KEY (id), ALTER email SET NOT NULL, ADD UNIQUE (email);
ALTER TABLE orders ADD PRIMARY KEY (id), ADD FOREIGN KEY (customer_id) REFERENCES customer;
ALTER TABLE order_line ADD PRIMARY KEY (order_id, line), ADD FOREIGN KEY (order_id) REFERENCES orders, ADD CHECK (quantity > 0);
ALTER TABLE event ADD PRIMARY KEY (id);
ALTER TABLE article ADD PRIMARY KEY (id), ADD UNIQUE (slug);
ALTER TABLE document ADD PRIMARY KEY (id), ADD FOREIGN KEY (customer_id) REFERENCES customer;
CREATE INDEX ON customer (lower(name));
CREATE INDEX ON orders (customer_id, placed_at);
CREATE INDEX ON orders (status) WHERE status <> 'sent';
CREATE INDEX ON order_line (product_id);
CREATE INDEX ON event (at);
CREATE INDEX ON event ((data ->> 'kind'));
CREATE INDEX ON article (md5(body));
`
