import { afterAll, beforeAll, expect, test } from 'vitest'
import { leftByRestores } from '../../../../src/sources/postgres/made/left-by-restores.ts'
import { markerBeforeOid } from '../../../../src/sources/postgres/made/marker.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)
afterAll(() => server?.stop())

/** Makes a database whose comment says that a restore into `app` was loading it. */
async function marked(name: string): Promise<void> {
  await server.createDatabase(name)
  const marker = {
    state: 'loading',
    target: 'app',
    database: name,
    run: 'r',
    at: '2026-11-20T01:00:00Z',
    by: 'x',
  } as const
  const [row] = await server.query('postgres', `SELECT oid FROM pg_database WHERE datname = '${name}'`)
  const { oid } = row as { readonly oid: number }
  await server.query('postgres', `COMMENT ON DATABASE "${name}" IS '${markerBeforeOid(marker)}${oid}'`)
}

test('FM183 of what says that it was being loaded only that is called rubbish whose name a restore gives', async () => {
  await marked('app')
  await marked('app_before_20261120_010000')
  await marked('app_restore_20261120_010000')
  await marked('backup_again_r')
  const options = { env: {}, applicationName: 'test' }

  const left = await leftByRestores(
    server.target('app'),
    server.target('postgres'),
    options,
    AbortSignal.timeout(60_000),
  )

  expect(left).toEqual([
    'left by a restore that died, removed by the next one: database app_restore_20261120_010000, database backup_again_r',
  ])
})
