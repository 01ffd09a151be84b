CREATE TABLE customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text UNIQUE,
  profile jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE purchase (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customer,
  bought_at timestamptz NOT NULL,
  amount numeric(10, 2) NOT NULL CHECK (amount > 0)
);

CREATE INDEX ON purchase (customer_id, bought_at);

INSERT INTO customer (name, email, profile)
SELECT 'Customer ' || i, 'customer' || i || '@example.org', jsonb_build_object('newsletter', i % 2 = 0)
FROM generate_series(1, 2000) AS i;

INSERT INTO purchase (customer_id, bought_at, amount)
SELECT 1 + i % 2000, timestamptz '2026-01-01 00:00:00+00' + i * interval '11 minutes', 1 + (i * 37 % 9999) / 100.0
FROM generate_series(1, 20000) AS i;

COMMENT ON TABLE purchase IS 'what customers bought';
