import { expect, test } from 'vitest'
import { expectRoundtrip } from '../support/corpus.ts'
import { startPostgres } from '../support/postgres-server.ts'

test('FM180 a database whose ICU locale has rules of its own is proved and restored with them', async () => {
  await using server = await startPostgres()
  const locale = "LOCALE_PROVIDER icu ICU_LOCALE 'und' ICU_RULES '& z < a' LOCALE 'C.UTF-8' TEMPLATE template0"
  await server.createDatabase('ruled', { with: locale })
  await server.sql(
    'ruled',
    `CREATE TABLE t (low text, high text, CHECK (low < high)); INSERT INTO t VALUES ('z', 'a');
     CREATE TABLE parts (a text) PARTITION BY RANGE (a); CREATE TABLE part PARTITION OF parts FOR VALUES FROM ('z') TO ('a');
     INSERT INTO parts VALUES ('zz')`,
  )

  await expectRoundtrip(server, 'ruled')
  const restored = await server.sql('postgres', "SELECT daticurules FROM pg_database WHERE datname = 'ruled'")

  expect(restored.trim()).toBe('& z < a')
})
