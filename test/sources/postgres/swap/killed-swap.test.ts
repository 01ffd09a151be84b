import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { OperatorError } from '../../../../src/errors.ts'
import { type SwapInput, swapDatabases } from '../../../../src/sources/postgres/swap/swap-databases.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const CHILD = fileURLToPath(new URL('../../../support/swap-child.ts', import.meta.url))
const DIE_AT_QUERY = new URL('../../../support/die-at-query.ts', import.meta.url).href
const never = new AbortController().signal
const MOST_STEPS = 40

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '2' } })
}, 120_000)

afterAll(() => server?.stop())

async function oidOf(name: string): Promise<number> {
  const [row] = await server.query('postgres', `SELECT oid::text FROM pg_database WHERE datname = '${name}'`)
  return Number(row?.oid)
}

async function twoDatabases(): Promise<SwapInput> {
  for (const name of ['app', 'app_before', 'app_restore'])
    await server.query('postgres', `DROP DATABASE IF EXISTS ${name}`)
  for (const name of ['app', 'app_restore']) await server.createDatabase(name)
  const live = { name: 'app', oid: await oidOf('app') }
  const side = { name: 'app_restore', oid: await oidOf('app_restore') }
  const connect = { env: {}, applicationName: 'restore-kill-test' }
  return {
    admin: server.target('postgres'),
    connect,
    clock: systemClock,
    live,
    side,
    finalName: 'app',
    beforeName: 'app_before',
    clearComment: true,
  }
}

async function namesBack(input: SwapInput): Promise<string> {
  return `${await nameOf(input.live?.oid)} ${await nameOf(input.side.oid)}`
}

async function nameOf(oid: number | undefined): Promise<unknown> {
  return (await server.query('postgres', `SELECT datname FROM pg_database WHERE oid = ${oid}`))[0]?.datname
}

async function untilGone(): Promise<void> {
  for (;;) {
    const rows = await server.query(
      'postgres',
      `SELECT FROM pg_stat_activity WHERE application_name = 'restore-kill-test'`,
    )
    if (rows.length === 0) return
    await pause(50)
  }
}

async function swapInChild(input: SwapInput, env: Record<string, string>): Promise<NodeJS.Signals | null> {
  const { clock: _, ...plain } = input
  const child = spawn(process.execPath, ['--import', DIE_AT_QUERY, CHILD], {
    env: { PATH: process.env.PATH, SWAP: JSON.stringify(plain), PASSWORD: server.password, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return signal
}

const UNTOUCHED = 'app app_restore'
const SWAPPED = 'app_before app'

describe('a swap that is killed', () => {
  test.each(['before', 'after'])(
    'FM84 FM68 %s any of its queries leaves the live database or the new one, and open to everybody',
    async when => {
      const seen = new Set<string>()
      let input = await twoDatabases()
      for (let step = 1; ; step += 1) {
        const signal = await swapInChild(input, { KILL_AT_QUERY: String(step), KILL_WHEN: when })
        await untilGone()

        const names = await namesBack(input)
        seen.add(names)
        expect([UNTOUCHED, SWAPPED]).toContain(names)
        expect(await server.query('app', 'SELECT 1 AS open')).toEqual([{ open: 1 }])
        if (signal === null) break
        expect(step).toBeLessThan(MOST_STEPS)
        if (names === SWAPPED) input = await twoDatabases()
      }
      expect(await namesBack(input)).toBe(SWAPPED)
      expect(seen.has(UNTOUCHED)).toBe(true)
    },
    240_000,
  )
})

describe('a swap whose connection is lost at its COMMIT', () => {
  const original = pg.Client.prototype.query

  afterEach(() => {
    pg.Client.prototype.query = original
  })

  /** Once, at the first COMMIT, its connection is destroyed: with the bytes on their way or not. */
  function loseAtCommit(bytes: 'sent' | 'not sent'): void {
    let lost = false
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      const isCommit = args[0] === 'COMMIT' && !lost
      const { stream } = (this as unknown as { connection: { stream: { destroy(): void } } }).connection
      if (isCommit) lost = true
      if (isCommit && bytes === 'not sent') stream.destroy()
      const result = (original as (...given: unknown[]) => unknown).apply(this, args)
      if (isCommit && bytes === 'sent') stream.destroy()
      return result
    } as typeof original
  }

  test.each(['sent', 'not sent'] as const)(
    'FM68 asks the server what became of it: the COMMIT was %s',
    async bytes => {
      const input = await twoDatabases()
      const retries: OperatorError[] = []
      loseAtCommit(bytes)

      await swapDatabases({ ...input, onRetry: error => retries.push(error) }, never)

      expect(await namesBack(input)).toBe(SWAPPED)
      expect(retries).toHaveLength(bytes === 'sent' ? 0 : 1)
    },
    60_000,
  )
})

describe('a server that crashes', () => {
  test('FM68 in the middle of a swap comes back with one of the two states, and the swap says which', async () => {
    const input = await twoDatabases()
    await server.query(
      'app',
      `CREATE TABLE held (); BEGIN; INSERT INTO held DEFAULT VALUES; PREPARE TRANSACTION 'held'`,
    )
    const swap = swapDatabases(input, never).then(
      () => 'swapped',
      (error: unknown) => (error instanceof OperatorError ? 'failed' : error),
    )
    while ((await renaming()) === 0) await pause(20)

    await server.crash()
    await server.restart()
    await server.query('app', `ROLLBACK PREPARED 'held'`).catch(() => {})
    const said = await swap

    expect(await namesBack(input)).toBe(said === 'swapped' ? SWAPPED : UNTOUCHED)
  }, 120_000)

  async function renaming(): Promise<number> {
    return (
      await server.query(
        'postgres',
        `SELECT FROM pg_stat_activity WHERE query LIKE 'ALTER DATABASE%' AND state = 'active'`,
      )
    ).length
  }
})
