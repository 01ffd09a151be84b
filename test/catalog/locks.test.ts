import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { acquireLock, type LockInput } from '../../src/catalog/locks.ts'
import type { Clock } from '../../src/system/clock.ts'
import { systemClock } from '../../src/system/clock.ts'
import { ownIdentity } from '../../src/system/process-identity.ts'
import { fillUp, mountSmall } from '../support/full-volume.ts'
import { temporaryVolume } from '../support/volume.ts'

const never = new AbortController().signal
const HOLDER = join(import.meta.dirname, '../support/lock-holder.ts')

function input(backupDir: string, given: Partial<LockInput> = {}): LockInput {
  return { backupDir, stem: 'db-app', runId: 'run-1', waitMs: 0, clock: systemClock, ...given }
}

function lockPath(volume: string): string {
  return join(volume, '.backup/locks/db-app.lock')
}

/** A lock file of another machine's run whose last heartbeat was so long ago. */
function foreignLock(volume: string, ageMs: number): void {
  const holder = {
    ...ownIdentity(),
    owner: 'other-pod',
    bootId: 'another',
    token: 'foreign',
    runId: 'run-0',
    since: '2026-11-20T01:00:00Z',
  }
  mkdirSync(join(volume, '.backup/locks'), { recursive: true })
  writeFileSync(lockPath(volume), JSON.stringify(holder))
  const touched = new Date(Date.now() - ageMs)
  utimesSync(lockPath(volume), touched, touched)
}

/** A process of its own that takes the lock and says so. */
async function lockHolder(volume: string, runId = 'child'): Promise<{ child: ChildProcess; answer: string }> {
  const child = fork(HOLDER, [volume, runId], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [answer] = await once(child, 'message')
  return { child, answer: String(answer) }
}

/** A clock whose sleeps last until the test lets them end. */
function steppedClock(): Clock & { step(ms: number): void } {
  let now = 0
  const sleeps = new Set<{ until: number; wake(): void }>()
  return {
    now: () => new Date(Date.UTC(2026, 10, 20) + now),
    monotonicMs: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleep = { until: now + ms, wake: resolve }
        sleeps.add(sleep)
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      }),
    step(ms) {
      now += ms
      for (const sleep of [...sleeps].filter(each => each.until <= now)) {
        sleeps.delete(sleep)
        sleep.wake()
      }
    },
  }
}

describe('acquireLock', () => {
  test('FM21 a second run is told who holds the lock, since when, and what to do', async () => {
    const volume = temporaryVolume()
    await using _first = await acquireLock(input(volume), never)

    const second = acquireLock(input(volume, { runId: 'run-2' }), never)

    await expect(second).rejects.toMatchObject({
      kind: 'locked',
      message: expect.stringMatching(
        /^db-app: locked by run run-1 on .+ \(process \d+\) since 20.+; expected no other run$/,
      ),
      hint: expect.stringContaining('-s'),
    })
  })

  test('FM20 the locks of two databases are independent', async () => {
    const volume = temporaryVolume()
    await using first = await acquireLock(input(volume), never)

    await using second = await acquireLock(input(volume, { stem: 'db-app_archive' }), never)

    expect([first.stem, second.stem]).toEqual(['db-app', 'db-app_archive'])
  })

  test('a lock is free again after its release, which may be called twice', async () => {
    const volume = temporaryVolume()
    const first = await acquireLock(input(volume), never)

    await first.release()
    await first.release()

    expect(readdirSync(join(volume, '.backup/locks'))).toEqual([])
    await using second = await acquireLock(input(volume), never)
    await second.check()
  })

  test('FM21 a run that may wait gets the lock when the other one ends', async () => {
    const volume = temporaryVolume()
    const first = await acquireLock(input(volume), never)

    const waiting = acquireLock(input(volume, { runId: 'run-2', waitMs: 60_000 }), never)
    await first.release()

    await using second = await waiting
    await second.check()
  })

  test('FM21 waiting ends with its time, and at once when the run is interrupted', async () => {
    const volume = temporaryVolume()
    await using _first = await acquireLock(input(volume), never)
    const interrupt = new AbortController()

    const short = expect(acquireLock(input(volume, { waitMs: 300 }), never)).rejects.toMatchObject({ kind: 'locked' })
    const interrupted = expect(acquireLock(input(volume, { waitMs: 600_000 }), interrupt.signal)).rejects.toThrow(
      'interrupted',
    )
    interrupt.abort(new Error('interrupted'))

    await short
    await interrupted
  })

  test('FM21 the lock of a process that was killed is taken over at once', async () => {
    const volume = temporaryVolume()
    const { child, answer } = await lockHolder(volume)
    await expect(acquireLock(input(volume), never)).rejects.toMatchObject({ kind: 'locked' })
    child.kill('SIGKILL')
    await once(child, 'exit')

    await using lock = await acquireLock(input(volume), never)

    expect(answer).toBe('locked')
    await lock.check()
  })

  test('FM21 a dead pod’s lock is taken over when its heartbeat is older than 90 seconds, not before', async () => {
    const volume = temporaryVolume()
    foreignLock(volume, 80_000)
    await expect(acquireLock(input(volume), never)).rejects.toMatchObject({
      kind: 'locked',
      message: expect.stringContaining('other-pod'),
    })

    foreignLock(volume, 95_000)
    await using lock = await acquireLock(input(volume), never)

    await lock.check()
    expect(readdirSync(join(volume, '.backup/locks'))).toEqual(['db-app.lock'])
  })

  test('FM21 the clock of the pod does not matter, only that of the file system', async () => {
    const volume = temporaryVolume()
    const clock = { ...systemClock, now: () => new Date('2099-01-01T00:00:00Z') }
    foreignLock(volume, 80_000)

    await expect(acquireLock(input(volume, { clock }), never)).rejects.toMatchObject({ kind: 'locked' })
  })

  test('FM21 a damaged lock file is somebody’s until it is stale', async () => {
    const volume = temporaryVolume()
    foreignLock(volume, 0)
    writeFileSync(lockPath(volume), '')
    await expect(acquireLock(input(volume), never)).rejects.toMatchObject({
      message: expect.stringContaining('an unknown run'),
    })

    const old = new Date(Date.now() - 100_000)
    utimesSync(lockPath(volume), old, old)
    await using lock = await acquireLock(input(volume), never)

    await lock.check()
  })

  test('FM20 of many that see the same stale lock exactly one takes it', async () => {
    const volume = temporaryVolume()
    for (let round = 0; round < 10; round += 1) {
      foreignLock(volume, 100_000)

      const attempts = await Promise.allSettled(
        Array.from({ length: 12 }, (_, index) => acquireLock(input(volume, { runId: `run-${index}` }), never)),
      )
      const taken = attempts.flatMap(attempt => (attempt.status === 'fulfilled' ? [attempt.value] : []))
      const checks = await Promise.allSettled(taken.map(lock => lock.check()))

      expect(checks.filter(check => check.status === 'fulfilled')).toHaveLength(1)
      await Promise.all(taken.map(lock => lock.release()))
      expect(readdirSync(join(volume, '.backup/locks'))).toEqual([])
    }
  })

  test('FM20 of several processes that see the same stale lock exactly one holds it', async () => {
    const volume = temporaryVolume()
    foreignLock(volume, 100_000)

    const answers = await Promise.all(['a', 'b', 'c'].map(runId => lockHolder(volume, runId)))

    expect(answers.map(each => each.answer).sort()).toEqual(['failed: locked', 'failed: locked', 'locked'])
  })

  test('FM03 a volume that takes no lock file is an error for an operator', async () => {
    const volume = join(temporaryVolume(), 'file')
    writeFileSync(volume, '')

    await expect(acquireLock(input(volume), never)).rejects.toMatchObject({ name: 'OperatorError', kind: 'volume' })
  })
})

describe('a lock that is held', () => {
  test('FM21 its heartbeat keeps it alive', async () => {
    const volume = temporaryVolume()
    const clock = steppedClock()
    await using lock = await acquireLock(input(volume, { clock }), never)
    const old = new Date(Date.now() - 80_000)
    utimesSync(lockPath(volume), old, old)

    clock.step(10_000)
    await expect.poll(() => readAge(volume), { timeout: 20_000 }).toBeLessThan(60_000)

    expect(lock.lost.aborted).toBe(false)
    await expect(acquireLock(input(volume), never)).rejects.toMatchObject({ kind: 'locked' })
  })

  test('FM21 its holder notices at the next heartbeat that another run has it, and leaves that one alone', async () => {
    const volume = temporaryVolume()
    const clock = steppedClock()
    const lock = await acquireLock(input(volume, { clock }), never)
    foreignLock(volume, 0)

    clock.step(10_000)
    await expect.poll(() => lock.lost.aborted, { timeout: 20_000 }).toBe(true)

    expect(lock.lost.reason).toMatchObject({ kind: 'locked', message: expect.stringContaining('taken over') })
    await expect(lock.check()).rejects.toMatchObject({ kind: 'locked' })
    await lock.release()
    expect(readFileSync(lockPath(volume), 'utf8')).toContain('foreign')
  })

  test('FM21 a lock file that somebody removed is lost too', async () => {
    const volume = temporaryVolume()
    await using lock = await acquireLock(input(volume), never)
    rmSync(lockPath(volume))

    await expect(lock.check()).rejects.toMatchObject({ kind: 'locked' })

    await lock.release()
    expect(existsSync(lockPath(volume))).toBe(false)
  })
})

function readAge(volume: string): number {
  const probe = join(volume, 'probe')
  writeFileSync(probe, '')
  return statSync(probe).mtimeMs - statSync(lockPath(volume)).mtimeMs
}

describe('FM99 a lock on a full volume', () => {
  function full(): string {
    const volume = temporaryVolume()
    mountSmall(volume, 64)
    fillUp(volume)
    return volume
  }

  test('is refused unless the run makes room', async () => {
    await expect(acquireLock(input(full()), never)).rejects.toMatchObject({ kind: 'space' })
  })

  test('has one holder, says who it is as soon as there is room, and goes with it', async () => {
    const volume = full()
    const lock = await acquireLock(input(volume, { alsoOnFull: true }), never)
    expect(lock.problem).toMatchObject({ kind: 'space' })
    const second = (): Promise<unknown> => acquireLock(input(volume, { alsoOnFull: true, runId: 'run-2' }), never)
    await expect(second()).rejects.toMatchObject({ kind: 'locked' })

    const checks: Promise<void>[] = []
    // Each begins while those before it are under way, over several ticks of the file system's clock.
    for (let n = 0; n < 300; n += 1) {
      checks.push(lock.check())
      await stat(lockPath(volume))
    }
    await Promise.all(checks)
    expect(readFileSync(lockPath(volume), 'utf8')).toBe('')
    rmSync(join(volume, 'something else'))
    await lock.check()
    expect(JSON.parse(readFileSync(lockPath(volume), 'utf8'))).toMatchObject({ runId: 'run-1' })
    await expect(second()).rejects.toMatchObject({ message: expect.stringContaining('locked by run run-1') })

    await lock.release()
    expect(readdirSync(join(volume, '.backup/locks'))).toEqual([])
  })

  test('shows signs of life while it is empty', async () => {
    const volume = full()
    await using lock = await acquireLock(input(volume, { alsoOnFull: true }), never)
    const before = statSync(lockPath(volume), { bigint: true }).mtimeNs

    await expect
      .poll(async () => {
        await lock.check()
        return statSync(lockPath(volume), { bigint: true }).mtimeNs > before
      })
      .toBe(true)
  })

  test('is lost to another empty one in its place, which stays', async () => {
    const volume = full()
    const lock = await acquireLock(input(volume, { alsoOnFull: true }), never)
    rmSync(lockPath(volume))
    writeFileSync(lockPath(volume), '')

    await expect(lock.check()).rejects.toMatchObject({ kind: 'locked' })
    await lock.release()

    expect(existsSync(lockPath(volume))).toBe(true)
  })
})
