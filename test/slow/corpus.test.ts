import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectRoundtrip } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

describe('a database', () => {
  test('FM69 of 2 000 tables, each with a key, an index, a sequence, a view and rights, is proved and restored', async () => {
    await server.createDatabase('many')
    await server.sql(
      'many',
      `DO $$ BEGIN FOR n IN 1..2000 LOOP
         EXECUTE format('CREATE TABLE t%s (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state varchar DEFAULT %L CHECK (state IN (%L, %L)), parent int)', n, 'a', 'a', 'b');
         EXECUTE format('INSERT INTO t%s (parent) SELECT nullif(i %% 3, 0) FROM generate_series(1, %s) i', n, 3 + n % 20);
         EXECUTE format('CREATE INDEX ON t%s (state); CREATE VIEW v%s AS SELECT id FROM t%s WHERE state IN (%L, %L); GRANT SELECT ON t%s TO PUBLIC', n, n, n, 'a', 'b', n);
         EXECUTE format('ALTER TABLE t%s ADD FOREIGN KEY (parent) REFERENCES t%s', n, n);
         IF n % 200 = 0 THEN COMMIT; END IF;
       END LOOP; END $$;`,
    )

    const outcome = await expectRoundtrip(server, 'many')

    expect(outcome.tables).toBe(2000)
    expect(outcome.notes).toEqual([expect.stringMatching(/4000 statements/)])
  })

  test('FM43 FM69 with a value of 200 MB in one row, and large objects beside it, is proved and restored', async () => {
    await server.createDatabase('large')
    await server.sql(
      'large',
      `CREATE TABLE small (n integer); INSERT INTO small VALUES (1);
       CREATE TABLE large (id integer, v text, b bytea);
       INSERT INTO large VALUES (1, repeat(E'x\\\\y\\tz\\n', 28000000), NULL), (2, 'small', convert_to(repeat('0123456789', 5000000), 'UTF8')), (3, '', '');
       SELECT lo_from_bytea(90001, convert_to(repeat('large object', 2000000), 'UTF8'));`,
    )

    const outcome = await expectRoundtrip(server, 'large')

    expect(outcome.rows).toBe(4)
  })
})
