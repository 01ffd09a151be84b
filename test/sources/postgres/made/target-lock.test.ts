import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockTarget, type TargetLock } from '../../../../src/sources/postgres/made/target-lock.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const never = new AbortController().signal

let server: PostgresServer
let password: string

beforeAll(async () => {
  server = await startPostgres()
  password = await server.createRole('landlord', { attributes: 'CREATEDB' })
}, 120_000)

afterAll(() => server?.stop())

function lock(target: string, run: string, user?: string): Promise<TargetLock> {
  const maintenance = user === undefined ? server.target('postgres') : server.target('postgres', user, password)
  const connect = { env: {}, applicationName: `backup-container ${run} restore` }
  return lockTarget({ maintenance, connect, clock: systemClock, target }, never)
}

function end(processId: number | null): Promise<unknown> {
  return server.query('postgres', `SELECT pg_terminate_backend(${processId}, 10000)`)
}

describe('the lock on a target', () => {
  test('FM97 is for one run at a time, by whichever admin, and names the one that has it', async () => {
    await using first = await lock('app', 'run-1')

    const error = await operatorError(lock('app', 'run-2', 'landlord'))
    await using _other = await lock('app2', 'run-3', 'landlord')

    expect(error.kind).toBe('locked')
    expect(error.message).toBe(
      `127.0.0.1:${server.port}/app: run run-1 (process ${first.processId} of the server) restores into it; expected nobody else`,
    )
  }, 60_000)

  test('FM97 is free again when its run is gone', async () => {
    const first = await lock('gone', 'run-1', 'landlord')

    await end(first.processId)
    await using second = await lock('gone', 'run-2')

    expect(second.processId).not.toBe(first.processId)
  }, 60_000)

  test('FM97 is taken again when its session was lost, unless another run was quicker', async () => {
    await using first = await lock('lost', 'run-1')
    await end(first.processId)

    const again = await first.session(never)
    const rows = await again.query<{ one: number }>('SELECT 1 AS one')
    await end(first.processId)
    await using _second = await lock('lost', 'run-2')
    const error = await operatorError(first.session(never))

    expect(rows).toEqual([{ one: 1 }])
    expect(error.kind).toBe('locked')
    expect(error.message).toContain('run run-2')
  }, 60_000)

  test('FM97 stays with the statement that an interruption leaves running, and begins no other', async () => {
    await using held = await lock('busy', 'run-1')
    const interruption = new AbortController()
    const session = await held.session(interruption.signal)
    const sleeping = session.query('SELECT pg_sleep(600)')

    interruption.abort(new Error('interrupted'))

    await expect(sleeping).rejects.toThrow('interrupted')
    await expect(session.query('SELECT 1')).rejects.toThrow('interrupted')
    expect((await operatorError(lock('busy', 'run-2'))).kind).toBe('locked')
    await end(held.processId)
  }, 60_000)
})
