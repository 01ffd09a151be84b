import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepaliveArgument, toolEnvironment } from '../../../../src/sources/postgres/client-tools/tool-environment.ts'
import { inspectDatabase } from '../../../../src/sources/postgres/inspect/inspect.ts'
import { readRoles } from '../../../../src/sources/postgres/roles/read-server-roles.ts'
import { dumpOf, textOf, toolsOf } from '../../../support/dumping.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

let server: PostgresServer
const signal = new AbortController().signal

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

const options = { env: {}, applicationName: 'test', clientEncoding: 'UTF8' }

describe('the environment of a tool', () => {
  test('FM12 passes on what users set for libpq and nothing else of ours', () => {
    const env = {
      PATH: '/bin',
      HOME: '/nowhere',
      LC_MESSAGES: 'de_DE',
      TZ: 'PST8PDT',
      PGSSLCRL: '/crl',
      PGSSLMODE: 'disable',
      PGTARGETSESSIONATTRS: 'primary',
      PGPASSWORD: 'of another host',
      PGSERVICE: 'other',
      PGHOSTADDR: '10.0.0.1',
      OTHER_DB_PASSWORD: 'secret',
    }

    const environment = toolEnvironment(server.target('postgres'), { ...options, env })

    expect(environment).toEqual({
      PATH: '/bin',
      HOME: '/nowhere',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      PGSSLCRL: '/crl',
      PGSSLMODE: 'prefer',
      PGTARGETSESSIONATTRS: 'primary',
      PGHOST: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: 'postgres',
      PGPASSWORD: server.password,
      PGDATABASE: 'postgres',
      PGPASSFILE: '/dev/null',
      PGSERVICEFILE: '/dev/null',
      PGGSSENCMODE: 'disable',
      PGCONNECT_TIMEOUT: '15',
      PGAPPNAME: 'test',
      PGCLIENTENCODING: 'UTF8',
      PGTZ: 'UTC',
      PGOPTIONS:
        '-c bytea_output=hex -c xmlbinary=base64 -c standard_conforming_strings=on -c quote_all_identifiers=off -c gin_fuzzy_search_limit=0 -c exit_on_error=off',
    })
  })

  test('FM09 switches TCP keepalives on', () => {
    expect(keepaliveArgument()).toContain('keepalives=1 keepalives_idle=30')
  })

  const passwords = [
    'with space',
    `'single' "double"`,
    '$HOME $(x) `id`',
    'a@b:c/d?e=f#g%20',
    'back\\slash',
    'two\nlines',
    'Schlüßel ﬁ ½ 日本',
    'pass 🙂 é',
    '-w',
    ' ',
    'a*:b',
  ]

  test.each(passwords)('FM13 the password %j works for our session, pg_dump and pg_dumpall', async password => {
    await server.query('postgres', 'DROP ROLE IF EXISTS nasty')
    await server.createRole('nasty', { password })
    const target = server.target('postgres', 'nasty', password)

    const facts = await inspectDatabase(target, { env: {}, applicationName: 'test' }, signal)
    const text = await textOf(dumpOf(server, target))
    const roles = await readRoles(
      target,
      { env: {}, applicationName: 'test', tools: toolsOf(server), timeoutMs: 0 },
      signal,
    )

    expect(facts.role.name).toBe('nasty')
    expect(text).toContain('PostgreSQL database dump complete')
    expect(roles.status).toBe('complete')
  })

  const names = [
    'with space',
    `it's "quoted"`,
    'host=evil.invalid',
    'a=b c=d',
    'postgresql://evil.invalid/x',
    '-Fc',
    '--help',
    'back\\slash',
    'Upper.Case%41/x',
    'ünï 日本',
    'two\nlines',
    '$HOME',
    "'",
  ]

  test.each(names)('FM14 the database %j works for our session, pg_dump and pg_dumpall', async name => {
    await server.createDatabase(name)
    const target = server.target(name)

    const facts = await inspectDatabase(target, { env: {}, applicationName: 'test' }, signal)
    await server.query(name, 'CREATE TABLE is_this_one (i int)')
    const text = await textOf(dumpOf(server, target))
    const roles = await readRoles(
      target,
      { env: {}, applicationName: 'test', tools: toolsOf(server), timeoutMs: 0 },
      signal,
    )

    expect(facts.database.name).toBe(name)
    expect(text).toContain('CREATE TABLE public.is_this_one')
    expect(roles.status).toBe('complete')
  })

  test('FM13 FM14 any password and any names work', async () => {
    const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' })
    await fc.assert(
      fc.asyncProperty(word, word, async (password, name) => {
        const unique = `${name}${Math.random()}`
        await server.createRole(unique, { password })
        await server.createDatabase(unique, { owner: unique })

        const text = await textOf(dumpOf(server, server.target(unique, unique, password)))

        expect(text).toContain('PostgreSQL database dump complete')
      }),
      { numRuns: 10 },
    )
  })
})
