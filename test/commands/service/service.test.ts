import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { appendHistory } from '../../../src/status/edge/history.ts'
import { archivesIn, assertWholeArchive, backupEnvironment, manifestBeside } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { everythingIn } from '../../support/backups.ts'
import { startChatServer } from '../../support/chat-server.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { descendantsOf, isAlive } from '../../support/processes.ts'
import { historyOf, type RunningService, reportsOf, startService } from '../../support/service-program.ts'
import { pathWithoutLandlock, pathWithPgDump } from '../../support/stand-in-tools.ts'
import { filesOf } from '../../support/volume.ts'

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  await server.sql('shop', 'CREATE TABLE customer AS SELECT n FROM generate_series(1, 100) n')
})

afterAll(() => server?.stop())

beforeEach(() => {
  folder = backupFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

function conf(...schedules: readonly string[]): string {
  return [`127.0.0.1:${server.port}/shop`, ...schedules].join('\n')
}

async function service(env: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  const running = await startService(server, folder, env)
  onTestFinished(() => running[Symbol.asyncDispose]())
  return running
}

/** A `pg_dump` that says in `dumping` that it has begun, and dumps four seconds later, or never. */
function slowDump(dumps: boolean): Record<string, string> {
  const script = dumps ? 'sleep 4\nexec $REAL "$@"' : 'exec sleep 600'
  return { PATH: pathWithPgDump(folder, server, `touch ${folder.path}/dumping\n${script}`) }
}

const YEAR = 365 * 86_400_000

async function installedLongAgo(): Promise<void> {
  const at = new Date(Date.now() - YEAR).toISOString()
  await appendHistory(folder.volume, { type: 'service-started', at })
}

describe('cron mode', () => {
  test('FM20 runs two schedules of seconds, one run after the other, and tells what it did', async () => {
    folder.writeConf(conf('@every 2s default ./backup.sh -s', '@every 3s default ./backup.sh -p -s'))
    const running = await service()

    await running.until(() => running.events('scheduled-run-finished').length >= 5)
    const last = await running.metric('backup_last_success_timestamp_seconds')
    const code = await running.stop()

    expect(code).toBe(143)
    const steps = running.events().map(({ event }) => event)
    const order = steps.filter(event => event === 'scheduled-run-started' || event === 'scheduled-run-finished')
    expect(order.every((event, index) => event === `scheduled-run-${index % 2 === 0 ? 'started' : 'finished'}`)).toBe(
      true,
    )
    expect(running.events('service-stopped')).toHaveLength(1)
    const reports = reportsOf(folder.volume)
    expect(new Set(reports.map(report => `${report.mode} ${report.trigger} ${report.exitCode}`))).toEqual(
      new Set(['backup schedule 0', 'prune schedule 0']),
    )
    for (const archive of archivesIn(folder.volume)) assertWholeArchive(archive)
    const finished = archivesIn(folder.volume).map(archive => Date.parse(manifestBeside(archive).finishedAt) / 1000)
    expect(finished).toContain(last)
    expect(new Set(running.events('database-backed-up').map(({ runId }) => runId)).size).toBeGreaterThanOrEqual(2)
  })

  test('FM42 of two databases the one that fails is seen beside the one that does not', async () => {
    folder.writeConf(conf(`127.0.0.1:${server.port}/missing`, '@every 1s default backup -s'))
    const running = await service()

    await running.until(() => running.events('scheduled-run-finished').length >= 1)
    await running.until(async () => (await running.status()).databases[1]?.lastRun !== null)
    const { databases, runs } = await running.status()

    expect(databases.map(({ lastRun }) => lastRun?.result)).toEqual(['backed-up', 'failed'])
    expect(databases.map(({ lastSuccess }) => lastSuccess === null)).toEqual([false, true])
    expect(runs.failed).toBeGreaterThanOrEqual(1)
    expect(await running.stop()).toBe(143)
  })

  test('FM12 no page and no line of the history holds a secret, nor a path outside the volume', async () => {
    folder.writeConf(conf('@every 1s default backup -s'))
    const running = await service()
    await running.until(() => running.events('scheduled-run-finished').length >= 1)

    const pages = await Promise.all(
      ['/livez', '/readyz', '/metrics', '/status.json', '/'].map(async path => (await running.get(path)).text()),
    )

    await running.stop()
    const all = pages.join('\n')
    expect(all).toContain(`127.0.0.1:${server.port}/shop`)
    expect(all).not.toContain(server.password)
    expect(all).not.toContain(folder.path)
    expect(everythingIn(join(folder.volume, '.backup'), { archives: false })).not.toContain(server.password)
  })

  test('health: /livez and /readyz say ok, and /readyz says which line of backup.conf is wrong', async () => {
    folder.writeConf(conf('0 1 * * * default backup -s', '0 1 * * * default cleanup.sh'))
    const running = await service()
    await running.printed(/service-started/)

    const [live, ready] = await Promise.all([running.get('/livez'), running.get('/readyz')])

    expect([live.status, ready.status]).toEqual([200, 503])
    expect(await ready.text()).toContain('backup.conf:3')
    expect(await running.stop()).toBe(143)
  })

  test('FM117 its start says how scratch servers are confined, and how to close what is open', async () => {
    folder.writeConf(conf('0 1 * * * default backup -s'))
    const running = await service({ PATH: pathWithoutLandlock(folder) })
    await running.printed(
      /confinement: open \(setpriv knows no Landlock; .*\n {2}code of an archive .*of its own without/,
    )

    expect(running.events('scratch-confinement')).toMatchObject([{ state: 'open' }])
    expect(await running.stop()).toBe(143)
  })

  test('FM56 after a restart the metrics come from the manifests and the history, before any run', async () => {
    folder.writeConf(conf('0 1 * * * default backup -s'))
    const once = await runBackup(['-1'], { conf: folder.conf, env: backupEnvironment(server, folder) })
    const [archive = ''] = archivesIn(folder.volume)

    const running = await service()
    await running.printed(/service-started/)

    const { finishedAt, storedBytes } = manifestBeside(archive)
    expect(once.code).toBe(0)
    expect(await running.metric('backup_last_success_timestamp_seconds')).toBe(Date.parse(finishedAt) / 1000)
    expect(await running.metric('backup_last_archive_size_bytes')).toBe(storedBytes)
    expect(await running.metric('backup_last_run_success')).toBe(1)
    expect(await running.metric('backup_runs_total')).toBe(0)
    await running.stop()
  })
})

describe('FM41 a run that was due while the container was down', () => {
  test('is announced, in the log, the history and the metrics', async () => {
    folder.writeConf(conf('0 1 * * * default backup -s'))
    await installedLongAgo()

    const running = await service()
    await running.printed(/run-missed/)

    expect(await running.metric('backup_missed_runs_total')).toBe(1)
    expect(await running.stop()).toBe(143)
    expect(historyOf(folder.volume).map(({ type }) => type)).toEqual([
      'service-started',
      'service-started',
      'run-missed',
    ])
    expect(archivesIn(folder.volume)).toEqual([])
  })

  test('runs at once where RUN_MISSED says so', async () => {
    folder.writeConf(conf('0 1 * * * default backup -s'))
    await installedLongAgo()

    const running = await service({ RUN_MISSED: 'true' })
    await running.printed(/scheduled-run-finished/)

    await running.stop()
    expect(reportsOf(folder.volume)).toMatchObject([{ mode: 'backup', trigger: 'missed', exitCode: 0 }])
    expect(archivesIn(folder.volume)).toHaveLength(1)
  })
})

describe('legacy mode', () => {
  test('backs up at the start, and then every BACKUP_PERIOD', async () => {
    folder.writeConf(conf())
    const running = await service({ BACKUP_PERIOD: '2s' })

    await running.until(() => running.events('scheduled-run-finished').length >= 2)
    const { mode } = await running.status()
    await running.stop()

    expect(mode).toBe('legacy')
    expect(archivesIn(folder.volume).length).toBeGreaterThanOrEqual(2)
  })
})

describe('a start that makes no sense', () => {
  test.each([
    ['no database', () => '# nothing\nwrong line\n'],
    ['no schedule that can be run', () => conf('0 0 31 2 * default backup -s')],
  ])('FM35 with %s ends with 10 at once', async (_, text) => {
    folder.writeConf(text())

    const result = await runBackup([], {
      conf: folder.conf,
      env: { ...backupEnvironment(server, folder), HTTP_PORT: '0' },
    })

    expect(result.code).toBe(10)
    expect(result.stderr).toMatch(/expected at least one/)
  })
})

describe('FM36 backup.conf changed on disk, as a ConfigMap is: by a swapped symbolic link', () => {
  const EVERY = '@every 1s default backup -s'

  function publish(version: string, text: string): void {
    const data = join(folder.path, version)
    mkdirSync(data)
    writeFileSync(join(data, 'backup.conf'), `${text}\n`)
    symlinkSync(version, join(folder.path, '..data_tmp'))
    renameSync(join(folder.path, '..data_tmp'), join(folder.path, '..data'))
  }

  beforeEach(() => {
    publish('v1', conf(EVERY))
    symlinkSync('..data/backup.conf', folder.conf)
  })

  test('a valid one is used from then on', async () => {
    const running = await service()
    await running.printed(/scheduled-run-finished/)
    const before = await running.status()

    publish('v2', conf('0 1 * * * default backup -s', '@every 1s default backup -ps'))
    await running.printed(/configuration-changed/)

    const after = await running.status()
    expect(before.configuration.sha256).not.toBe(after.configuration.sha256)
    expect(after.schedules.map(({ mode }) => mode)).toEqual(['backup', 'prune'])
    await running.until(() => running.events('scheduled-run-started').some(({ mode }) => mode === 'prune'))
    await running.stop()
  })

  test('a wrong one is an error, the old one stays, and the right one after it is used', async () => {
    const running = await service()
    const before = await running.status().catch(async () => {
      await running.printed(/service-started/)
      return await running.status()
    })

    publish('v2', 'postgers=wallet-db/tob\n0 1 31 2 * default backup -s')
    await running.printed(/configuration-refused/)
    const refused = await running.status()
    const seen = running.events('scheduled-run-finished').length
    await running.until(() => running.events('scheduled-run-finished').length > seen)
    const alarm = await running.metric('backup_configuration_refused')
    publish('v3', conf(EVERY, '0 1 * * * default backup -ps'))
    await running.printed(/configuration-changed/)

    expect(refused.configuration.sha256).toBe(before.configuration.sha256)
    expect(refused.configuration.refused?.problems).toContain('backup.conf:1')
    expect(alarm).toBe(1)
    expect(running.events('configuration-refused')).toHaveLength(1)
    expect(await running.metric('backup_configuration_refused')).toBe(0)
    await running.stop()
  })
})

describe('who is told', () => {
  test('FM54 hears of the start, of what was missed and of a database that fails, and the metrics count it', async () => {
    await using chat = await startChatServer()
    folder.writeConf(
      conf(`127.0.0.1:${server.port}/missing`, '@every 1h default backup -s', '0 1 * * * default backup -s'),
    )
    await installedLongAgo()

    const running = await service({ RUN_MISSED: 'true', WEBHOOK_URL: `${chat.url}/hooks/a-long-secret-token` })
    await running.until(() => chat.posts.some(({ body }) => body.includes('3D000')))
    await running.until(async () => ((await running.metric('backup_notifications_delivered_total')) ?? 0) >= 1)
    const code = await running.stop()

    expect(code).toBe(143)
    const texts = chat.posts.map(({ body }) => decodeURIComponent(body.replaceAll('+', ' '))).join('\n')
    expect(texts).toMatch(/missed/i)
    expect(texts).toContain('missing')
    expect(running.stderr()).not.toContain('a-long-secret-token')
  })
})

describe('FM39 a signal in the middle of a dump', () => {
  async function dumping(dumps: boolean, env: Record<string, string>): Promise<RunningService> {
    folder.writeConf(conf('@every 1s default backup -s'))
    const running = await service({ ...slowDump(dumps), ...env })
    await running.until(() => filesOf(folder.path).includes('dumping'))
    return running
  }

  test('lets it end within SHUTDOWN_GRACE, starts no other run and exits with 143', async () => {
    const running = await dumping(true, { SHUTDOWN_GRACE: '50s' })

    const code = await running.stop()

    expect(code).toBe(143)
    expect(running.events('scheduled-run-started')).toHaveLength(1)
    expect(reportsOf(folder.volume)).toMatchObject([{ exitCode: 0, interrupted: false }])
    expect(archivesIn(folder.volume)).toHaveLength(1)
  })

  test('ends its children after SHUTDOWN_GRACE, and records the run as interrupted', async () => {
    const running = await dumping(false, { SHUTDOWN_GRACE: '1s' })
    const children = descendantsOf(running.pid)

    const code = await running.stop()

    expect(code).toBe(143)
    expect(children.length).toBeGreaterThan(0)
    expect(children.filter(({ pid }) => isAlive(pid))).toEqual([])
    expect(reportsOf(folder.volume)).toMatchObject([{ exitCode: 143, interrupted: true }])
    expect(filesOf(folder.volume)).toEqual([])
    expect(filesOf(join(folder.volume, '.backup/locks'))).toEqual([])
  })

  test('ends at once at the second signal', async () => {
    const running = await dumping(false, { SHUTDOWN_GRACE: '10m' })

    running.kill('SIGTERM')
    await running.until(async () => (await running.status()).running !== null)
    const code = await running.stop('SIGTERM')

    expect(code).toBe(143)
    expect(reportsOf(folder.volume)).toMatchObject([{ interrupted: true }])
  })

  test('by SIGKILL leaves only a file that does not count, which the next start removes and makes up for', async () => {
    const running = await dumping(false, {})
    const children = descendantsOf(running.pid)
    await running.stop('SIGKILL')
    for (const { pid } of children) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    const left = filesOf(folder.volume)

    const again = await service()
    await again.printed(/scheduled-run-finished/)
    await again.stop()

    expect(left.every(name => name.endsWith('.in_progress'))).toBe(true)
    expect(filesOf(folder.volume).filter(name => name.endsWith('.in_progress'))).toEqual([])
    expect(reportsOf(folder.volume)[0]).toMatchObject({ exitCode: 0, interrupted: false })
  })
})
