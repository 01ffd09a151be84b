import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment } from '../../support/archives.ts'
import {
  type BackupFolder,
  backupFolder,
  type ProgramResult,
  runBackup,
  startBackup,
} from '../../support/backup-program.ts'
import { archivePaths, logEvents } from '../../support/backups.ts'
import { type HooksFolder, hooksFolder } from '../../support/hooks.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  for (const name of ['shop', 'wallet']) await server.createDatabase(name)
})
afterAll(() => server.stop())

const spec = (name: string): string => `127.0.0.1:${server.port}/${name}`

/** Every hook writes down what it was told. */
function recording(hooks: HooksFolder, own: Readonly<Record<string, string>> = {}): () => readonly string[] {
  const record = join(hooks.path, 'record')
  for (const name of ['before-run', 'before-source', 'after-source', 'after-run', 'on-failure']) {
    const there = `\${BACKUP_ARCHIVE:+$(test -f "$BACKUP_ARCHIVE" && echo there)}`
    const line = `"$BACKUP_EVENT|\${BACKUP_SPEC##*/}|$BACKUP_RESULT|$BACKUP_REASON|${there}"`
    hooks.write(name, `echo ${line} >> ${record}\n${own[name] ?? ''}`)
  }
  return () => (existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [])
}

function run(args: readonly string[], folder: BackupFolder, hooks: HooksFolder): Promise<ProgramResult> {
  const env = { ...backupEnvironment(server, folder), HOOKS_DIR: hooks.path, BACKUP_CONCURRENCY: '1' }
  return runBackup(args, { conf: folder.conf, env })
}

describe('hooks', () => {
  test('FM254 run in their order, and are told what became of each source', async () => {
    using folder = backupFolder(`${spec('shop')}\n${spec('nothing')}`)
    using hooks = hooksFolder()
    const told = recording(hooks)

    const { code } = await run(['-1'], folder, hooks)

    expect(code).toBe(3)
    expect(told()).toEqual([
      'before-run||||',
      'before-source|shop|||',
      'after-source|shop|backed-up||there',
      'before-source|nothing|||',
      expect.stringMatching(/^after-source\|nothing\|failed\|.*does not exist/),
      expect.stringMatching(/^on-failure\|nothing\|failed\|.*does not exist/),
      expect.stringMatching(/^after-run\|\|failed\|.*does not exist/),
    ])
  })

  test('FM254 a failing before-source stops that source only, and is its reason', async () => {
    using folder = backupFolder(`${spec('shop')}\n${spec('wallet')}`)
    using hooks = hooksFolder()
    recording(hooks, { 'before-source': 'case $BACKUP_SPEC in */shop) echo not now; exit 1;; esac' })

    const { code, stdout, stderr } = await run(['-1'], folder, hooks)

    expect(code).toBe(3)
    expect(stdout).toMatch(
      /FAILED {5}\S+\/shop: hook before-source: ended with exit code 1; expected 0; what it printed stands in the log/,
    )
    expect(archivePaths(folder.volume).map(path => /-(shop|wallet)_/.exec(path)?.[1])).toEqual(['wallet'])
    expect(logEvents(stderr).find(({ event, code: of }) => event === 'hook-ended' && of === 1)).toMatchObject({
      output: ['not now'],
    })
  })

  test('FM254 a failing hook after it undoes no backup, and is a warning', async () => {
    using folder = backupFolder(spec('shop'))
    using hooks = hooksFolder()
    recording(hooks, { 'after-source': 'exit 1', 'after-run': 'exit 2' })

    const { code, stdout } = await run(['-1', '--json'], folder, hooks)

    expect(code).toBe(0)
    expect(archivePaths(folder.volume)).toHaveLength(1)
    const [{ warnings }] = (JSON.parse(stdout) as { databases: [{ warnings: string[] }] }).databases
    expect(warnings).toEqual([
      'the database has no tables: is it the right one?',
      'hook after-source: ended with exit code 1; expected 0; what it printed stands in the log',
    ])
  })

  test('FM254 a failing before-run stops the run, and every source says why', async () => {
    using folder = backupFolder(spec('shop'))
    using hooks = hooksFolder()
    const told = recording(hooks, { 'before-run': 'exit 9' })

    const { code, stderr } = await run(['-1'], folder, hooks)

    expect(code).toBe(1)
    expect(stderr).toMatch('hook before-run: ended with exit code 9; expected 0')
    expect(archivePaths(folder.volume)).toEqual([])
    expect(told().map(line => line.split('|')[0])).toEqual(['before-run', 'after-run', 'on-failure'])
  })

  test('FM256 75 from before-source leaves that source out, and nothing fails', async () => {
    using folder = backupFolder(`${spec('shop')}\n${spec('wallet')}`)
    using hooks = hooksFolder()
    const told = recording(hooks, { 'before-source': 'case $BACKUP_SPEC in */shop) exit 75;; esac' })

    const { code, stdout } = await run(['-1'], folder, hooks)

    expect(code).toBe(0)
    expect(stdout).toMatch(/skipped {4}\S+\/shop: hook before-source said so \(exit code 75\)/)
    expect(stdout).toMatch(/1 of 1 backed up, 1 left out by a hook/)
    expect(told().filter(line => line.includes('|shop|'))).toEqual(['before-source|shop|||'])
  })

  test('FM256 75 from before-run leaves all of it out, and the history says so', async () => {
    using folder = backupFolder(spec('shop'))
    using hooks = hooksFolder()
    const told = recording(hooks, { 'before-run': 'exit 75' })

    const { code, stdout } = await run(['-1'], folder, hooks)

    expect(code).toBe(0)
    expect(stdout).toMatch('no database was backed up: a hook has left out 1')
    expect(told()).toEqual(['before-run||||'])
    const history = readFileSync(join(folder.volume, '.backup', 'runs.jsonl'), 'utf8').trim()
    expect(JSON.parse(history)).toMatchObject({ report: { mode: 'backup', outcomes: [], skipped: [spec('shop')] } })
  })

  test('FM253 a folder of hooks that others may write to stops the run', async () => {
    using folder = backupFolder(spec('shop'))
    using hooks = hooksFolder()
    hooks.write('before-run', 'exit 0', 0o777)

    const { code, stderr } = await run(['-1'], folder, hooks)

    expect(code).toBe(1)
    expect(stderr).toMatch('others may write to')
  })

  test('FM252 what before-source did is undone when the run is ended meanwhile', async () => {
    using folder = backupFolder(spec('shop'))
    using hooks = hooksFolder()
    const told = recording(hooks, { 'before-source': 'echo resting >&2; sleep 600' })
    const env = { ...backupEnvironment(server, folder), HOOKS_DIR: hooks.path }

    const running = startBackup(['-1'], { conf: folder.conf, env })
    await expect.poll(told, { timeout: 20_000 }).toHaveLength(2)
    running.kill('SIGTERM')

    expect((await running.result).code).toBe(143)
    expect(told().map(line => line.split('|')[0])).toEqual([
      'before-run',
      'before-source',
      'after-source',
      'on-failure',
      'after-run',
    ])
  }, 40_000)
})
