import type { Clock } from '../system/clock.ts'
import { untilAborted } from './until-aborted.ts'

/** A connection that nobody used for so long may have been forgotten by a firewall: asking would cost a whole timeout. */
const IDLE_MS = 30_000

/** How one protocol's connections are opened and what their errors mean. */
export interface SharedLineParts<Connection, Step> {
  readonly clock: Clock
  /** Rejects with an OperatorError. */
  open(signal: AbortSignal): Promise<Connection>
  isClosed(connection: Connection): boolean
  close(connection: Connection): void
  /** Whether it is a server's answer, after which the conversation goes on; after anything else nobody knows where it stands. */
  isAnswer(error: unknown): boolean
  /** The error as an OperatorError that may leave the pod; a bug stays as it is. */
  explain(step: Step, error: unknown, connection: Connection): unknown
}

/** The one connection to a server: opened when it is needed, kept for the next use, opened anew after it broke. */
export interface SharedLine<Connection, Step> extends AsyncDisposable {
  /** Does one thing at a time: who calls while another one works waits. Rejects with an OperatorError. */
  use<T>(step: Step, work: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T>
}

export function createSharedLine<Connection, Step>(
  parts: SharedLineParts<Connection, Step>,
): SharedLine<Connection, Step> {
  const { clock } = parts
  let turn: Promise<unknown> = Promise.resolve()
  let connection: Connection | null = null
  let usedAt = 0

  async function opened(signal: AbortSignal): Promise<Connection> {
    const isFresh = clock.monotonicMs() - usedAt < IDLE_MS
    if (connection !== null && !parts.isClosed(connection) && isFresh) return connection
    if (connection !== null) parts.close(connection)
    connection = null
    connection = await parts.open(signal)
    return connection
  }

  async function work<T>(step: Step, task: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    const open = await opened(signal)
    try {
      return await untilAborted(task(open), signal)
    } catch (error) {
      if (!parts.isAnswer(error)) parts.close(open)
      throw signal.aborted ? signal.reason : await parts.explain(step, error, open)
    } finally {
      usedAt = clock.monotonicMs()
    }
  }

  return {
    use(step, task, signal) {
      const mine = turn.then(() => work(step, task, signal))
      turn = mine.catch(() => {})
      // Who waits for its turn does not wait after an abort either.
      return untilAborted(mine, signal)
    },
    async [Symbol.asyncDispose]() {
      await turn
      if (connection !== null) parts.close(connection)
      connection = null
    },
  }
}
