import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, connect } from '../../../../src/sources/postgres/connection/connection.ts'
import { readShape } from '../../../../src/sources/postgres/inspect/read-database.ts'
import { createDatabase } from '../../../../src/sources/postgres/made/create-database.ts'
import type { DatabaseShape } from '../../../../src/sources/postgres/made/database-shape.ts'
import {
  dropDatabase,
  dropSubscriptions,
  hasSubscriptions,
} from '../../../../src/sources/postgres/made/drop-database.ts'
import { createLoader, dropRole } from '../../../../src/sources/postgres/made/loader-role.ts'
import { startEmbedded } from '../../../support/embedded-postgres.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const OPTIONS = { env: {}, applicationName: 'side-database test' }
const PLAIN: DatabaseShape = { encoding: 'UTF8', collate: 'C', ctype: 'C', localeProvider: 'libc', icuLocale: null }

let installed: PostgresServer
let newer: PostgresServer

beforeAll(async () => {
  ;[installed, newer] = await Promise.all([
    startPostgres({ settings: { log_statement: 'all' } }),
    startEmbedded(17, { settings: { log_statement: 'all' } }),
  ])
})

afterAll(async () => {
  await installed?.stop()
  await newer?.stop()
})

function session(server: PostgresServer, user = server.superuser, password = server.password): Promise<Connection> {
  return connect(server.target('postgres', user, password), OPTIONS, AbortSignal.timeout(60_000))
}

function inside(server: PostgresServer, database: string): Promise<Connection> {
  return connect(server.target(database), OPTIONS, AbortSignal.timeout(60_000))
}

const servers = (): PostgresServer[] => [installed, newer]

describe('the loader', () => {
  test('FM77 may log in and nothing else, is a member of nothing, and its password is in no log', async () => {
    for (const server of servers()) {
      await using admin = await session(server)

      const loader = await createLoader(admin)
      const rows = await admin.query(
        `SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin,
                EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS member
         FROM pg_roles r WHERE rolname = $1`,
        [loader.name],
      )
      await using own = await session(server, loader.name, loader.password.reveal())
      const [me] = await own.query<{ me: string }>('SELECT current_user AS me')

      expect(rows).toEqual([
        {
          rolsuper: false,
          rolcreaterole: false,
          rolcreatedb: false,
          rolreplication: false,
          rolbypassrls: false,
          rolcanlogin: true,
          member: false,
        },
      ])
      expect(me?.me).toBe(loader.name)
      expect(server.log()).toContain(loader.name)
      expect(server.log()).not.toContain(loader.password.reveal())
    }
  })

  test('FM76 an admin with CREATEROLE and CREATEDB makes it, a database for it, and removes both', async () => {
    for (const server of servers()) {
      const password = await server.createRole('makes_both', { attributes: 'CREATEROLE CREATEDB' })
      await using admin = await session(server, 'makes_both', password)

      const loader = await createLoader(admin)
      const made = await createDatabase(admin, { name: 'made_by_both', owner: loader.name, shape: PLAIN })
      const [database] = await admin.query<{ owner: string }>(
        "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'made_by_both'",
      )
      await using own = await connect(
        server.target('made_by_both', loader.name, loader.password.reveal()),
        OPTIONS,
        AbortSignal.timeout(60_000),
      )
      await own.query('CREATE TABLE public.t (id int)')
      const escalation = await operatorError(own.query('SET ROLE makes_both'))
      await dropDatabase(admin, made)
      await dropRole(admin, loader.oid)
      const left = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [loader.name])

      expect(database?.owner).toBe(loader.name)
      expect(escalation.kind).toBe('rights')
      expect(left).toEqual([])
    }
  })

  test('FM76 an admin who may not create roles is told so', async () => {
    for (const server of servers()) {
      const password = await server.createRole('makes_databases', { attributes: 'CREATEDB' })
      await using admin = await session(server, 'makes_databases', password)

      const error = await operatorError(createLoader(admin))

      expect(error.kind).toBe('rights')
      expect(error.message).toContain('expected a superuser, or CREATEROLE')
    }
  })

  test('dropRole is content when there is none', async () => {
    await using admin = await session(installed)

    const dropping = dropRole(admin, 1_000_000_000)

    await expect(dropping).resolves.toBeUndefined()
  })
})

describe('a side database', () => {
  test.each([
    ['UTF8 and C', PLAIN],
    ['UTF8 and C.UTF-8', { ...PLAIN, collate: 'C.UTF-8', ctype: 'C.UTF-8' }],
    ['LATIN1', { ...PLAIN, encoding: 'LATIN1' }],
    ['SQL_ASCII', { ...PLAIN, encoding: 'SQL_ASCII' }],
    ['ICU', { ...PLAIN, localeProvider: 'icu', icuLocale: 'de-AT', collate: 'C.UTF-8', ctype: 'C.UTF-8' }],
    ["the server's own locale", { ...PLAIN, collate: null, ctype: null, localeProvider: null }],
  ] satisfies (readonly [string, DatabaseShape])[])(
    'FM61 has the encoding and locale that it should: %s',
    async (_, shape) => {
      for (const server of servers()) {
        await using admin = await session(server)

        const made = await createDatabase(admin, { name: 'shaped', owner: server.superuser, shape })
        const [row] = await admin.query<{ row: Record<string, unknown>; encoding: string }>(
          "SELECT to_jsonb(d) AS row, pg_encoding_to_char(encoding) AS encoding FROM pg_database d WHERE datname = 'shaped'",
        )
        await dropDatabase(admin, made)

        expect(row?.encoding).toBe(shape.encoding)
        expect(row?.row.datcollate).toBe(shape.collate ?? 'C.UTF-8')
        expect(row?.row.datlocprovider).toBe(shape.localeProvider === 'icu' ? 'i' : 'c')
        expect(row?.row.datlocale ?? row?.row.daticulocale ?? null).toBe(shape.icuLocale)
      }
    },
  )

  test('has the builtin provider where the server does, and is refused with the reason where it does not', async () => {
    const shape = { ...PLAIN, localeProvider: 'builtin', icuLocale: 'C.UTF-8' }
    await using knows = await session(newer)
    await using lacks = await session(installed)

    await createDatabase(knows, { name: 'builtin', owner: newer.superuser, shape })
    const [row] = await knows.query("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'builtin'")
    const error = await operatorError(createDatabase(lacks, { name: 'builtin', owner: installed.superuser, shape }))

    expect(row).toEqual({ datlocprovider: 'b', datlocale: 'C.UTF-8' })
    expect(error.message).toBe('locale provider builtin: a server of version 15 has none; expected version 17 or newer')
  })

  test('FM180 has rules for ICU where the server does, and is refused with the reason where it does not', async () => {
    const rules = `& a < 'it''s' < b`
    const shape = { ...PLAIN, localeProvider: 'icu', icuLocale: 'und', icuRules: rules }
    await using knows = await session(newer)
    await using lacks = await session(installed)

    await createDatabase(knows, { name: 'ruled', owner: newer.superuser, shape })
    const read = await readShape(knows, 'ruled')
    const error = await operatorError(createDatabase(lacks, { name: 'ruled', owner: installed.superuser, shape }))

    expect(read).toMatchObject({ icuLocale: 'und', icuRules: rules })
    expect(error.message).toBe(
      'ICU rules: a server of version 15 has none for a database; expected version 16 or newer',
    )
  })

  test.each([
    ['quotes', `it's "odd" \\ and $1`],
    ['63 bytes', 'n'.repeat(63)],
    ['63 bytes of two each, but one', `${'é'.repeat(31)}x`],
    ['blanks and dots', ' .. '],
  ])('FM81 has exactly its name: %s', async (_, name) => {
    await using admin = await session(installed)

    const made = await createDatabase(admin, { name, owner: installed.superuser, shape: PLAIN })
    const there = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name])
    await dropDatabase(admin, made)
    const after = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name])

    expect([there.length, after.length]).toEqual([1, 0])
  })

  test.each(['n'.repeat(64), 'é'.repeat(32), ''])('FM81 is not made with a name that would be cut: %s', async name => {
    await using admin = await session(installed)

    const error = await operatorError(createDatabase(admin, { name, owner: installed.superuser, shape: PLAIN }))

    expect(error.kind).toBe('usage')
    expect(error.message).toContain('expected 1 to 63')
  })

  test('FM61 a locale that the server lacks is named', async () => {
    await using admin = await session(installed)
    const shape = { ...PLAIN, collate: 'xx_YY.utf8', ctype: 'C' }

    const error = await operatorError(createDatabase(admin, { name: 'lost', owner: installed.superuser, shape }))

    expect(error.kind).toBe('server')
    expect(error.message).toContain('LC_COLLATE xx_YY.utf8')
  })

  test('FM76 without CREATEDB, or for an owner one is no member of, the reason is named', async () => {
    const none = await installed.createRole('makes_nothing')
    const own = await installed.createRole('makes_own', { attributes: 'CREATEDB' })
    await using nothing = await session(installed, 'makes_nothing', none)
    await using creator = await session(installed, 'makes_own', own)

    const first = await operatorError(createDatabase(nothing, { name: 'a', owner: 'makes_nothing', shape: PLAIN }))
    const second = await operatorError(createDatabase(creator, { name: 'a', owner: 'makes_nothing', shape: PLAIN }))
    const mine = await createDatabase(creator, { name: 'mine', owner: 'makes_own', shape: PLAIN })
    await dropDatabase(creator, mine)

    expect([first.kind, second.kind]).toEqual(['rights', 'rights'])
    expect(first.message).toContain('expected CREATEDB')
  })

  test('FM65 is dropped although sessions are open in it, and a second time', async () => {
    await using admin = await session(installed)
    const made = await createDatabase(admin, { name: 'in_use', owner: installed.superuser, shape: PLAIN })
    await using _open = await inside(installed, 'in_use')

    await dropDatabase(admin, made)
    await dropDatabase(admin, made)
    const left = await admin.query("SELECT FROM pg_database WHERE datname = 'in_use'")

    expect(left).toEqual([])
  })

  test('FM69 can be dropped after its subscriptions were', async () => {
    for (const server of servers()) {
      await using admin = await session(server)
      const made = await createDatabase(admin, { name: 'subscribed', owner: server.superuser, shape: PLAIN })
      await using connection = await inside(server, 'subscribed')
      await connection.query(
        `CREATE SUBSCRIPTION "odd ""one""" CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false, slot_name = 's')`,
      )

      const before = await operatorError(dropDatabase(admin, made))
      const noticed = [await hasSubscriptions(admin, made), await hasSubscriptions(admin, made + 1)]
      await dropSubscriptions(connection, made)
      await dropDatabase(admin, made)

      expect(before.sqlstate).toBe('55006')
      expect(noticed).toEqual([true, false])
    }
  })
})
