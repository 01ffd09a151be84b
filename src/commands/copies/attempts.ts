import type { Destination } from '../../destinations/destination.ts'
import { type Failure, type FailureKind, failureOf, logLinesOf, OperatorError } from '../../errors.ts'
import type { CopyOutcome } from '../../events.ts'
import type { Log } from '../../system/log.ts'

/** Errors that every other file would meet as well. A refused password is not tried again: some servers lock the user out. */
const ABOUT_ALL_FILES: ReadonlySet<FailureKind> = new Set([
  'authentication',
  'configuration',
  'connection',
  'rights',
  'space',
])

/** What one run tries at one destination, and what it knows of it by now. */
export interface Attempts {
  /** Never rejects. After an error that is about all files, it fails at once and with the same reason. */
  attempt(work: () => Promise<void>, signal: AbortSignal): Promise<Pick<CopyOutcome, 'state' | 'failure'>>
  /** Nothing can be done there any more. */
  isStopped(): boolean
  /** Why not all went well; the first reason. */
  failure(): Failure | null
}

export function createAttempts({ name }: Pick<Destination, 'name'>, log: Pick<Log, 'error'>): Attempts {
  let stopped: unknown = null
  let first: unknown = null
  const note = (error: unknown): void => {
    first ??= error
    if (error instanceof OperatorError && ABOUT_ALL_FILES.has(error.kind)) stopped ??= error
    const lines = logLinesOf(error)
    if (lines.length > 0) log.error('copy-failure-details', { destination: name, lines })
  }
  return {
    isStopped: () => stopped !== null,
    failure: () => (first === null ? null : failureOf(first)),
    async attempt(work, signal) {
      if (signal.aborted) return { state: 'waiting', failure: null }
      if (stopped !== null) return { state: 'failed', failure: failureOf(stopped) }
      try {
        await work()
        return { state: 'done', failure: null }
      } catch (error) {
        if (signal.aborted) return { state: 'waiting', failure: null }
        note(error)
        return { state: 'failed', failure: failureOf(error) }
      }
    },
  }
}
