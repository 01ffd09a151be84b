import type { Client } from 'basic-ftp'
import type { FtpSettings } from '../config/destination-settings.ts'
import type { Clock } from '../system/clock.ts'
import { type FtpStep, ftpFailure, replyCode } from './ftps-failure.ts'
import { type LoginOptions, logIn } from './ftps-login.ts'
import { untilAborted } from './until-aborted.ts'

/** A connection that nobody used for so long may have been forgotten by a firewall: asking would cost a whole timeout. */
const IDLE_MS = 30_000

/** The one control connection to a server: opened when it is needed, kept for the next use, opened anew after it broke. */
export interface FtpLine extends AsyncDisposable {
  /** Does one thing at a time: who calls while another one works waits. Rejects with an OperatorError. */
  use<T>(step: FtpStep, work: (client: Client) => Promise<T>, signal: AbortSignal): Promise<T>
}

export function createFtpLine(settings: FtpSettings, options: LoginOptions & { readonly clock: Clock }): FtpLine {
  const { place, clock } = options
  let turn: Promise<unknown> = Promise.resolve()
  let client: Client | null = null
  let usedAt = 0

  async function opened(signal: AbortSignal): Promise<Client> {
    if (client !== null && !client.closed && clock.monotonicMs() - usedAt < IDLE_MS) return client
    client?.close()
    client = null
    client = await logIn(settings, options, signal)
    return client
  }

  async function work<T>(step: FtpStep, task: (client: Client) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    const open = await opened(signal)
    try {
      return await untilAborted(task(open), signal)
    } catch (error) {
      // After a refusal the conversation goes on; after anything else nobody knows where it stands.
      if (replyCode(error) === null) open.close()
      throw signal.aborted ? signal.reason : ftpFailure({ place, password: settings.password }, step, error)
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
      client?.close()
      client = null
    },
  }
}
