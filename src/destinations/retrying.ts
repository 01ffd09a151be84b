import { OperatorError } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import type { Destination } from './destination.ts'

/** How long to wait before each further try. */
const BACK_OFF_MS = [2_000, 10_000, 30_000]

export interface RetryOptions {
  readonly clock: Clock
  readonly backOffMs?: readonly number[]
  /** Called before each wait. */
  readonly onRetry?: (retry: { readonly error: OperatorError; readonly waitMs: number }) => void
}

/**
 * The same destination, which tries again after errors of kind `connection`. Once all tries of one call have failed, the
 * destination counts as down: later calls fail at once with the same error, so that a run with many files waits only
 * once. Whoever wants to know again makes a new one.
 */
export function retrying(destination: Destination, options: RetryOptions): Destination {
  let down: OperatorError | null = null

  async function again<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (const waitMs of options.backOffMs ?? BACK_OFF_MS) {
      try {
        return await once(work)
      } catch (error) {
        if (!isWorthAnotherTry(error) || error === down) throw error
        options.onRetry?.({ error, waitMs })
        await options.clock.sleep(waitMs, signal)
      }
    }
    return await once(work).catch((error: unknown) => {
      if (isWorthAnotherTry(error)) down = error
      throw error
    })
  }

  async function once<T>(work: () => Promise<T>): Promise<T> {
    if (down !== null) throw down
    return await work()
  }

  return {
    name: destination.name,
    place: destination.place,
    put: (put, signal) => again(() => destination.put(put, signal), signal),
    list: signal => again(() => destination.list(signal), signal),
    get: (file, signal) => again(() => destination.get(file, signal), signal),
    remove: (name, signal) => again(() => destination.remove(name, signal), signal),
    async [Symbol.asyncDispose]() {
      await destination[Symbol.asyncDispose]()
    },
  }
}

function isWorthAnotherTry(error: unknown): error is OperatorError {
  return error instanceof OperatorError && error.kind === 'connection'
}
