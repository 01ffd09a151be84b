import type { PostgresServer } from '../../../test/support/postgres-server.ts'

/** How many small databases are measured. */
export const SMALL_DATABASES = 20

const TABLES = 30
const ROWS = 500

/** Makes twenty equal databases `small_01`, `small_02`, … with 30 tables and about 2 MB of dump each; returns their names. */
export async function createSmallDatabases(server: PostgresServer): Promise<readonly string[]> {
  const names = Array.from({ length: SMALL_DATABASES }, (_, index) => `small_${String(index + 1).padStart(2, '0')}`)
  await server.createDatabase('small')
  await server.sql(
    'small',
    `${Array.from({ length: TABLES }, (_, index) => tableSql(index + 1)).join('')}VACUUM (ANALYZE);`,
  )
  for (const name of names) await server.createDatabase(name, { with: 'TEMPLATE small' })
  await server.sql('postgres', 'DROP DATABASE small; CHECKPOINT;')
  return names
}

function tableSql(number: number): string {
  const parent = number === 1 ? '' : `REFERENCES item_${number - 1}`
  return `
CREATE TABLE item_${number} (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id int ${parent}, name text NOT NULL UNIQUE,
  amount numeric(10, 2) CHECK (amount >= 0), changed_at timestamptz NOT NULL, data jsonb NOT NULL DEFAULT '{}');
INSERT INTO item_${number} (parent_id, name, amount, changed_at, data)
  SELECT i, 'item ${number} ' || md5(i::text), i * 1.25, timestamptz '2024-01-01 00:00:00+00' + i * interval '1 hour',
    jsonb_build_object('colour', (ARRAY['red', 'green', 'blue'])[1 + i % 3], 'code', md5((i * ${number})::text))
  FROM generate_series(1, ${ROWS}) i;
CREATE INDEX ON item_${number} (changed_at);
COMMENT ON TABLE item_${number} IS 'table ${number} of a small application';
`
}
