import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf } from '../../support/restoring.ts'

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
  readonly env?: Readonly<Record<string, string>>
  /** What is typed, followed by Enter, when the text before it is shown. */
  readonly answers: readonly (readonly [shown: RegExp, typed: string])[]
}

/** Runs `backup -r` on a terminal of its own (util-linux's script). */
async function onTerminal({ env = {}, answers }: Dialogue): Promise<{ code: number | null; text: string }> {
  const command = `${PROGRAM} -r 127.0.0.1:${server.port}/app`
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
    child.stdin.write(`${next[1]}\r`)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  return { code, text }
}

const NAME = /Type the name of the database/
const PASSWORD = /Password of postgres/

describe('backup -r on a terminal', () => {
  test('FM66 restores after the name of the database was typed', async () => {
    const env = { DATABASE_ADMIN_PASSWORD: server.password }

    const { code, text } = await onTerminal({ env, answers: [[NAME, 'app']] })

    expect({ code, text }).toMatchObject({ code: 0 })
    expect(text).toContain('restored 127.0.0.1')
    expect(await databasesOf(server)).toHaveLength(2)
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
})
