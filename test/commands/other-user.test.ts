import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, linkSync, mkdirSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLockFile, lockPath } from '../../src/catalog/lock-file.ts'
import { archivesIn, backupEnvironment } from '../support/archives.ts'
import {
  type BackupFolder,
  backupFolder,
  type ProgramResult,
  runBackup,
  startBackup,
} from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { verificationDir } from '../support/scratch.ts'
import { pathWithPgDump } from '../support/stand-in-tools.ts'

/** As OpenShift chooses one for a namespace, and for the next one of that name. */
const FIRST = 1_001_240_000
const SECOND = 1_001_250_000
const TIMEOUT = 120_000
/** The umask of an image, or of a pod's shell, that would leave nothing to others. */
const CLOSED = ['sh', '-c', 'umask 0077; exec "$@"', 'sh']

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('shop')
  await server.sql('shop', 'CREATE TABLE customer AS SELECT i AS id FROM generate_series(1, 100) i')
}, TIMEOUT)
afterAll(async () => await server.stop())

/** A volume as a claim is mounted: root's, and open to group 0. */
function claim(): BackupFolder {
  const folder = backupFolder(`127.0.0.1:${server.port}/shop`)
  chmodSync(folder.path, 0o711)
  chmodSync(folder.conf, 0o644)
  chmodSync(folder.volume, 0o770)
  return folder
}

interface Pod {
  readonly uid: number
  readonly gid?: number
  readonly env?: Readonly<Record<string, string>>
}

function environment(folder: BackupFolder, more: Pod['env'] = {}): Readonly<Record<string, string | undefined>> {
  const admin = { _127_0_0_1_ADMIN_USER: server.superuser, _127_0_0_1_ADMIN_PASSWORD: server.password }
  return { ...backupEnvironment(server, folder), ...admin, NODE_COMPILE_CACHE: '', ...more }
}

function as({ uid, gid = 0 }: Pod): readonly string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...CLOSED]
}

async function run(folder: BackupFolder, args: readonly string[], pod: Pod): Promise<ProgramResult> {
  using scratch = verificationDir()
  chmodSync(scratch.path, 0o777)
  const env = environment(folder, { VERIFICATION_DIR: scratch.path, ...pod.env })
  return await runBackup(args, { conf: folder.conf, env, prefix: as(pod) })
}

/** What is on the volume with its mode, `.backup` included. */
function modesOf({ volume }: BackupFolder): readonly (readonly [path: string, mode: number])[] {
  const found = readdirSync(volume, { recursive: true, withFileTypes: true })
  return found.map(entry => {
    const path = join(entry.parentPath, entry.name)
    return [path.slice(volume.length + 1), statSync(path).mode & 0o7777] as const
  })
}

describe('FM149 a pod with another user, of group 0 as each pod is,', { timeout: TIMEOUT }, () => {
  test('lists, proves, restores and prunes what the first one has made, and goes on beside it', async () => {
    using folder = claim()
    const first = await run(folder, ['-1'], { uid: FIRST })
    const [taken = ''] = archivesIn(folder.volume)

    const listed = await run(folder, ['-l', '--all'], { uid: SECOND })
    const proved = await run(folder, ['-v', 'all'], { uid: SECOND })
    const restored = await run(folder, ['-r', `127.0.0.1:${server.port}/copy`, '-f', 'shop', '-s'], { uid: SECOND })
    const next = await run(folder, ['-1'], { uid: SECOND })
    const pruned = await run(folder, ['-p', '-f', taken.slice(folder.volume.length + 1), '--force', '-s'], {
      uid: SECOND,
    })
    const back = await run(folder, ['-1'], { uid: FIRST })

    const all = [first, listed, proved, restored, next, pruned, back]
    expect(all.map(({ code }) => code)).toEqual(all.map(() => 0))
    expect(all.map(({ stdout }) => stdout).join('')).not.toMatch(/warning|not re|no right/)
    expect(statSync(folder.volume).mode & 0o777).toBe(0o770)
    expect(archivesIn(folder.volume)).toHaveLength(2)
    expect(archivesIn(folder.volume)).not.toContain(taken)
  })

  test('has what it needs by the modes, whatever the umask is, and all others have nothing', async () => {
    using folder = claim()

    await run(folder, ['-1'], { uid: FIRST })

    const modes = modesOf(folder)
    const archive = modes.filter(([path]) => /\.sql\.gz(\.json)?$/.test(path))
    expect(archive.map(([, mode]) => mode)).toEqual([0o640, 0o640])
    expect(new Map(modes).get('.backup/runs.jsonl')).toBe(0o660)
    expect(new Map(modes).get('daily') ?? new Map(modes).get('weekly') ?? new Map(modes).get('monthly')).toBe(0o2770)
    expect(new Map(modes).get('.backup/locks')).toBe(0o2770)
    expect(modes.filter(([, mode]) => (mode & 0o007) !== 0)).toEqual([])
  })

  test('takes over the lock of a run of the first one that was killed', async () => {
    using folder = claim()
    const PATH = pathWithPgDump(folder, server, 'while kill -0 $PPID 2>/dev/null; do sleep 0.1; done')
    chmodSync(join(folder.path, 'bin'), 0o755)
    const env = environment(folder, { PATH: PATH ?? '' })
    const stuck = startBackup(['-1'], { conf: folder.conf, env, prefix: as({ uid: FIRST }) })
    await stuck.printed(/^started +127/m)
    stuck.kill('SIGKILL')
    await stuck.result
    const left = readdirSync(join(folder.volume, '.backup/locks'))

    const result = await run(folder, ['-1'], { uid: SECOND })

    expect(left.filter(name => name.endsWith('.lock'))).toHaveLength(1)
    expect(result.code).toBe(0)
    expect(readdirSync(join(folder.volume, '.backup/locks'))).toEqual([])
  })

  test('puts a live lock back that it had taken for a dead one', async () => {
    using folder = claim()
    const path = lockPath(folder.volume, 'shop')
    mkdirSync(join(folder.volume, '.backup'), { mode: 0o777 })
    mkdirSync(join(folder.volume, '.backup/locks'))
    for (const each of ['.backup', '.backup/locks']) chmodSync(join(folder.volume, each), 0o770)
    const identity = { owner: 'pod-1', pid: 1, processStart: null, bootId: null, pidNamespace: null }
    const before = process.umask(0o007)
    await createLockFile(path, { ...identity, token: 'of-the-first', runId: 'r', since: '2026-11-20' }).finally(() =>
      process.umask(before),
    )
    chownSync(path, FIRST, 0)
    const script = `import { removeLockFile, readLockFile } from '${new URL('../../src/catalog/lock-file.ts', import.meta.url).pathname}'
await removeLockFile('${path}', () => false)
console.log((await readLockFile('${path}'))?.holder?.token)`

    const [command = '', ...args] = as({ uid: SECOND })
    const said = execFileSync(command, [...args, process.execPath, '--input-type=module', '-e', script], {
      encoding: 'utf8',
    })

    expect(said.trim()).toBe('of-the-first')
  })

  test('reads with no right to write: list, proof and configuration', async () => {
    using folder = claim()
    await run(folder, ['-1'], { uid: FIRST })
    execFileSync('chmod', ['-R', 'g-w', folder.volume])
    const before = modesOf(folder)

    const all = [
      await run(folder, ['-l', '--all'], { uid: SECOND }),
      await run(folder, ['-c'], { uid: SECOND }),
      await run(folder, ['-v', 'all'], { uid: SECOND }),
    ]

    expect(all.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(modesOf(folder)).toEqual(before)
  })

  test('reads what an earlier version has left to its user alone, once that user has made one more backup', async () => {
    using folder = claim()
    await run(folder, ['-1'], { uid: FIRST, env: { VOLUME_SHARED: 'owner' } })
    const [earlier = ''] = archivesIn(folder.volume)
    const refused = await run(folder, ['-l', '--all'], { uid: SECOND })
    // Of a file that has a name elsewhere too nobody knows whether it is ours.
    const elsewhere = join(folder.path, 'elsewhere')
    writeFileSync(elsewhere, '', { mode: 0o600 })
    chownSync(elsewhere, FIRST, 0)
    linkSync(elsewhere, join(folder.volume, '.backup', 'linked'))

    const opening = await run(folder, ['-1'], { uid: FIRST })
    const again = await run(folder, ['-1'], { uid: FIRST })

    expect(statSync(elsewhere).mode & 0o777).toBe(0o600)
    unlinkSync(join(folder.volume, '.backup', 'linked'))
    const proved = await run(folder, ['-v', 'all', '-f', basename(earlier)], { uid: SECOND })
    expect(refused.code).not.toBe(0)
    expect(opening.stdout).toMatch(/^note +opened to group 0: \d+ files and folders of earlier runs/m)
    expect(again.stdout).not.toContain('opened')
    expect(proved.stdout).toContain('1 of 1 proved')
    expect(modesOf(folder).filter(([, mode]) => (mode & 0o040) === 0)).toEqual([])
    expect(modesOf(folder).filter(([, mode]) => (mode & 0o007) !== 0)).toEqual([])
  })
})

describe('FM150 who is not to share the volume', { timeout: TIMEOUT }, () => {
  test('says VOLUME_SHARED=owner, and who comes instead is told whose it is, its mode, and what to do', async () => {
    using folder = claim()
    await run(folder, ['-1'], { uid: FIRST, env: { VOLUME_SHARED: 'owner' } })

    const listed = await run(folder, ['-l', '--all'], { uid: SECOND })
    const backedUp = await run(folder, ['-1'], { uid: SECOND })

    expect(modesOf(folder).filter(([, mode]) => (mode & 0o077) !== 0)).toEqual([])
    for (const said of [listed.stderr, backedUp.stdout]) {
      expect(said).toContain(
        `belongs to user ${FIRST} of group 0, mode 0700; this is user ${SECOND} of group 0); check the rights`,
      )
      expect(said).toMatch(/user 1001240000, or an administrator of the volume, gives them by chmod -R g\+rwX \//)
    }
  })

  test("is of another group: then files are their owner's, unless VOLUME_SHARED=group", async () => {
    using folder = claim()
    chownSync(folder.volume, FIRST, 1500)
    await run(folder, ['-1'], { uid: FIRST, gid: 1500 })
    const closed = modesOf(folder)

    await run(folder, ['-1'], { uid: FIRST, gid: 1500, env: { VOLUME_SHARED: 'group' } })

    expect(closed.filter(([, mode]) => (mode & 0o077) !== 0)).toEqual([])
    expect(modesOf(folder).filter(([, mode]) => (mode & 0o040) === 0)).toEqual([])
  })

  test('is of group 0 on a folder that gives its files to a group which the pod is not in', async () => {
    using folder = claim()
    chownSync(folder.volume, FIRST, 1500)
    chmodSync(folder.volume, 0o2770)

    await run(folder, ['-1'], { uid: FIRST })

    expect(modesOf(folder).length).toBeGreaterThan(4)
    expect(modesOf(folder).filter(([, mode]) => (mode & 0o077) !== 0)).toEqual([])
  })
})
