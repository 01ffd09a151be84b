import { OperatorError } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import { volumeError } from '../volume-error.ts'
import { type FoundLock, type LockHolder, readLockFile, removeLockFile, touchLockFile } from './lock-file.ts'
import { isSame, touchUnwritten, type Unwritten } from './unwritten-lock.ts'

const HEARTBEAT_MS = 10_000
/** Without a heartbeat for this long the lock counts as lost, well before others may take it over. */
const GIVE_UP_AFTER_MS = 60_000

/** A lock that this run holds until it is disposed of, which never throws: a lock file that stays goes stale by itself. */
export interface Lock extends AsyncDisposable {
  readonly stem: string
  /** Why the volume does not say who holds it, although nobody else can take it; null where it does. */
  readonly problem: OperatorError | null
  /** Aborted, with an OperatorError as reason, when a heartbeat finds that the lock is no longer ours. */
  readonly lost: AbortSignal
  /** Call before something that must not happen without the lock: throws the reason of `lost` if it is no longer ours. */
  check(): Promise<void>
  /** Removes the lock file if it still is ours. May be called again, also after the lock was lost. */
  release(): Promise<void>
}

export interface HoldInput {
  readonly path: string
  readonly stem: string
  readonly holder: LockHolder
  readonly clock: Clock
  /** Where there was no room for the words of the holder. */
  readonly empty?: { readonly file: Unwritten; readonly problem: OperatorError } | null
}

/** Keeps a lock that was just taken alive with a heartbeat every ten seconds. */
export function holdLock(input: HoldInput): Lock {
  const lost = new AbortController()
  const stop = new AbortController()
  const own = ownFile(input)
  const check = async (): Promise<void> => {
    if (!lost.signal.aborted && !(await onVolume(input, own.touch))) lost.abort(lostError(input))
    lost.signal.throwIfAborted()
  }
  const beating = beat(input, check, { lost, stop: stop.signal })
  let released: Promise<void> | undefined
  const release = (): Promise<void> => {
    stop.abort()
    released ??= beating.then(() => onVolume(input, own.remove))
    return released
  }
  return {
    stem: input.stem,
    problem: input.empty?.problem ?? null,
    lost: lost.signal,
    check,
    release,
    [Symbol.asyncDispose]: () => release().catch(() => {}),
  }
}

/** Ends when the lock is lost or released; never rejects. */
async function beat(
  { clock, path }: HoldInput,
  check: () => Promise<void>,
  signals: { readonly lost: AbortController; readonly stop: AbortSignal },
): Promise<void> {
  let lastMs = clock.monotonicMs()
  for (;;) {
    await clock.sleep(HEARTBEAT_MS, signals.stop).catch(() => {})
    if (signals.stop.aborted || signals.lost.signal.aborted) return
    try {
      await check()
      lastMs = clock.monotonicMs()
    } catch (error) {
      // A volume that fails for a moment is no loss: others see the lock as held for longer than we try.
      if (clock.monotonicMs() - lastMs > GIVE_UP_AFTER_MS) signals.lost.abort(volumeError(error, path))
    }
  }
}

interface OwnFile {
  touch(): Promise<boolean>
  remove(): Promise<void>
}

/** The lock file: ours by the token in it, or, for as long as it is empty, by what we know of it. */
function ownFile({ path, holder, empty }: HoldInput): OwnFile {
  let unwritten: Unwritten | null = empty?.file ?? null
  let last: Promise<unknown> = Promise.resolve()
  const touchNow = async (): Promise<boolean> => {
    if (unwritten === null) return await touchLockFile(path, holder.token)
    const found = await touchUnwritten(path, holder, unwritten)
    if (typeof found === 'object') unwritten = found
    else if (found === 'written') unwritten = null
    return found !== 'lost'
  }
  const isOwn = (found: FoundLock | null): boolean =>
    found?.holder?.token === holder.token || (found !== null && unwritten !== null && isSame(found, unwritten))
  return {
    // One after the other: each has to know what the one before has left.
    touch() {
      const touched = last.then(touchNow)
      last = touched.catch(() => {})
      return touched
    },
    async remove() {
      await last
      if (isOwn(await readLockFile(path))) await removeLockFile(path, isOwn)
    },
  }
}

async function onVolume<Result>({ path }: HoldInput, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw volumeError(error, path)
  }
}

function lostError({ stem, holder }: HoldInput): OperatorError {
  return new OperatorError(
    'locked',
    `${stem}: the lock was taken over by another run; expected run ${holder.runId} to hold it`,
    {
      hint: 'this run had stopped for more than 90 seconds, or someone removed its lock; the next run starts afresh',
    },
  )
}
