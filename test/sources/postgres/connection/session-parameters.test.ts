import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  DUMP_SESSION,
  LOAD_SESSION,
  moneyParameters,
  PG_DUMP_SESSION,
  SESSION_PARAMETERS,
} from '../../../../src/sources/postgres/connection/session-parameters.ts'
import { LoadSession } from '../../../../src/sources/postgres/load/load-session.ts'
import { startEmbedded } from '../../../support/embedded-postgres.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

/** What changes neither values nor statements nor rows, by the nature of its name. */
const OF_NO_CONCERN =
  /^(vacuum_|jit_|trace_|debug_|force_parallel_mode$|wal_consistency_checking$|backtrace_functions$)/

const DECIDED_CATEGORIES = `category LIKE 'Client Connection Defaults%' OR category LIKE 'Version and Platform Compatibility%'
  OR category IN ('Developer Options', 'Error Handling')`

let servers: readonly PostgresServer[]

beforeAll(async () => {
  servers = await Promise.all([startPostgres(), startEmbedded(17), startEmbedded(18)])
}, 120_000)

afterAll(() => Promise.all(servers.map(server => server.stop())))

const options = { env: {}, applicationName: 'test', loadEncoding: null }

describe('FM111 the parameters of sessions', () => {
  test('are decided for each one of a server that could change what is read or written', async () => {
    const decided = new Set(SESSION_PARAMETERS.map(({ name }) => name))
    const offered = await namesOn(servers, `context IN ('user', 'superuser') AND (${DECIDED_CATEGORIES})`)

    const undecided = offered.filter(name => !decided.has(name) && !OF_NO_CONCERN.test(name))

    expect(undecided).toEqual([])
  })

  test('exist on some server, or existed, and are named once', async () => {
    const names = SESSION_PARAMETERS.map(({ name }) => name)
    const offered = new Set(await namesOn(servers, 'true'))

    expect(names.filter(name => !offered.has(name))).toEqual([])
    expect(names.length).toBe(new Set(names).size)
  })

  test('that every dump is given may be set by any role of any server', async () => {
    const given = Object.keys({ ...DUMP_SESSION, ...PG_DUMP_SESSION })
    for (const server of servers) {
      const settable = await namesOn([server], `context = 'user'`)

      expect(given.filter(name => !settable.includes(name))).toEqual([])
    }
  })

  test('hold in a session that loads, whatever server, database and role say', async () => {
    for (const server of servers) {
      const password = await server.createRole('loader')
      for (const [name, value] of Object.entries(CONTRARY)) {
        if (!(await namesOn([server], 'true')).includes(name)) continue
        await server.sql('postgres', `ALTER ROLE ALL SET ${name} = '${value}'`)
      }

      const superusers = await settingsOf(await LoadSession.open(server.target('postgres'), options, signal()))
      const loaders = await settingsOf(
        await LoadSession.open(server.target('postgres', 'loader', password), options, signal()),
      )
      await server.sql('postgres', 'ALTER ROLE ALL RESET ALL')

      const wanted = Object.entries(LOAD_SESSION)
      expect(wanted.filter(([name, value]) => !isAsWanted(superusers.get(name), value))).toEqual([])
      // The others are a superuser's to set, and the loader is none.
      const settable = await namesOn([server], `context = 'user'`)
      const loadersOwn = wanted.filter(([name]) => settable.includes(name))
      expect(loadersOwn.filter(([name, value]) => !isAsWanted(loaders.get(name), value))).toEqual([])
    }
  })
})

test('FM111 money of an archive from before its form was fixed is left to the form of the server', () => {
  expect(moneyParameters({ lcMonetary: 'C' })).toEqual({ lc_monetary: 'C' })
  expect(moneyParameters({})).toEqual({})
  expect(moneyParameters({ lcMonetary: 'de_DE.UTF-8' })).toEqual({})
})

const CONTRARY: Readonly<Record<string, string>> = {
  array_nulls: 'off',
  datestyle: 'German, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'America/Vancouver',
  xmloption: 'document',
  standard_conforming_strings: 'off',
  transform_null_equals: 'on',
  search_path: 'pg_temp',
  session_replication_role: 'replica',
  gin_fuzzy_search_limit: '1',
  idle_session_timeout: '1h',
  default_transaction_isolation: 'serializable',
  synchronous_commit: 'on',
}

function signal(): AbortSignal {
  return AbortSignal.timeout(60_000)
}

async function namesOn(of: readonly PostgresServer[], condition: string): Promise<readonly string[]> {
  const found = await Promise.all(
    of.map(server => server.query('postgres', `SELECT lower(name) AS name FROM pg_settings WHERE ${condition}`)),
  )
  return [...new Set(found.flat().map(row => String(row.name)))]
}

async function settingsOf(session: LoadSession): Promise<ReadonlyMap<string, string>> {
  await using open = session
  const rows = await open.run(Buffer.from('SELECT lower(name), setting, unit FROM pg_settings'))
  return new Map(rows.map(row => [String(row[0]), String(row[1])]))
}

/** An absent parameter is as wanted; times come back in their unit, dates with their order. */
function isAsWanted(found: string | undefined, wanted: string): boolean {
  return (
    found === undefined ||
    found.startsWith(wanted) ||
    (wanted === '10s' && found === '10000') ||
    (found === '""' && wanted === '')
  )
}
