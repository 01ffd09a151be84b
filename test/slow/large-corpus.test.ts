import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manifestBeside, restoreWithPsql, takeBackup } from '../support/archives.ts'
import { type BackupFolder, backupFolder } from '../support/backup-program.ts'
import { clientEnvironment } from '../support/database-picture.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

const TABLES = 2_500
const LARGE_OBJECTS = 15_000

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  folder = backupFolder()
  server = await startPostgres()
  await server.createDatabase('many')
  // A statement of its own for each thousand: one that makes everything would need a lock for each of them.
  await server.sql(
    'many',
    `DO $$ BEGIN FOR n IN 1..${TABLES} LOOP
       EXECUTE format('CREATE TABLE t%s (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text DEFAULT %L)', n, n);
       EXECUTE format('INSERT INTO t%s (note) SELECT repeat(%L, 3) FROM generate_series(1, %s)', n, n, n %% 20);
       IF n %% 250 = 0 THEN COMMIT; END IF;
     END LOOP; END $$;
     DO $$ BEGIN FOR n IN 1..${LARGE_OBJECTS} LOOP
       PERFORM lo_from_bytea(100000 + n, convert_to(repeat(n::text, 1 + n %% 500), 'UTF8'));
       IF n %% 1000 = 0 THEN COMMIT; END IF;
     END LOOP; END $$;`.replaceAll('%%', '%'),
  )
})

afterAll(async () => {
  await server?.stop()
  folder?.[Symbol.dispose]()
})

test(`${TABLES} tables and ${LARGE_OBJECTS} large objects are all in the archive, and psql brings all of them back`, async () => {
  const archive = await takeBackup(server, folder, { database: 'many' })
  const { fingerprint } = manifestBeside(archive)
  await server.createDatabase('copy')

  await restoreWithPsql(archive, join(server.binFolder, 'psql'), clientEnvironment(server, 'copy'))

  const copy = manifestBeside(await takeBackup(server, folder, { database: 'copy' })).fingerprint
  expect(fingerprint.tables).toHaveLength(TABLES)
  expect(fingerprint.sequences.count).toBe(TABLES)
  expect(fingerprint.largeObjects.count).toBe(LARGE_OBJECTS)
  expect(copy).toEqual(fingerprint)
})
