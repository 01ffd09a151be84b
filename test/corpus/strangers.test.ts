import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeBackup } from '../support/archives.ts'
import { HELD, proofFolder, verifyAll } from '../support/corpus.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { runRestore } from '../support/restoring.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

describe('a database whose owner is not to be trusted', { timeout: 240_000 }, () => {
  test('FM77 is backed up, proved and restored by superusers, and none of its code runs as one of them', async () => {
    using folder = proofFolder()
    const trace = join(server.folder, 'trace')
    await server.createRole('thief')
    await server.createDatabase('trap', { owner: 'thief' })
    await server.sql('trap', trapOf(trace))

    await takeBackup(server, folder, { database: 'trap' })
    const { code, outcomes } = await verifyAll(server, folder)
    const restored = await runRestore(server, 'trap', { folder })

    expect({ code, outcomes }).toMatchObject({ code: 0, outcomes: [{ verdict: 'proved', facts: HELD, rows: 1 }] })
    expect(restored).toMatchObject({ code: 0 })
    expect(existsSync(trace)).toBe(false)
    expect(await server.query('postgres', "SELECT rolsuper FROM pg_roles WHERE rolname = 'thief'")).toEqual([
      { rolsuper: false },
    ])
    // The trap is a good one: whoever looks into this database without care walks into it.
    await server.query('trap', "SELECT rolname = 'x'::text FROM pg_catalog.pg_roles")
    expect(existsSync(trace)).toBe(true)
  })

  test('FM76 FM85 is proved without what only others may dump, and says so', async () => {
    using folder = proofFolder()
    const user = { name: 'keeper', password: await server.createRole('keeper') }
    await server.createDatabase('kept', { owner: user.name })
    await server.sql(
      'kept',
      `CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false);
       SET SESSION AUTHORIZATION keeper; CREATE TABLE t (n integer); INSERT INTO t VALUES (1)`,
    )
    await takeBackup(server, folder, { database: 'kept', user })

    const { code, outcomes } = await verifyAll(server, folder)

    expect(code).toBe(0)
    expect(outcomes).toMatchObject([{ verdict: 'proved', facts: HELD, notes: ['without: subscription feed'] }])
  })
})

/**
 * Code in every place that a dump, a load or a look at the catalog might call. The program reads what it is sent: one that
 * does not may end before the server writes, which is then an error of the attack.
 */
function trapOf(trace: string): string {
  const attack = `BEGIN EXECUTE 'ALTER ROLE thief SUPERUSER'; EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'cat >${trace}'$q$; EXCEPTION WHEN insufficient_privilege THEN NULL; END;`
  const operators = ['name, text', 'name, name', 'text, text', 'oid, oid'].map(
    types => `CREATE FUNCTION evil.equal(${types}) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.attack(); RETURN $1::text OPERATOR(pg_catalog.=) $2::text; END $f$;
       CREATE OPERATOR evil.= (LEFTARG = ${types.replace(',', ', RIGHTARG =')}, FUNCTION = evil.equal);`,
  )
  return `SET SESSION AUTHORIZATION thief;
    CREATE SCHEMA evil;
    CREATE FUNCTION evil.attack() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN ${attack} RETURN true; END $f$;
    CREATE FUNCTION evil.quietly(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN evil.attack(); END $f$;
    ${operators.join('\n')}
    CREATE FUNCTION evil.current_database() RETURNS name LANGUAGE sql AS 'SELECT evil.attack(); SELECT pg_catalog.current_database()';
    CREATE TABLE evil.t (a integer CHECK (evil.attack()), b boolean DEFAULT evil.attack(), c boolean GENERATED ALWAYS AS (evil.quietly(a)) STORED);
    INSERT INTO evil.t VALUES (1);
    CREATE INDEX ON evil.t (evil.quietly(a));
    CREATE MATERIALIZED VIEW evil.m AS SELECT evil.attack();
    CREATE VIEW evil.v AS SELECT evil.attack();
    ALTER DATABASE trap SET search_path = evil, pg_catalog;`
}
