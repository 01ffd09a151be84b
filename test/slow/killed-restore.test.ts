import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeBackup } from '../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult } from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { databasesOf, loadersOn, runRestore, startRestore } from '../support/restoring.ts'

const DIE_AT_QUERY = new URL('../support/die-at-query.ts', import.meta.url).href
/** More queries than a restore has. */
const MOST_STEPS = 300
const KILLS = 20
const DAMAGED = 7
const WHOLE = 20_000

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('app')
  await server.sql(
    'app',
    `CREATE TABLE t AS SELECT n, md5(n::text) AS text FROM generate_series(1, ${WHOLE}) n; CREATE INDEX ON t (text)`,
  )
  folder = backupFolder()
  await takeBackup(server, folder, { database: 'app' })
  await damage()
}, 120_000)

afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

async function damage(): Promise<void> {
  await server.sql('app', `DELETE FROM t WHERE n > ${DAMAGED}`)
}

/** The live database is the damaged one or the restored one, open to everybody. */
async function liveRows(when: string): Promise<number> {
  await untilNoSessions()
  const [row] = await server.query('app', 'SELECT count(*)::int AS rows FROM t')
  expect({ when, rows: row?.rows }).toEqual({ when, rows: row?.rows === WHOLE ? WHOLE : DAMAGED })
  return Number(row?.rows)
}

async function expectOneOfTwo(when: string): Promise<void> {
  await liveRows(when)
  await cleanUp()
}

/** Restores once more; returns the names of the side databases that are kept, the only ones that are left then. */
async function expectNextCleans(step: number): Promise<readonly string[]> {
  const next = await runRestore(server, 'app', { folder })
  const loaders = await loadersOn(server)
  const sides = await sidesOf()
  expect({ step, code: next.code, loaders, stderr: next.stderr }).toMatchObject({ step, code: 0, loaders: [] })
  for (const side of sides)
    expect({ step, ...side }).toMatchObject({ step, comment: expect.stringContaining(' state=kept ') })
  await cleanUp()
  return sides.map(({ name }) => name)
}

async function cleanUp(): Promise<void> {
  for (const name of await databasesOf(server))
    if (name !== 'app') await server.query('postgres', `DROP DATABASE "${name}"`)
  for (const name of await loadersOn(server)) await server.query('postgres', `DROP ROLE "${name}"`)
  await damage()
}

async function untilNoSessions(): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const rows = await server.query(
      'postgres',
      `SELECT FROM pg_stat_activity WHERE application_name LIKE 'backup-container%'`,
    )
    if (rows.length === 0) return
    if (performance.now() > deadline) throw new Error('sessions of a killed restore; expected none')
    await pause(50)
  }
}

/** Those beside the live database that were loaded, with what their comment says. */
async function sidesOf(): Promise<readonly { readonly name: string; readonly comment: string }[]> {
  const rows = await server.query(
    'postgres',
    `SELECT datname AS name, shobj_description(oid, 'pg_database') AS comment FROM pg_database
     WHERE datname LIKE 'app\\_restore\\_%' OR datname LIKE 'backup\\_again\\_%'`,
  )
  return rows.map(row => ({ name: String(row.name), comment: String(row.comment) }))
}

function killedAt(step: number): Promise<ProgramResult> {
  const env = { NODE_OPTIONS: `--import ${DIE_AT_QUERY}`, KILL_AT_QUERY: String(step), KILL_WHEN: 'after' }
  return runRestore(server, 'app', { folder, env })
}

describe('a restore that is killed', () => {
  test('FM68 FM84 FM98 right behind any one of its queries leaves the old database live, or the new one, and beside it nothing that the next one does not remove or that is whole', async () => {
    const seen = new Set<number>()
    const kept = new Set<string>()
    for (let step = 1; ; step += 1) {
      const { signal, code } = await killedAt(step)
      seen.add(await liveRows(`query ${step}`))
      expect(step).toBeLessThan(MOST_STEPS)
      if (signal === 'SIGKILL') {
        for (const name of await expectNextCleans(step)) kept.add(name)
        continue
      }
      expect({ step, code }).toEqual({ step, code: 0 })
      expect(step).toBeGreaterThan(20)
      break
    }
    expect(seen).toEqual(new Set([DAMAGED, WHOLE]))
    // Right before the swap, and while it is under way.
    expect(kept.size).toBeGreaterThan(0)
  }, 1_800_000)

  test('FM68 at any moment, by SIGKILL or SIGTERM, leaves the old database live, or the new one', async () => {
    const started = performance.now()
    expect((await runRestore(server, 'app', { folder })).code).toBe(0)
    const wholeMs = performance.now() - started
    await expectOneOfTwo('whole')
    for (let attempt = 1; attempt <= KILLS; attempt += 1) {
      const running = startRestore(server, 'app', { folder })
      const signal = attempt % 2 === 0 ? 'SIGKILL' : 'SIGTERM'
      const timer = setTimeout(() => running.kill(signal), ((attempt * 0.618) % 1) * wholeMs)
      const { code, stderr } = await running.result
      clearTimeout(timer)
      // An orderly end removes the side database, or names the whole one that only waited for its swap.
      const sides = (await databasesOf(server)).filter(name => name.includes('_restore_'))
      if (code === 143) expect(sides.filter(name => !stderr.includes(`stays as ${name}`))).toEqual([])
      if (code === 143) expect(await loadersOn(server)).toEqual([])
      await expectOneOfTwo(`attempt ${attempt}`)
    }
  }, 600_000)
})
