import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { archivesIn, assertWholeArchive, backupEnvironment, sha256Of } from '../support/archives.ts'
import {
  type BackupFolder,
  backupFolder,
  type ProgramResult,
  type RunningProgram,
  startBackup,
} from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { filesOf } from '../support/volume.ts'

const KILL_AT_STEP = new URL('../support/kill-at-step.ts', import.meta.url).href
/** More steps than a run has: a loop that gets here never came to its end. */
const MOST_STEPS = 200
const KILLS = 40

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('app')
  await server.sql(
    'app',
    `CREATE TABLE t AS SELECT n, md5(n::text) AS a, md5((n * 7)::text) AS b FROM generate_series(1, 100000) n`,
  )
})

afterAll(() => server?.stop())

beforeEach(() => {
  folder = backupFolder(`127.0.0.1:${server.port}/app`)
  onTestFinished(() => folder[Symbol.dispose]())
})

describe('a run that is killed', () => {
  test('FM22 FM20 before any one of its changes to the volume leaves whole archives only, and the next run cleans up', async () => {
    const seen = new Finals()
    for (let step = 1; ; step += 1) {
      const killed = await run({ NODE_OPTIONS: `--import ${KILL_AT_STEP}`, KILL_AT_STEP: String(step) })
      if (killed.signal === null) {
        expect({ step, code: killed.code }).toEqual({ step, code: 0 })
        expect(step).toBeGreaterThan(25)
        return
      }
      expect(killed.signal).toBe('SIGKILL')
      await expectRecovery(seen, `step ${step}`)
      expect(step).toBeLessThan(MOST_STEPS)
    }
  })

  test('FM02 FM21 at any moment, with its pg_dump and its compressor alive, harms no archive and bars no later run', async () => {
    const seen = new Finals()
    let shortestMs = await durationOf(run({}))
    let kills = 0
    for (let attempt = 1; kills < KILLS; attempt += 1) {
      expect(attempt).toBeLessThan(4 * KILLS)
      const running = start({})
      // Multiples of the golden ratio spread evenly over the duration, however many there will be.
      const timer = setTimeout(() => running.kill('SIGKILL'), ((attempt * 0.618) % 1) * shortestMs)
      const ms = await durationOf(running.result)
      clearTimeout(timer)
      if ((await running.result).signal === 'SIGKILL') kills += 1
      else shortestMs = Math.min(shortestMs, ms)
      await expectRecovery(seen, `attempt ${attempt}`)
    }
    await expectNoSessions()
  })
})

async function durationOf(work: Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work
  return performance.now() - started
}

/** Whatever the killed run left: final files are whole and unchanged, and a run right behind it succeeds and sweeps. */
async function expectRecovery(seen: Finals, when: string): Promise<void> {
  seen.check(folder.volume)
  const next = await run({})
  if (next.code !== 0)
    throw new Error(`${when}: the next run ended with ${next.code}; expected 0\n${next.stdout}${next.stderr}`)
  seen.check(folder.volume)
  const rest = filesOf(folder.volume).filter(path => !path.endsWith('.sql.gz') && !isManifestOfArchive(path))
  expect({ when, rest }).toEqual({ when, rest: [] })
  expect({
    when,
    locks: readdirSync(join(folder.volume, '.backup/locks')).filter(name => name.endsWith('.lock')),
  }).toEqual({ when, locks: [] })
  expect(archivesIn(folder.volume).length).toBeGreaterThan(0)
}

function isManifestOfArchive(path: string): boolean {
  return path.endsWith('.sql.gz.json') && existsSync(join(folder.volume, path.slice(0, -'.json'.length)))
}

/**
 * Remembers the final files of the last look: one that is still there must be the same. Only a name that was pruned may
 * be taken again.
 */
class Finals {
  #known: ReadonlyMap<string, string> = new Map()

  check(volume: string): void {
    const found = new Map<string, string>()
    for (const archive of archivesIn(volume)) {
      const { ino, size, mtimeMs } = statSync(archive)
      const known = this.#known.get(archive)
      if (known === undefined) assertWholeArchive(archive)
      const identity = `${ino} ${size} ${mtimeMs} ${known === undefined ? sha256Of(archive) : known.split(' ').at(-1)}`
      expect({ archive, identity }).toEqual({ archive, identity: known ?? identity })
      found.set(archive, identity)
      // A manifest that came later belongs to the same bytes.
      if (known !== undefined && existsSync(`${archive}.json`)) assertWholeArchive(archive)
    }
    this.#known = found
  }
}

function run(env: Record<string, string>): Promise<ProgramResult> {
  return start(env).result
}

function start(env: Record<string, string>): RunningProgram {
  const counts = { BACKUP_STRATEGY: 'daily', NUM_BACKUPS: '2', DUMP_RETRIES: '0' }
  return startBackup(['-1'], { conf: folder.conf, env: { ...backupEnvironment(server, folder), ...counts, ...env } })
}

/** The children of killed runs end by themselves: their pipes are gone. */
async function expectNoSessions(): Promise<void> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const sessions = await server.query(
      'postgres',
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'backup-container%'`,
    )
    if (sessions.length === 0) return
    if (performance.now() > deadline) throw new Error(`${sessions.length} sessions of killed runs; expected none`)
    await pause(100)
  }
}
