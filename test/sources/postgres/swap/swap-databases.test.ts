import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { OperatorError } from '../../../../src/errors.ts'
import { connect } from '../../../../src/sources/postgres/connection/connection.ts'
import { dropLiveDatabase } from '../../../../src/sources/postgres/swap/drop-live.ts'
import { endSessions } from '../../../../src/sources/postgres/swap/sessions.ts'
import { type SwapInput, swapDatabases } from '../../../../src/sources/postgres/swap/swap-databases.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const never = new AbortController().signal
const options = { env: {}, applicationName: 'restore-test' }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '5' } })
}, 120_000)

afterAll(() => server?.stop())

async function oidOf(name: string): Promise<number> {
  const [row] = await server.query(
    'postgres',
    `SELECT oid::text FROM pg_database WHERE datname = ${pg.escapeLiteral(name)}`,
  )
  return Number(row?.oid)
}

/** A live database with "old" in it and a side one with "new". */
async function twoDatabases(name: string, owner?: string): Promise<SwapInput> {
  for (const [database, word] of [
    [name, 'old'],
    [`${name}_restore`, 'new'],
  ] as const) {
    await server.createDatabase(database, owner === undefined ? {} : { owner })
    await server.query(database, `CREATE TABLE word AS SELECT '${word}' AS word; GRANT SELECT ON word TO PUBLIC`)
  }
  return {
    admin: server.target('postgres'),
    connect: options,
    clock: systemClock,
    live: { name, oid: await oidOf(name) },
    side: { name: `${name}_restore`, oid: await oidOf(`${name}_restore`) },
    finalName: name,
    beforeName: `${name}_before`,
    clearComment: true,
  }
}

async function wordIn(database: string): Promise<unknown> {
  return (await server.query(database, 'SELECT word FROM word'))[0]?.word
}

/** Clients that connect again as soon as they are thrown out, until the test ends. */
function storm(database: string, clients: number): { stop(): Promise<void>; words(): ReadonlySet<string> } {
  let on = true
  const words = new Set<string>()
  const errors = new Set<string>()
  const one = async (): Promise<void> => {
    while (on) {
      const client = new pg.Client({
        host: server.host,
        port: server.port,
        user: server.superuser,
        password: server.password,
        database,
      })
      client.on('error', () => {})
      try {
        await client.connect()
        while (on) words.add((await client.query('SELECT word FROM word')).rows[0].word)
      } catch (error) {
        errors.add(String(error))
      } finally {
        await Promise.race([client.end().catch(() => {}), pause(200)])
      }
    }
  }
  const all = Array.from({ length: clients }, one)
  return {
    words: () => words,
    async stop() {
      on = false
      await Promise.all(all)
    },
  }
}

async function untilWord(words: () => ReadonlySet<string>, word: string): Promise<void> {
  while (!words().has(word)) await pause(20)
}

describe('dropping the live database', () => {
  test('FM97 drops nothing that only has its name by now', async () => {
    const input = await twoDatabases('renamed')
    await server.query('postgres', 'ALTER DATABASE renamed RENAME TO renamed_away')
    await server.query('postgres', 'ALTER DATABASE renamed_restore RENAME TO renamed')
    const live = { name: 'renamed', oid: input.live?.oid ?? 0 }

    const error = await operatorError(dropLiveDatabase({ ...input, live }, never))

    expect(error.message).toContain('it is another database now')
    expect([await wordIn('renamed'), await wordIn('renamed_away')]).toEqual(['new', 'old'])
  })
})

describe('swapping two databases', () => {
  test('FM65 FM68 works while clients that connect again at once are on the live one, and keeps it', async () => {
    const input = await twoDatabases('stormy')
    const clients = storm('stormy', 6)
    onTestFinished(() => clients.stop())
    await untilWord(clients.words, 'old')

    await swapDatabases(input, never)

    await untilWord(clients.words, 'new')
    expect(await wordIn('stormy_before')).toBe('old')
    expect(await oidOf('stormy')).toBe(input.side.oid)
  }, 60_000)

  test('where there is no live database only the side one gets its name', async () => {
    const input = await twoDatabases('absent')
    await server.query('postgres', 'DROP DATABASE absent')

    await swapDatabases({ ...input, live: null }, never)

    expect(await wordIn('absent')).toBe('new')
  })

  test('FM68 a prepared transaction stands in the way, is named, and both stay as they are', async () => {
    const input = await twoDatabases('prepared')
    await server.query('prepared', `BEGIN; DELETE FROM word; PREPARE TRANSACTION 'later'`)
    const retries: OperatorError[] = []

    const error = await operatorError(swapDatabases({ ...input, onRetry: failure => retries.push(failure) }, never))

    expect(error.message).toContain('1 prepared transactions could not be ended in 3 tries')
    expect(retries).toHaveLength(2)
    expect(await wordIn('prepared')).toBe('old')
    expect(await wordIn('prepared_restore')).toBe('new')
    await server.query('prepared', `ROLLBACK PREPARED 'later'`)
  }, 60_000)

  test("FM76 an admin who is no superuser ends the sessions of his own role, and names a superuser's", async () => {
    const password = await server.createRole('chief', { attributes: 'CREATEDB' })
    const input = await twoDatabases('owned', 'chief')
    const admin = server.target('postgres', 'chief', password)
    const root = new pg.Client({
      host: server.host,
      port: server.port,
      user: server.superuser,
      password: server.password,
      database: 'owned',
    })
    root.on('error', () => {})
    await root.connect()

    const error = await operatorError(swapDatabases({ ...input, admin }, never))

    expect(error.message).toContain('1 sessions of postgres could not be ended')
    expect(await wordIn('owned')).toBe('old')
    await root.end()

    await swapDatabases({ ...input, admin }, never)

    expect(await wordIn('owned')).toBe('new')
  }, 60_000)

  test('a database that somebody else renamed since the plan stops it', async () => {
    const input = await twoDatabases('moved')
    await server.query('postgres', 'ALTER DATABASE moved RENAME TO elsewhere')

    const error = await operatorError(swapDatabases(input, never))

    expect(error.message).toContain('the live database was renamed to elsewhere during the restore')
    expect(await wordIn('moved_restore')).toBe('new')
  })

  test('an interruption before the end leaves both as they are', async () => {
    const input = await twoDatabases('interrupted')
    await server.query('interrupted', `BEGIN; DELETE FROM word; PREPARE TRANSACTION 'keep'`)
    const controller = new AbortController()
    const swap = swapDatabases(
      { ...input, onRetry: () => controller.abort(new OperatorError('interrupted', 'stop')) },
      controller.signal,
    )

    const error = await operatorError(swap)

    expect(error.kind).toBe('interrupted')
    expect(await wordIn('interrupted')).toBe('old')
    await server.query('interrupted', `ROLLBACK PREPARED 'keep'`)
  }, 60_000)

  test('ends no session on any other database', async () => {
    await server.createDatabase('bystander')
    const input = await twoDatabases('neighbour')
    const client = new pg.Client({
      host: server.host,
      port: server.port,
      user: server.superuser,
      password: server.password,
      database: 'bystander',
    })
    await client.connect()

    await using connection = await connect(server.target('postgres'), options, never)
    await endSessions(connection, [input.side.oid, input.live?.oid ?? 0])

    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await client.end()
  })
})
