import { afterAll, beforeAll, expect, test } from 'vitest'
import { LoadSession } from '../../../../src/sources/postgres/load/load-session.ts'
import { SessionSettingsLog } from '../../../../src/sources/postgres/load/session-settings-log.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)
afterAll(() => server?.stop())

test('FM170 the search_path of the database is for the loader, and never for the admin', async () => {
  const options = { env: {}, applicationName: 'test', loadEncoding: null }
  const open = () => LoadSession.open(server.target('postgres'), options, AbortSignal.timeout(60_000))
  await using admin = await open()
  await using loader = await open()
  const log = new SessionSettingsLog({
    admins: new WeakSet([admin]),
    searchPath: [`it's "odd"`, 'public'],
    onRefusal: ({ text }) => expect.unreachable(text),
  })
  log.add(Buffer.from("SELECT pg_catalog.set_config('search_path', '', false);"))

  await log.giveTo(admin)
  await log.giveTo(loader)
  const paths = await Promise.all([admin, loader].map(session => session.run(Buffer.from('SHOW search_path'))))

  expect(paths.flat(2)).toEqual(['', `"it's ""odd""", "public"`])
})
