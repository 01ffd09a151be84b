import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type BackupFolder, backupFolder } from '../../support/backup-program.ts'
import { archivePaths, manifestIn } from '../../support/backups.ts'
import { startChatServer } from '../../support/chat-server.ts'
import { namesAt, s3Environment } from '../../support/copy-places.ts'
import { type MountedSecret, mountSecret } from '../../support/mounted-secret.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { startS3Server } from '../../support/s3-server.ts'
import { type RunningService, reportsOf, startService } from '../../support/service-program.ts'

/** What the role that makes the backups begins with. */
const FIRST = 'first-password-1'

let server: PostgresServer
let folder: BackupFolder
let secret: MountedSecret

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  await server.createRole('keeper', { attributes: 'SUPERUSER' })
  await server.sql('shop', 'CREATE TABLE customer AS SELECT n FROM generate_series(1, 100) n')
})

afterAll(() => server?.stop())

beforeEach(async () => {
  folder = backupFolder(`127.0.0.1:${server.port}/shop\n@every 2s default ./backup.sh -s`)
  onTestFinished(() => folder[Symbol.dispose]())
  await server.sql('postgres', `ALTER ROLE keeper PASSWORD '${FIRST}'`)
  secret = mountSecret(folder.path, { password: FIRST })
})

/** The service with the database's password in a mounted file. */
async function service(env: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  const fromFile = { DATABASE_USER: 'keeper', DATABASE_PASSWORD: '', DATABASE_PASSWORD_FILE: secret.pathOf('password') }
  const running = await startService(server, folder, { ...fromFile, ...env })
  onTestFinished(() => running[Symbol.asyncDispose]())
  return running
}

/** The codes of the runs so far; the first `count` of them are waited for. */
async function codesOf(running: RunningService, count: number): Promise<readonly unknown[]> {
  await running.until(() => running.events('scheduled-run-finished').length >= count)
  return running.events('scheduled-run-finished').map(({ exitCode }) => exitCode)
}

/** The code of a run that began later than now. */
async function codeOfNextRun(running: RunningService): Promise<unknown> {
  const begun = running.events('scheduled-run-started').length
  return (await codesOf(running, begun + 1))[begun]
}

test('FM223 a password that is rotated while the service runs is that of the next run, and the old one is used no more', async () => {
  const running = await service()
  await codesOf(running, 1)

  await server.sql('postgres', `ALTER ROLE keeper PASSWORD 'fresh-password-2'`)
  secret.rotate({ password: 'fresh-password-2\n' })
  const code = await codeOfNextRun(running)
  const failedBefore = server.log().match(/password authentication failed/g)?.length
  const later = await codeOfNextRun(running)

  expect([code, later]).toEqual([0, 0])
  expect(server.log().match(/password authentication failed/g)?.length).toBe(failedBefore)
  expect(await running.stop()).toBe(143)
  expect(running.stdout() + running.stderr()).not.toContain('fresh-password-2')
})

test.each([
  ['vanished', {}, 'it does not exist; expected a file that can be read'],
  ['empty', { password: '' }, 'the file is empty; expected a secret'],
])(
  'FM224 a secret that is %s is a problem of the runs that meet it, and not of the service',
  async (_, values, text) => {
    const running = await service()
    await codesOf(running, 1)

    secret.rotate(values)
    const broken = await codeOfNextRun(running)
    const ready = await running.get('/readyz')
    secret.rotate({ password: FIRST })
    const mended = await codeOfNextRun(running)

    expect([broken, mended]).toEqual([10, 0])
    expect([ready.status, (await running.get('/readyz')).status]).toEqual([503, 200])
    expect(reportsOf(folder.volume).flatMap(({ problems }) => problems)[0]).toContain(`DATABASE_PASSWORD_FILE: `)
    expect(reportsOf(folder.volume).flatMap(({ problems }) => problems)[0]).toContain(text)
    expect(await running.stop()).toBe(143)
  },
)

test('FM224 half of a password is refused by the server in that run, which names the file, and the next one is good', async () => {
  const running = await service()
  await codesOf(running, 1)

  secret.rotate({ password: FIRST.slice(0, 5) })
  const broken = await codeOfNextRun(running)
  secret.rotate({ password: FIRST })
  const mended = await codeOfNextRun(running)

  expect([broken, mended]).toEqual([1, 0])
  expect(running.stdout()).toContain('the password is that of DATABASE_PASSWORD_FILE')
  expect(await running.stop()).toBe(143)
})

test('FM225 a webhook that is rotated gets what is told from the next run on, and the old one nothing more', async () => {
  await using chat = await startChatServer()
  const address = mountSecret(folder.path, { url: `${chat.url}/hooks/old-and-secret` })
  const running = await service({ WEBHOOK_URL_FILE: address.pathOf('url') })
  await chat.received(2)

  address.rotate({ url: `${chat.url}/hooks/new-and-secret` })
  await codeOfNextRun(running)
  const before = chat.posts.length
  await chat.received(before + 1)
  await running.stop()

  const paths = chat.posts.slice(before).map(({ path }) => path)
  expect(new Set(paths)).toEqual(new Set(['/hooks/new-and-secret']))
  expect(running.stdout() + running.stderr()).not.toContain('new-and-secret')
})

test('FM226 what is backed up while the secret of a destination is missing is copied as soon as it is there again', async () => {
  await using s3 = await startS3Server()
  const { S3_PASSWORD = '', ...rest } = s3Environment(s3, basename(folder.path))
  const key = mountSecret(folder.path, { key: S3_PASSWORD })
  const running = await service({ ...rest, S3_PASSWORD_FILE: key.pathOf('key') })
  await codesOf(running, 1)

  key.rotate({})
  const broken = await codeOfNextRun(running)
  const [newest = ''] = archivePaths(folder.volume).toReversed()
  const waiting = manifestIn(folder.volume, newest).copies
  key.rotate({ key: S3_PASSWORD })
  const mended = await codeOfNextRun(running)
  await running.stop()

  expect([broken, mended]).toEqual([10, 0])
  expect(waiting).toMatchObject([{ destination: 's3', state: 'waiting' }])
  expect(namesAt(s3, basename(folder.path))).toContain(basename(newest))
})

test('FM227 a changed backup.conf that waits for the Secret of a new host is taken over when that is there', async () => {
  const other = mountSecret(folder.path, { password: FIRST })
  other.rotate({})
  const running = await service({ LOCALHOST_USER: 'keeper', LOCALHOST_PASSWORD_FILE: other.pathOf('password') })
  await codesOf(running, 1)

  writeFileSync(
    folder.conf,
    `127.0.0.1:${server.port}/shop\nlocalhost:${server.port}/shop\n@every 2s default ./backup.sh -s`,
  )
  await running.printed(/configuration-refused/)
  other.rotate({ password: FIRST })
  await running.printed(/configuration-changed/)

  expect(running.events('configuration-refused')).toHaveLength(1)
  expect(await codeOfNextRun(running)).toBe(0)
  expect(await running.stop()).toBe(143)
})
