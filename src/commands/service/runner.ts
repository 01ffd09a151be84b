import type { QueuedRun } from '../../schedule/queue.ts'
import type { Clock } from '../../system/clock.ts'
import type { Context } from '../context.ts'
import type { ProcessParts } from '../create-context.ts'
import { withSecretsOfNow } from './configuration-in-force.ts'
import type { StatusRefresher } from './refresh-status.ts'
import { runScheduled } from './run-scheduled.ts'
import type { StatusBoard } from './status-board.ts'

/** How a person or the platform ends the service. */
export interface ServiceSignals {
  /** No run is started any more; the one that is under way may go on for SHUTDOWN_GRACE. */
  readonly signal: AbortSignal
  /** It ends now. */
  readonly again: AbortSignal
}

/** Runs what is due, one after the other, each with the secrets of its own beginning; disposing of it ends its wait for the grace period. */
export interface Runner extends AsyncDisposable {
  run(queued: QueuedRun): Promise<void>
}

export interface RunnerInput {
  readonly board: StatusBoard
  readonly refresher: StatusRefresher
  readonly parts: ProcessParts
  readonly clock: Clock
  readonly notifications: Context['notifications']
}

/** After the first signal the run that is under way has SHUTDOWN_GRACE, after a second one nothing, to come to its end. */
export function createRunner(input: RunnerInput, signals: ServiceSignals): Runner {
  const { board, clock, parts, notifications } = input
  const over = new AbortController()
  // One controller for each run: what listens on it goes with it, however long the service runs.
  let current = new AbortController()
  const onSignal = (): void => void endAfterGrace()
  const endAfterGrace = async (): Promise<void> => {
    const { shutdownGraceMs } = board.known().inForce.configuration.settings
    await clock.sleep(shutdownGraceMs, AbortSignal.any([signals.again, over.signal])).catch(() => {})
    current.abort(signals.signal.reason)
  }
  signals.signal.addEventListener('abort', onSignal, { once: true })
  return {
    async run(queued) {
      current = new AbortController()
      const inForce = withSecretsOfNow(board.known().inForce, parts)
      board.update({ inForce })
      const { configuration } = inForce
      notifications.renew(configuration.notifications)
      const exitCode = await runScheduled({ queued, configuration, parts, clock, notifications }, current.signal)
      board.runEnded(exitCode)
      await input.refresher.now()
    },
    async [Symbol.asyncDispose]() {
      signals.signal.removeEventListener('abort', onSignal)
      over.abort()
    },
  }
}
