import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { sweepScratchLeftovers } from '../../../../src/sources/postgres/scratch/sweep-scratch.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { ownIdentity } from '../../../../src/system/process-identity.ts'
import { allProcesses } from '../../../support/processes.ts'
import { runScratch, socketFolderOf, type VerificationDir, verificationDir } from '../../../support/scratch.ts'
import { untilTrue } from '../../../support/until-true.ts'

let folder: VerificationDir

afterEach(() => folder[Symbol.dispose]())

const sweep = (): Promise<readonly string[]> =>
  sweepScratchLeftovers(
    folder.path,
    { clock: systemClock, env: { PATH: process.env.PATH } },
    AbortSignal.timeout(60_000),
  )

function servers() {
  return allProcesses().filter(({ commandLine }) => commandLine.includes(`-D ${folder.path}`))
}

function sharedMemory(): string {
  const file = path.join(folder.path, folder.names()[0] ?? '', 'data', 'postmaster.pid')
  return readFileSync(file, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1] ?? ''
}

const ID = '0123456789abcdef01234567'

/** The files that a killed run would have left, with what its marker says of its owner. */
function leave(marker: object | string, ageSeconds = 0): string {
  const left = path.join(folder.path, `backup-scratch-${ID}`)
  mkdirSync(path.join(left, 'data'), { recursive: true })
  writeFileSync(path.join(left, 'data', 'file'), 'x')
  writeFileSync(`${left}.json`, typeof marker === 'string' ? marker : JSON.stringify(marker))
  const touched = Date.now() / 1000 - ageSeconds
  utimesSync(`${left}.json`, touched, touched)
  return left
}

const GONE = { ...ownIdentity(), processStart: '1', runId: 'r', since: '', socketFolder: '/tmp/backup-0123456789ab' }
const ELSEWHERE = { ...GONE, bootId: 'another', owner: 'another-pod' }

describe('a program with a scratch server', () => {
  test('FM39 ends it and removes all its files on SIGTERM', async () => {
    folder = verificationDir()
    const run = runScratch(folder.path, 'stay')
    await run.said
    const socket = socketFolderOf(folder.path, folder.names().find(name => name.endsWith('.json')) ?? '')
    const before = [servers().length, existsSync(socket)]

    run.child.kill('SIGTERM')
    await run.exit

    expect(before).toEqual([1, true])
    expect(folder.names()).toEqual([])
    expect([servers().length, existsSync(socket)]).toEqual([0, false])
  })

  test('FM73 that is killed takes the server with it, and the next run removes the files', async () => {
    folder = verificationDir()
    const run = runScratch(folder.path, 'stay')
    await run.said
    const socket = socketFolderOf(folder.path, folder.names().find(name => name.endsWith('.json')) ?? '')
    const pid = readFileSync(path.join(folder.path, folder.names()[0] ?? '', 'data', 'postmaster.pid'), 'utf8')
    const whileAlive = await sweep()

    run.child.kill('SIGKILL')
    await run.exit
    await untilTrue(() => servers().length === 0)
    const left = folder.names().length
    const removed = await sweep()

    expect(Number.parseInt(pid, 10)).toBeGreaterThan(1)
    expect(whileAlive).toEqual([])
    expect(left).toBe(2)
    expect(removed).toEqual([expect.stringContaining(folder.path)])
    expect([folder.names(), existsSync(socket)]).toEqual([[], false])
  })

  test('FM73 a server that outlived its program is ended by the next run', async () => {
    folder = verificationDir()
    const run = runScratch(folder.path, 'stay')
    await run.said
    const [postmaster] = servers()
    const segment = sharedMemory()
    // Stopped, it can't follow its parent, and takes notice of nothing but SIGKILL.
    process.kill(postmaster?.pid ?? 0, 'SIGSTOP')
    run.child.kill('SIGKILL')
    await run.exit
    const orphans = servers().length

    const removed = await sweep()

    expect(orphans).toBe(1)
    expect(removed.length).toBe(1)
    expect(servers()).toEqual([])
    expect(folder.names()).toEqual([])
    expect(segment).toMatch(/^\d+$/)
    expect(readFileSync('/proc/sysvipc/shm', 'utf8')).not.toMatch(new RegExp(`^ *-?\\d+ +${segment} `, 'm'))
  })

  test('FM40 works under a user without a name, in a folder of its group, as OpenShift has it', async () => {
    folder = verificationDir()
    const isRoot = process.getuid?.() === 0
    chmodSync(folder.path, 0o2775)
    const prefix = isRoot ? ['setpriv', '--reuid=1000690000', '--regid=0', '--clear-groups'] : []

    const run = runScratch(folder.path, 'end', prefix)
    const said = await run.said
    const { code } = await run.exit

    expect(said.failure).toBeUndefined()
    expect(said.uid).toBe(isRoot ? 1_000_690_000 : process.getuid?.())
    expect(code).toBe(0)
    expect(folder.names()).toEqual([])
  })
})

describe('what is left in VERIFICATION_DIR', () => {
  test.each([
    ['its process is gone', GONE, 0],
    ['it is of another pod and without a heartbeat for long', ELSEWHERE, 700],
    ['its marker is damaged and old', '{"pid":', 700],
  ])('is removed when %s', async (_, marker, age) => {
    folder = verificationDir()
    const left = leave(marker, age)

    const removed = await sweep()

    expect(removed).toEqual([left])
    expect(folder.names()).toEqual([])
  })

  test.each([
    ['its process lives', { ...GONE, ...ownIdentity() }, 7_000],
    ['it is of another pod that may live', ELSEWHERE, 300],
    ['its marker is damaged and young', '', 300],
  ])('stays when %s', async (_, marker, age) => {
    folder = verificationDir()
    leave(marker, age)

    const removed = await sweep()

    expect(removed).toEqual([])
    expect(folder.names().length).toBe(2)
  })

  test('FM26 stays when no marker names it, or when the marker names what is not ours', async () => {
    folder = verificationDir()
    const precious = path.join(folder.path, 'precious')
    mkdirSync(precious)
    writeFileSync(path.join(precious, '.s.PGSQL.5432'), 'x')
    mkdirSync(path.join(folder.path, `backup-scratch-${'f'.repeat(24)}`))
    writeFileSync(path.join(folder.path, 'backup-scratch-short.json'), JSON.stringify(GONE))
    leave({ ...GONE, socketFolder: precious })

    const removed = await sweep()

    expect(removed.length).toBe(1)
    expect(readdirSync(precious)).toEqual(['.s.PGSQL.5432'])
    expect(folder.names()).toEqual([`backup-scratch-${'f'.repeat(24)}`, 'backup-scratch-short.json', 'precious'])
  })

  test('is no reason to fail where there is no such folder', async () => {
    folder = verificationDir()

    const removed = await sweepScratchLeftovers(
      '/nowhere/at/all',
      { clock: systemClock, env: {} },
      AbortSignal.timeout(60_000),
    )

    expect(removed).toEqual([])
  })
})
