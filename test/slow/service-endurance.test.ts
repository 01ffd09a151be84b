import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { historyText } from '../../src/status/history-line.ts'
import { backupRun, goodBackup } from '../notifications/samples.ts'
import { archivesIn, archiveText, backupEnvironment } from '../support/archives.ts'
import { type BackupFolder, backupFolder } from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { filesOf } from '../support/volume.ts'

const RUNS = 1_000
const PROGRAM = fileURLToPath(new URL('../support/service-in-fast-time.ts', import.meta.url))
const ALLOWED_GROWTH_MB = 10

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  folder = backupFolder(`127.0.0.1:${server.port}/shop\n0 * * * * default backup -s`)
  writeFullHistory(folder.volume)
})

afterAll(async () => {
  await server?.stop()
  folder?.[Symbol.dispose]()
})

test(`FM39 FM43 ${RUNS} scheduled runs leave no child, no zombie, no open file, no unfinished file, and memory as it was`, async () => {
  const child = spawn(process.execPath, ['--expose-gc', '--max-semi-space-size=1', PROGRAM, String(RUNS)], {
    cwd: folder.path,
    env: { ...backupEnvironment(server, folder), ...settings(), PATH: `${smallTools()}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = child.pid ?? -1
  const memory: number[] = []
  let openFilesEarly = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'done') break
    memory.push(Number(line.split(' ')[2]) / 2 ** 20)
    if (memory.length === 20) openFilesEarly = openFiles(pid)
  }

  const left = childrenOf(pid)
  const openAtLast = openFiles(pid)
  child.kill('SIGTERM')
  await once(child, 'exit')

  expect(memory).toHaveLength(RUNS)
  expect(left).toEqual([])
  expect(openAtLast).toBeLessThanOrEqual(openFilesEarly)
  const children = readFileSync(join(folder.path, 'children'), 'utf8').length
  expect(children).toBeGreaterThan(500)
  expect(filesOf(folder.volume).filter(name => name.endsWith('.in_progress'))).toEqual([])
  // The newest three, and the newest of each of the newest three days.
  expect(archivesIn(folder.volume).length).toBeOneOf([4, 5])
  expect(new Set(archivesIn(folder.volume).map(archive => basename(dirname(archive)))).size).toBe(3)
  for (const archive of archivesIn(folder.volume)) expect(archiveText(archive)).toContain('database dump complete')
  const [early, late] = [median(memory.slice(200, 300)), median(memory.slice(-100))]
  process.stdout.write(`${children} children; resident memory ${early.toFixed(0)} MB, then ${late.toFixed(0)} MB\n`)
  expect(late - early).toBeLessThanOrEqual(ALLOWED_GROWTH_MB)
})

/** As long as it ever gets: that the service reads it after each run takes memory, and growing with it is no leak. */
function writeFullHistory(volume: string): void {
  const report = backupRun([goodBackup('127.0.0.1/shop')])
  const lines = `\n${historyText({ type: 'run', schedule: null, report })}`.repeat(2_000).slice(0, 2 ** 20)
  mkdirSync(join(volume, '.backup'))
  for (const name of ['runs.1.jsonl', 'runs.jsonl']) writeFileSync(join(volume, '.backup', name), lines)
}

/** The daily strategy keeps three and the days of three, so that pruning is part of it. */
function settings(): Record<string, string> {
  const { conf } = folder
  return { BACKUP_CONF: conf, HTTP_PORT: '0', DUMP_RETRIES: '0', BACKUP_STRATEGY: 'daily', NUM_BACKUPS: '3' }
}

/** Executables in place of PostgreSQL's, each of which leaves a mark. Every fourth dump fails in its middle. */
function smallTools(): string {
  const mark = `printf x >> ${folder.path}/children`
  const version = (name: string): string =>
    `case "$1" in --version) echo "${name} (PostgreSQL) ${server.majorVersion}.99"; exit 0;; esac`
  folder.writeTool('pg_dumpall', `${mark}\n${version('pg_dumpall')}\necho "-- nothing"`)
  return folder.writeTool(
    'pg_dump',
    `${mark}
${version('pg_dump')}
printf '%s\\n' '--' '-- PostgreSQL database dump' '--' '' 'SET statement_timeout = 0;' ''
size=$(stat -c %s ${folder.path}/children)
if [ $((size % 4)) = 0 ]; then echo 'pg_dump: error: no luck' >&2; exit 1; fi
printf '%s\\n' '--' '-- PostgreSQL database dump complete' '--' ''`,
  )
}

/** Zombies too: whoever has this parent. */
function childrenOf(pid: number): readonly string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      const stat = statOf(name)
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(pid) ? [stat] : []
    })
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
