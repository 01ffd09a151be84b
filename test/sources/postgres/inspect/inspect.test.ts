import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertReadable, databaseSize, inspectDatabase } from '../../../../src/sources/postgres/inspect/inspect.ts'
import { dumpOf, textOf } from '../../../support/dumping.ts'
import { operatorError } from '../../../support/failure.ts'
import { startPgbouncer } from '../../../support/pgbouncer.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

let server: PostgresServer
const signal = new AbortController().signal
const options = { env: {}, applicationName: 'test' }

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

describe('the facts of a database', () => {
  test('FM86 tell what the database itself has', async () => {
    await server.createRole("tob'app")
    await server.createRole('reader')
    await server.createDatabase('tob "1"', { owner: "tob'app", with: 'CONNECTION LIMIT 7' })
    await server.sql(
      'postgres',
      `COMMENT ON DATABASE "tob ""1""" IS 'it''s tob';
       ALTER DATABASE "tob ""1""" SET work_mem = '7MB';
       ALTER ROLE reader IN DATABASE "tob ""1""" SET search_path = "a b", public;
       REVOKE ALL ON DATABASE "tob ""1""" FROM PUBLIC;
       GRANT CONNECT ON DATABASE "tob ""1""" TO reader WITH GRANT OPTION;`,
    )

    const facts = await inspectDatabase(server.target('tob "1"'), options, signal)

    expect(facts.database).toEqual({
      host: '127.0.0.1',
      port: server.port,
      name: 'tob "1"',
      owner: "tob'app",
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      ctype: 'C.UTF-8',
      localeProvider: 'libc',
      icuLocale: null,
      settings: [
        { role: null, name: 'work_mem', value: '7MB' },
        { role: 'reader', name: 'search_path', value: '"a b", public' },
      ],
      acl: [
        { grantee: "tob'app", privileges: ['CONNECT', 'CREATE', 'TEMPORARY'], grantable: [] },
        { grantee: 'reader', privileges: ['CONNECT'], grantable: ['CONNECT'] },
      ],
      comment: "it's tob",
      connectionLimit: 7,
      tablespaces: [],
      extensions: [{ name: 'plpgsql', version: '1.0' }],
      sizeBytes: expect.any(Number),
    })
    expect(facts.server.version).toMatch(/^\d+(\.\d+|\w+)$/)
    expect(facts.server.major).toBe(server.majorVersion)
    expect(facts.server.settingNames.has('work_mem')).toBe(true)
    expect(facts.server.settingNames.has('transaction_timeout')).toBe(server.majorVersion >= 17)
    expect(facts).toMatchObject({
      unreadable: [],
      omitted: [],
      notes: [],
      role: { name: 'postgres', isSuperuser: true },
    })
  })

  test('the size can be asked for alone', async () => {
    const size = await databaseSize(server.target('postgres'), options, signal)

    expect(size).toBeGreaterThan(1_000_000)
  })

  test('FM76 every parameter that a dump sets is known to a role without rights', async () => {
    const password = await server.createRole('plain')

    const facts = await inspectDatabase(server.target('postgres', 'plain', password), options, signal)
    const dump = await textOf(dumpOf(server, server.target('postgres')))

    const names = [...dump.matchAll(/^SET (\w+) =/gm)].map(match => match[1] ?? '')
    expect(names.length).toBeGreaterThan(5)
    expect(names.filter(name => !facts.server.settingNames.has(name))).toEqual([])
  })
})

describe('FM07 the audit of rights', () => {
  test('names tables, sequences, large objects and schemas that this role cannot read, exactly those that a dump fails on', async () => {
    const owner = await server.createRole('audit_owner')
    const other = await server.createRole('audit_other')
    await server.createDatabase('audit', { owner: 'audit_owner' })
    await server.sql(
      'audit',
      `SET ROLE audit_owner;
       CREATE SCHEMA closed; CREATE TABLE closed.t (i int); GRANT SELECT ON closed.t TO audit_other;
       CREATE SCHEMA "Odd one"; GRANT USAGE ON SCHEMA "Odd one" TO audit_other;
       CREATE TABLE "Odd one"."Denied" (i int);
       CREATE TABLE "Odd one".fine (i int); GRANT SELECT ON "Odd one".fine TO audit_other;
       CREATE SEQUENCE "Odd one".counter;
       SELECT lo_create(4711); SELECT lo_create(4712); GRANT SELECT ON LARGE OBJECT 4712 TO audit_other;`,
    )

    const facts = await inspectDatabase(server.target('audit', 'audit_other', other), options, signal)
    const ownFacts = await inspectDatabase(server.target('audit', 'audit_owner', owner), options, signal)

    expect(facts.unreadable).toEqual([
      { kind: 'schema', name: 'closed', reason: 'no USAGE' },
      { kind: 'table', name: '"Odd one"."Denied"', reason: 'no SELECT' },
      { kind: 'sequence', name: '"Odd one".counter', reason: 'no SELECT' },
      { kind: 'large object', name: '4711', reason: 'no SELECT' },
    ])
    expect(() => assertReadable(facts)).toThrow(
      'role audit_other can\'t read schema closed (no USAGE), table "Odd one"."Denied" (no SELECT)',
    )
    expect(ownFacts.unreadable).toEqual([])
    assertReadable(ownFacts)
    await textOf(dumpOf(server, server.target('audit', 'audit_owner', owner)))
    const failure = await operatorError(textOf(dumpOf(server, server.target('audit', 'audit_other', other))))
    expect(failure.kind).toBe('rights')
  })

  test('names tables whose rows row security would hide, even from their owner', async () => {
    const owner = await server.createRole('policy_owner')
    const bypass = await server.createRole('policy_bypass', { attributes: 'BYPASSRLS' })
    await server.createDatabase('policies', { owner: 'policy_owner' })
    await server.sql(
      'policies',
      `SET ROLE policy_owner;
       CREATE TABLE own (i int); ALTER TABLE own ENABLE ROW LEVEL SECURITY;
       CREATE TABLE forced (i int); ALTER TABLE forced ENABLE ROW LEVEL SECURITY; ALTER TABLE forced FORCE ROW LEVEL SECURITY;
       GRANT SELECT ON own, forced TO policy_bypass; GRANT USAGE ON SCHEMA public TO policy_bypass`,
    )

    const facts = await inspectDatabase(server.target('policies', 'policy_owner', owner), options, signal)
    const bypassing = await inspectDatabase(server.target('policies', 'policy_bypass', bypass), options, signal)

    expect(facts.unreadable).toEqual([
      { kind: 'table', name: 'public.forced', reason: 'row security hides rows from this role' },
    ])
    expect(bypassing.unreadable).toEqual([])
    const failure = await operatorError(textOf(dumpOf(server, server.target('policies', 'policy_owner', owner))))
    expect(failure).toMatchObject({ kind: 'rights', object: 'forced' })
  })

  test('leaves out tables of extensions that a dump does not read', async () => {
    const owner = await server.createRole('extension_owner')
    await server.createDatabase('extensions', { owner: 'extension_owner' })
    await server.sql(
      'extensions',
      `CREATE TABLE public.member (i int); CREATE TABLE public.config (i int);
       CREATE EXTENSION citext; ALTER EXTENSION citext ADD TABLE public.member;`,
    )

    const facts = await inspectDatabase(server.target('extensions', 'extension_owner', owner), options, signal)
    const failure = await operatorError(textOf(dumpOf(server, server.target('extensions', 'extension_owner', owner))))

    expect(facts.unreadable.map(item => item.name)).toEqual(['public.config'])
    expect(failure.object).toBe('config')
  })
})

test('FM85 names subscriptions and mappings that a role without superuser rights leaves out', async () => {
  const owner = await server.createRole('partial_owner')
  await server.createDatabase('partial', { owner: 'partial_owner' })
  await server.sql(
    'partial',
    `CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false);
     CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
     CREATE USER MAPPING FOR postgres SERVER elsewhere OPTIONS (password 'hidden');
     CREATE USER MAPPING FOR partial_owner SERVER elsewhere OPTIONS (password 'own'); GRANT USAGE ON FOREIGN SERVER elsewhere TO partial_owner`,
  )
  const target = server.target('partial', 'partial_owner', owner)

  const facts = await inspectDatabase(target, options, signal)
  const dump = dumpOf(server, target)
  const text = await textOf(dump)

  expect(facts.omitted.map(({ kind, name, sqlstate }) => ({ kind, name, sqlstate }))).toEqual([
    { kind: 'subscription', name: 'sub', sqlstate: '42501' },
    { kind: 'user mapping', name: 'postgres on elsewhere', sqlstate: '42501' },
  ])
  expect(dump.report().omitted.map(item => item.kind)).toEqual(['subscription'])
  expect(text).not.toContain('hidden')
  expect(text).toContain("password 'own'")
  await server.sql('partial', 'ALTER SUBSCRIPTION sub SET (slot_name = NONE); DROP SUBSCRIPTION sub')
})

describe('FM10 a server that is not what it seems', () => {
  test('a pooler that drops our settings is recognised and explained', async () => {
    await using pooler = await startPgbouncer(server, ['ignore_startup_parameters = options,extra_float_digits'])
    const target = { ...server.target('postgres'), port: pooler.port }

    const failure = await operatorError(inspectDatabase(target, options, signal))

    expect(failure).toMatchObject({
      kind: 'server',
      message: expect.stringContaining('pooler'),
      hint: expect.stringContaining('PgBouncer'),
    })
  })

  test('a pooler that refuses our settings is explained', async () => {
    await using pooler = await startPgbouncer(server)
    const target = { ...server.target('postgres'), port: pooler.port }

    const failure = await operatorError(inspectDatabase(target, options, signal))

    expect(failure).toMatchObject({ kind: 'server', sqlstate: '08P01', hint: expect.stringContaining('not a pooler') })
  })

  test('a hot standby is dumped, with a note that a long dump may be cancelled', async () => {
    await using standby = await startPostgres()
    await standby.sql('postgres', 'CREATE TABLE t AS SELECT 1 AS i')
    standby.writeFile('data/standby.signal', '')
    await standby.restart()

    const facts = await inspectDatabase(standby.target('postgres'), options, signal)
    const text = await textOf(dumpOf(standby, standby.target('postgres')))

    expect(facts.server.isInRecovery).toBe(true)
    expect(facts.notes).toEqual([expect.stringContaining('standby')])
    expect(text).toContain('COPY public.t')
  })
})

test('a server that only accepts a limited number of connections is worth another try', async () => {
  await server.createRole('limited', { password: 'x', attributes: 'CONNECTION LIMIT 0' })

  const failure = await operatorError(inspectDatabase(server.target('postgres', 'limited', 'x'), options, signal))

  expect(failure).toMatchObject({ kind: 'connection', sqlstate: '53300' })
})
