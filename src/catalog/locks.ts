import { randomUUID } from 'node:crypto'
import { dirname, relative } from 'node:path'
import { OperatorError } from '../errors.ts'
import { makeFolderBelow } from '../system/below.ts'
import type { Clock } from '../system/clock.ts'
import { isOutOfSpace } from '../system/error-code.ts'
import { isCertainlyGone, ownIdentity } from '../system/process-identity.ts'
import { volumeError } from '../volume-error.ts'
import { type HoldInput, holdLock, type Lock } from './held-lock.ts'
import {
  createLockFile,
  type FoundLock,
  fileSystemNowNs,
  type LockHolder,
  lockPath,
  readLockFile,
  removeLockFile,
} from './lock-file.ts'
import { createUnwritten } from './unwritten-lock.ts'

/** A lock without a heartbeat for this long belongs to a dead run. NFS may show times that are up to 60 s old. */
const STALE_AFTER_MS = 90_000
const FIRST_STEP_MS = 200
const LONGEST_STEP_MS = 3_000

export interface LockInput {
  readonly backupDir: string
  readonly stem: string
  readonly runId: string
  /** How long to wait for a lock that another run holds; 0: not at all. */
  readonly waitMs: number
  readonly clock: Clock
  /** Whether a lock will do that does not say who holds it, where there is no room for that: for who makes room. */
  readonly alsoOnFull?: boolean
}

/**
 * Takes the lock of a stem, which guards its dump and its pruning, also against runs in other pods on the same volume.
 * A lock is taken over when its process is certainly gone, or when its last heartbeat is older than 90 seconds by the
 * file system's own clock. Throws an OperatorError: `locked` when another run holds it for longer than `waitMs`,
 * `volume` or `space` when the volume does not take the lock file; or the signal's reason.
 */
export async function acquireLock(input: LockInput, signal: AbortSignal): Promise<Lock> {
  const path = lockPath(input.backupDir, input.stem)
  const deadline = input.clock.monotonicMs() + input.waitMs
  for (let stepMs = FIRST_STEP_MS; ; stepMs = Math.min(stepMs * 1.5, LONGEST_STEP_MS)) {
    signal.throwIfAborted()
    const attempt = await tryOnVolume(path, () => tryLock(path, input))
    if ('holder' in attempt) return holdLock({ ...attempt, path, stem: input.stem, clock: input.clock })
    const leftMs = deadline - input.clock.monotonicMs()
    if (leftMs <= 0) throw lockedError(input.stem, attempt.blocker)
    await input.clock.sleep(Math.min(stepMs, leftMs), signal)
  }
}

type Taken = Pick<HoldInput, 'holder' | 'empty'>

/** The lock that was taken, or the one that stands in the way. */
async function tryLock(path: string, input: LockInput): Promise<Taken | { readonly blocker: FoundLock }> {
  const holder = { ...ownIdentity(), token: randomUUID(), runId: input.runId, since: input.clock.now().toISOString() }
  await makeFolderBelow(input.backupDir, relative(input.backupDir, dirname(path)))
  for (;;) {
    const taken = await take(path, holder, input)
    if (taken !== null) return taken
    const found = await readLockFile(path)
    if (found === null) continue
    if (!(await isStale(path, found))) return { blocker: found }
    await removeLockFile(path, again => again.inode === found.inode && again.touchedNs === found.touchedNs)
  }
}

/** Null where there is a lock file already. */
async function take(path: string, holder: LockHolder, { alsoOnFull = false }: LockInput): Promise<Taken | null> {
  try {
    return (await createLockFile(path, holder)) ? { holder } : null
  } catch (error) {
    const problem = volumeError(error, path)
    if (!(alsoOnFull && isOutOfSpace(error) && problem instanceof OperatorError)) throw error
    const file = await createUnwritten(path)
    return file === null ? null : { holder, empty: { file, problem } }
  }
}

/** Whether the holder of a lock file is certainly gone, or has not touched it for 90 seconds by the file system's clock. */
export async function isStale(path: string, found: FoundLock): Promise<boolean> {
  if (found.holder !== null && isCertainlyGone(found.holder, ownIdentity())) return true
  const age = (await fileSystemNowNs(path)) - found.touchedNs
  return age > BigInt(STALE_AFTER_MS) * 1_000_000n
}

async function tryOnVolume<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw volumeError(error, path)
  }
}

function lockedError(stem: string, { holder }: FoundLock): OperatorError {
  const by =
    holder === null
      ? 'an unknown run'
      : `run ${holder.runId} on ${holder.owner} (process ${holder.pid}) since ${holder.since}`
  return new OperatorError('locked', `${stem}: locked by ${by}; expected no other run`, {
    hint: 'let that run end, or use -s to wait for it; if it is dead, its lock ends 90 seconds after its last sign of life',
  })
}
