import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/system/clock.ts'
import { backupEnvironment } from '../../support/archives.ts'
import { backupInProcess } from '../../support/backup-in-process.ts'
import {
  type BackupFolder,
  backupFolder,
  type RunningProgram,
  runBackup,
  startBackup,
} from '../../support/backup-program.ts'
import { archivePaths, manifestIn, textIn } from '../../support/backups.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { allProcesses, descendantsOf, isAlive } from '../../support/processes.ts'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { untilTrue } from '../../support/until-true.ts'
import { filesOf, putArchive } from '../../support/volume.ts'

const PASSWORD = 'password-of-the-owner'
const owner = { name: 'shop_owner', password: PASSWORD }
/** Far behind what is asked before a dump begins, and far before its end. */
const MIDDLE = 2_000_000

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await prepare(server)
})
afterAll(() => server.stop())

async function prepare(fresh: PostgresServer): Promise<void> {
  await fresh.createRole(owner.name, owner)
  await fresh.createDatabase('shop', { owner: owner.name })
  await fresh.sql(
    'shop',
    `SET ROLE shop_owner; CREATE TABLE big AS SELECT i, repeat('x', 1000) AS t FROM generate_series(1, 10000) i;
     CREATE TABLE later (id int)`,
  )
}

interface StuckRun {
  readonly running: RunningProgram
  readonly children: ReturnType<typeof descendantsOf>
  /** The files of the volume before the run. */
  readonly before: readonly string[]
}

/** A run whose dump has stopped in the middle, because the network lets nothing through any more. */
async function stuckRun(folder: BackupFolder, proxy: TcpProxy, env: Record<string, string> = {}): Promise<StuckRun> {
  folder.writeConf(`127.0.0.1:${proxy.port}/shop`)
  putArchive(folder.volume, 'daily/2026-10-01/127.0.0.1-shop_2026-10-01_01-00-00.sql.gz', { port: proxy.port })
  const before = filesOf(folder.volume)
  const stalled = proxy.after(MIDDLE, 'stall')
  const options = { conf: folder.conf, env: { ...backupEnvironment(server, folder, owner), ...env } }
  const running = startBackup(['-1', '--json'], options)
  await stalled
  const commands = (): string[] => descendantsOf(running.pid).map(child => child.command)
  // A child is called as its parent until it runs its own program.
  await untilTrue(() => commands().sort().join() === 'igzip,pg_dump')
  return { running, before, children: descendantsOf(running.pid) }
}

describe('a run that is interrupted in the middle of a dump', () => {
  const signals = [
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
    { signal: 'SIGHUP', code: 143 },
  ] as const

  test.each(signals)(
    'FM39 FM38 by $signal ends at once with $code, its children too, and leaves nothing half-written',
    async ({ signal, code }) => {
      using folder = backupFolder()
      await using proxy = await startTcpProxy(server.port)
      const { running, children, before } = await stuckRun(folder, proxy)
      const started = performance.now()

      running.kill(signal)
      const result = await running.result

      expect(result.code).toBe(code)
      expect(performance.now() - started).toBeLessThan(10_000)
      expect(children.map(child => isAlive(child.pid))).toEqual([false, false])
      expect(filesOf(folder.volume)).toEqual(before)
      expect(filesOf(`${folder.volume}/.backup/locks`)).toEqual([])
      expect(JSON.parse(result.stdout)).toMatchObject({
        databases: [{ result: 'failed', failure: { kind: 'interrupted', message: `interrupted by ${signal}` } }],
      })
    },
  )

  test('FM38 while it waits for a lock ends at once as well', async () => {
    using folder = backupFolder()
    await using proxy = await startTcpProxy(server.port)
    const { running } = await stuckRun(folder, proxy)
    const env = { ...backupEnvironment(server, folder, owner), LOCK_WAIT: '5m' }
    const waiting = startBackup(['-s'], { conf: folder.conf, env })
    await waiting.printed(/run-started/)

    waiting.kill('SIGTERM')
    const result = await waiting.result

    running.kill('SIGTERM')
    await running.result
    expect(result.code).toBe(143)
    expect(filesOf(`${folder.volume}/.backup/locks`)).toEqual([])
  })
})

describe('while a dump runs', () => {
  test('FM12 no command line of any process holds a secret', async () => {
    using folder = backupFolder()
    await using proxy = await startTcpProxy(server.port)
    const { running, children } = await stuckRun(folder, proxy)

    const commandLines = allProcesses().map(process => process.commandLine)

    running.kill('SIGTERM')
    await running.result
    expect(children.map(child => child.command).sort()).toEqual(['igzip', 'pg_dump'])
    expect(commandLines.filter(line => line.includes('pg_dump') && line.includes('--no-password'))).not.toEqual([])
    expect(commandLines.join('\n')).not.toContain(PASSWORD)
  })

  test.each([
    { tool: 'pg_dump', kind: 'incomplete', hint: 'memory' },
    { tool: 'igzip', kind: 'volume', hint: 'full' },
  ])('FM02 a $tool that is killed fails it, and the half file is gone', async ({ tool, kind, hint }) => {
    using folder = backupFolder()
    await using proxy = await startTcpProxy(server.port)
    const { running, children, before } = await stuckRun(folder, proxy)

    // Never with a number that stands for all processes.
    process.kill(children.find(child => child.command === tool)?.pid ?? expect.unreachable(tool), 'SIGKILL')
    if (tool === 'igzip') await proxy[Symbol.asyncDispose]()
    const result = await running.result

    expect(result.code).toBe(1)
    expect(JSON.parse(result.stdout).databases[0].failure).toMatchObject({ kind, hint: expect.stringContaining(hint) })
    expect(result.stderr).not.toContain('database-retried')
    expect(filesOf(folder.volume)).toEqual(before)
    expect(children.map(child => isAlive(child.pid))).toEqual([false, false])
  })

  test.each([
    { setting: 'STALL_TIMEOUT', kind: 'stalled' },
    { setting: 'DUMP_TIMEOUT', kind: 'deadline' },
  ])('FM08 a network that lets nothing through any more fails it after $setting', async ({ setting, kind }) => {
    using folder = backupFolder()
    await using proxy = await startTcpProxy(server.port)
    const healed = proxy.after(MIDDLE, 'stall').then(() => proxy.heal())
    folder.writeConf(`127.0.0.1:${proxy.port}/shop`)
    const env = { ...backupEnvironment(server, folder, owner), DUMP_RETRIES: '0', [setting]: '3s' }

    const running = startBackup(['-1', '--json'], { conf: folder.conf, env })
    await healed
    const children = descendantsOf(running.pid)
    const result = await running.result

    expect(result.code).toBe(1)
    expect(JSON.parse(result.stdout).databases[0].failure).toMatchObject({
      kind,
      message: expect.stringContaining(setting),
    })
    expect(children.map(child => isAlive(child.pid))).not.toContain(true)
    expect(filesOf(folder.volume)).toEqual([])
  })
})

describe('a connection that is lost in the middle of a dump', () => {
  test('FM09 makes the whole dump start again, from a fresh snapshot', async () => {
    using folder = backupFolder()
    await using proxy = await startTcpProxy(server.port)
    folder.writeConf(`127.0.0.1:${proxy.port}/shop`)
    const cut = proxy.after(MIDDLE, 'cut')
    const run = inProcess(folder, server, async () => {
      await server.query('shop', 'INSERT INTO later VALUES (4711)')
    })

    const code = await run.start()

    await cut
    await server.query('shop', 'TRUNCATE later')
    const [archive = '', ...others] = archivePaths(folder.volume)
    expect(code).toBe(0)
    expect(run.waits).toEqual([10_000])
    expect(others).toEqual([])
    expect(filesOf(folder.volume)).toHaveLength(2)
    expect(textIn(folder.volume, archive)).toContain('\n4711\n')
    expect(manifestIn(folder.volume, archive).fingerprint.tables).toMatchObject([{ rows: 10_000 }, { rows: 1 }])
    expect(run.printed()).toMatch(/retrying {3}.* in 10/)
  })

  test('FM09 because the server died, and the retry waits until it is back', async () => {
    await using dying = await startPostgres()
    await prepare(dying)
    using folder = backupFolder()
    await using proxy = await startTcpProxy(dying.port)
    folder.writeConf(`127.0.0.1:${proxy.port}/shop`)
    const crashed = proxy.after(MIDDLE, 'cut').then(() => dying.crash())
    const run = inProcess(folder, dying, async () => {
      await crashed
      if (run.waits.length === 2) await dying.restart()
    })

    const code = await run.start()

    expect(code).toBe(0)
    expect(run.waits).toEqual([10_000, 60_000])
    expect(filesOf(folder.volume)).toHaveLength(2)
  })

  test('FM09 again and again is given up after DUMP_RETRIES, and leaves nothing', async () => {
    using folder = backupFolder()
    await using proxy = await startTcpProxy(server.port)
    folder.writeConf(`127.0.0.1:${proxy.port}/shop`)
    void proxy.after(MIDDLE, 'cut')
    const run = inProcess(folder, server, async () => {
      void proxy.after(proxy.received() + MIDDLE, 'cut')
    })

    const code = await run.start()

    expect(code).toBe(1)
    expect(run.waits).toEqual([10_000, 60_000])
    expect(run.printed()).toMatch(/FAILED {5}127/)
    expect(filesOf(folder.volume)).toEqual([])
  })

  test('FM09 is not what a wrong password is: that is never tried twice', async () => {
    using folder = backupFolder(`127.0.0.1:${server.port}/shop`)
    const env = { ...backupEnvironment(server, folder, owner), DATABASE_PASSWORD: 'wrong', DUMP_RETRIES: '5' }

    const result = await runBackup(['-1'], { conf: folder.conf, env })

    expect(result.code).toBe(1)
    expect(result.stderr).not.toContain('database-retried')
    expect(result.stdout).not.toContain('retrying')
  })
})

/** The real command on a clock whose waits take a hundredth; `onRetry` runs while it waits to try again. */
function inProcess(folder: BackupFolder, source: PostgresServer, onRetry: () => Promise<void>) {
  const waits: number[] = []
  let printed = ''
  const isRetry = (): boolean => printed.split('retrying ').length - 1 > waits.length
  const clock = {
    ...systemClock,
    async sleep(ms: number, signal: AbortSignal): Promise<void> {
      if (isRetry()) {
        waits.push(ms)
        await onRetry()
      }
      await systemClock.sleep(ms / 100, signal)
    },
  }
  const onPrint = (text: string): void => {
    printed += text
  }
  const env = backupEnvironment(source, folder, owner)
  return {
    waits,
    printed: () => printed,
    start: async () => (await backupInProcess({ clock, env, conf: folder.conf, onPrint })).code,
  }
}
