import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { archivesIn, backupEnvironment, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf } from '../../support/restoring.ts'
import { verificationDir } from '../../support/scratch.ts'

const PROGRAM = fileURLToPath(new URL('../../../scripts/backup', import.meta.url))

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('app')
  await server.sql('app', 'CREATE TABLE t AS SELECT 1 AS n')
  folder = backupFolder()
  await takeBackup(server, folder, { database: 'app' })
}, 120_000)

afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

interface Dialogue {
  /** Of `backup`; `-r` of the database by default. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What is typed, followed by Enter unless it ends with a key of its own, when the text before it is shown. */
  readonly answers: readonly (readonly [shown: RegExp, typed: string])[]
}

/** Runs `backup` on a terminal of its own (util-linux's script). */
async function onTerminal({
  args = ['-r', app()],
  env = {},
  answers,
}: Dialogue): Promise<{ code: number | null; text: string }> {
  const command = [PROGRAM, ...args].join(' ')
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path, TERM: 'dumb', ...backupEnvironment(server, folder), ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const rest = [...answers]
  let text = ''
  let from = 0
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const [next] = rest
    if (next === undefined || !next[0].test(text.slice(from))) return
    rest.shift()
    from = text.length
    child.stdin.write(KEYS.some(key => next[1].endsWith(key)) ? next[1] : `${next[1]}\r`)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  return { code, text }
}

const app = (): string => `127.0.0.1:${server.port}/app`
/** What a terminal makes of the keys. */
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const ESCAPE = '\u001B'
const LINE_FEED = '\n'
const KEYS = [CTRL_C, CTRL_D, ESCAPE, LINE_FEED]

const NAME = /Type the name of the database/
const PASSWORD = /Password of postgres/

const REMOVE = /Remove 1 archive/

describe('backup -r on a terminal', () => {
  test('FM66 restores after the name of the database was typed', async () => {
    const env = { DATABASE_ADMIN_PASSWORD: server.password }

    const { code, text } = await onTerminal({ env, answers: [[NAME, 'app']] })

    expect({ code, text }).toMatchObject({ code: 0 })
    expect(text).toContain('restored 127.0.0.1')
    expect(await databasesOf(server)).toHaveLength(2)
  }, 60_000)

  test('FM139 the end of its name is enough, as the plan shows the whole one before it is typed', async () => {
    const before = (await databasesOf(server)).length
    const env = { DATABASE_ADMIN_PASSWORD: server.password }

    const { code, text } = await onTerminal({ args: ['-r', 'app'], env, answers: [[NAME, 'app']] })

    expect({ code, text }).toMatchObject({ code: 0 })
    expect(text).toMatch(new RegExp(`^Into +${app()} `, 'm'))
    expect(await databasesOf(server)).toHaveLength(before + 1)
  }, 60_000)

  test('FM66 does nothing after anything else was typed', async () => {
    const before = await databasesOf(server)
    const env = { DATABASE_ADMIN_PASSWORD: server.password }

    const { code, text } = await onTerminal({ env, answers: [[NAME, 'yes']] })

    expect(code).toBe(1)
    expect(text).toContain('nothing was changed')
    expect(await databasesOf(server)).toEqual(before)
  }, 60_000)

  test('FM12 asks for a password that is not set, and does not show it', async () => {
    const { code, text } = await onTerminal({
      env: { DATABASE_USER: 'somebody' },
      answers: [
        [PASSWORD, server.password],
        [NAME, 'no'],
      ],
    })

    expect({ code, asked: NAME.test(text) }).toEqual({ code: 1, asked: true })
    expect(text).not.toContain(server.password)
  }, 60_000)

  test.each([
    ['the name', { DATABASE_ADMIN_PASSWORD: 'of the server' }, NAME],
    ['the password', { DATABASE_USER: 'somebody' }, PASSWORD],
  ])(
    'FM129 Ctrl-C at the question for %s is 130, and nothing is done',
    async (_, given, question) => {
      const before = await databasesOf(server)
      const env = 'DATABASE_USER' in given ? given : { DATABASE_ADMIN_PASSWORD: server.password }

      const { code, text } = await onTerminal({ env, answers: [[question, CTRL_C]] })

      expect({ code, text }).toMatchObject({ code: 130, text: expect.stringContaining('interrupted by SIGINT') })
      expect(await databasesOf(server)).toEqual(before)
    },
    60_000,
  )

  test('FM147 asks for locale and owner that nobody knows, and Enter takes what the server would', async () => {
    await server.createDatabase('old', { with: "TEMPLATE template0 LOCALE 'C'" })
    await server.sql('old', 'CREATE TABLE t AS SELECT 1 AS n')
    using other = backupFolder()
    const archive = await takeBackup(server, other, { database: 'old' })
    rmSync(`${archive}.json`)
    using scratch = verificationDir()
    const known = { ...backupEnvironment(server, other), DATABASE_ADMIN_PASSWORD: server.password }
    await runBackup(['-v', 'all', '--adopt'], { conf: other.conf, env: { ...known, VERIFICATION_DIR: scratch.path } })
    await server.query('postgres', 'DROP DATABASE old')
    onTestFinished(() => server.query('postgres', 'DROP DATABASE IF EXISTS old').then(() => {}))
    const args = ['-r', `127.0.0.1:${server.port}/old`]

    const left = await onTerminal({ args, env: known, answers: [[/Locale of the new/, ESCAPE]] })
    const between = await databasesOf(server)
    const answers = [
      [/Locale of the new/, 'C'],
      [/Owner of the new/, ''],
      [NAME, 'old'],
    ] as const
    const { code, text } = await onTerminal({ args, env: known, answers })

    expect(left).toMatchObject({ code: 1, text: expect.stringContaining('not restored: nothing was changed') })
    expect(between).not.toContain('old')
    expect({ code, text }).toMatchObject({ code: 0 })
    expect(text).toContain('owner    postgres, UTF8, C, as the command line says')
    expect(
      await server.query('postgres', "SELECT datcollate, datdba::regrole::text FROM pg_database WHERE datname = 'old'"),
    ).toEqual([{ datcollate: 'C', datdba: 'postgres' }])
  }, 60_000)

  test('FM129 Ctrl-C at the question of -p is 130, and Esc is a no', async () => {
    const before = archivesIn(folder.volume)
    const args = ['-p', '-f', 'app', '--force']

    const interrupted = await onTerminal({ args, answers: [[REMOVE, CTRL_C]] })
    const left = await onTerminal({ args, answers: [[REMOVE, ESCAPE]] })

    expect([interrupted.code, left.code]).toEqual([130, 0])
    expect(archivesIn(folder.volume)).toEqual(before)
  }, 60_000)

  test.each([
    ['the name', 'Ctrl-D', NAME, CTRL_D],
    ['the name', 'Ctrl-D behind half of it', NAME, `ap${CTRL_D}`],
    ['the name', 'Enter alone', NAME, ''],
    ['the name', 'a line feed alone', NAME, LINE_FEED],
    ['the password', 'Ctrl-D', PASSWORD, CTRL_D],
    ['the password', 'Esc', PASSWORD, ESCAPE],
  ])(
    'FM165 at the question for %s, %s is a no: nothing is done, and that is said',
    async (_, __, question, typed) => {
      const before = await databasesOf(server)
      const env = question === PASSWORD ? { DATABASE_USER: 'somebody' } : { DATABASE_ADMIN_PASSWORD: server.password }

      const { code, text } = await onTerminal({ env, answers: [[question, typed]] })

      expect({ code, text }).toMatchObject({
        code: 1,
        text: expect.stringContaining('not restored: nothing was changed'),
      })
      expect(text).not.toContain('DATABASE_ADMIN_PASSWORD')
      expect(await databasesOf(server)).toEqual(before)
    },
    60_000,
  )

  test.each([
    ['Ctrl-D', [CTRL_D]],
    ['Enter alone', ['']],
    ['a line feed alone', [LINE_FEED]],
    ['a line feed, then Enter', [`${LINE_FEED}\r`]],
  ])(
    'FM165 at the question of -p, %s is a no: nothing is removed, and that is said',
    async (_, [typed = '']) => {
      const before = archivesIn(folder.volume)

      const { code, text } = await onTerminal({ args: ['-p', '-f', 'app', '--force'], answers: [[REMOVE, typed]] })

      expect({ code, text }).toMatchObject({
        code: 0,
        text: expect.stringContaining('not removed: nothing was changed'),
      })
      expect(archivesIn(folder.volume)).toEqual(before)
    },
    60_000,
  )

  test('FM165 an answer ends with a line feed, or with both, as with Enter', async () => {
    const { code, text } = await onTerminal({
      env: { DATABASE_USER: 'somebody' },
      answers: [
        [PASSWORD, `${server.password}\r\n`],
        [NAME, `app${LINE_FEED}`],
      ],
    })

    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining('restored 127.0.0.1') })
  }, 60_000)

  test('FM165 the second half of an Enter answers no question that comes behind it', async () => {
    const { code, text } = await onTerminal({
      env: { DATABASE_USER: 'somebody' },
      answers: [
        [PASSWORD, server.password],
        [NAME, `${LINE_FEED}app\r`],
      ],
    })

    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining('restored 127.0.0.1') })
  }, 60_000)

  test('FM165 no empty password is tried: it is asked for again, and three of them are an error', async () => {
    const again = await onTerminal({
      env: { DATABASE_USER: 'somebody' },
      answers: [
        [PASSWORD, ''],
        [/Nothing was typed, two tries are left\. Password/, server.password],
        [NAME, 'no'],
      ],
    })
    const never = await onTerminal({
      env: { DATABASE_USER: 'somebody' },
      answers: [
        [PASSWORD, ''],
        [/two tries are left/, ''],
        [/one try is left/, ''],
      ],
    })

    expect({ code: again.code, asked: NAME.test(again.text) }).toEqual({ code: 1, asked: true })
    expect(never).toMatchObject({ code: 10, text: expect.stringContaining('expected the password of postgres') })
    expect(again.text + never.text).not.toContain('authentication failed')
  }, 60_000)

  test('FM129 a password that is typed wrong twice can be typed once more', async () => {
    const { code, text } = await onTerminal({
      env: { DATABASE_USER: 'somebody' },
      answers: [
        [PASSWORD, 'Wr0ng-One'],
        [/two tries are left/, 'Wr0ng-Two'],
        [/one try is left/, server.password],
        [NAME, 'no'],
      ],
    })

    expect({ code, asked: NAME.test(text) }).toEqual({ code: 1, asked: true })
    expect(text).not.toMatch(/Wr0ng|authentication failed/)
  }, 60_000)

  test('FM129 three wrong ones are an error', async () => {
    const { code, text } = await onTerminal({
      env: { DATABASE_USER: 'somebody' },
      answers: [
        [PASSWORD, 'Wr0ng-One'],
        [/two tries are left/, 'Wr0ng-Two'],
        [/one try is left/, 'Wr0ng-Three'],
      ],
    })

    expect(code).toBe(1)
    expect(text).toContain('one try is left')
    expect(text).toContain('password authentication failed')
  }, 60_000)

  test('FM129 nobody is asked for a password before there is an archive for it', async () => {
    const { code, text } = await onTerminal({
      args: ['-r', `127.0.0.1:${server.port}/nothing`],
      env: { DATABASE_USER: 'somebody' },
      answers: [[PASSWORD, server.password]],
    })

    expect(code).toBe(1)
    expect(text).toContain('no archive of it')
    expect(text).not.toMatch(PASSWORD)
  }, 60_000)

  test('FM129 where the configured user is the admin, his password is taken', async () => {
    const { code, text } = await onTerminal({ answers: [[NAME, 'no']] })

    expect({ code, asked: NAME.test(text) }).toEqual({ code: 1, asked: true })
    expect(text).not.toMatch(PASSWORD)
  }, 60_000)
})
