import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { ConnectOptions } from '../connection/connection.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { LoadSession } from './load-session.ts'

interface LoaderSessionsInput {
  readonly admin: LoadSession
  readonly loader: DatabaseTarget
  /** How many sessions make indexes at a time. */
  readonly jobs: number
  readonly options: ConnectOptions & { readonly loadEncoding: string | null }
}

/**
 * The sessions of the loader, all opened before anything of the archive is there. Then the loader can't log in any more:
 * code that runs as it could give it a password that somebody knows, and a session that outlives its statement.
 */
export class LoaderSessions implements AsyncDisposable {
  readonly first: LoadSession
  readonly #others: LoadSession[]

  private constructor(first: LoadSession, others: LoadSession[]) {
    this.first = first
    this.#others = others
  }

  /** Rejects with an OperatorError, or with the signal's reason. */
  static async open(input: LoaderSessionsInput, signal: AbortSignal): Promise<LoaderSessions> {
    const { admin, loader, jobs, options } = input
    await using opened = new AsyncDisposableStack()
    const open = async (): Promise<LoadSession> => opened.use(await LoadSession.open(loader, options, signal))
    const first = await open()
    const others: LoadSession[] = []
    if (jobs > 1) for (let job = 0; job < jobs; job++) others.push(await open())
    if (admin.isSuperuser && admin.user !== loader.user) {
      const shut = `ALTER ROLE ${quoteIdentifier(loader.user)} NOLOGIN PASSWORD NULL`
      await admin.runOne(Buffer.from(shut))
    }
    opened.move()
    return new LoaderSessions(first, others)
  }

  /** One that nobody has taken yet; whoever takes it closes it. */
  async take(): Promise<LoadSession> {
    const session = this.#others.pop()
    if (session === undefined) throw new Error('more sessions of the loader are asked for than there are jobs')
    return session
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of [...this.#others.splice(0), this.first]) await session[Symbol.asyncDispose]()
  }
}
