import type { DatabaseTarget } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { type ClientSession, type ConnectOptions, openClient } from '../connection/connection.ts'
import { connectionFailure } from '../connection/connection-failure.ts'
import { LOAD_SESSION } from '../connection/session-parameters.ts'
import { quoteLiteral } from '../sql/quote.ts'
import { Exchange, type TextRows } from './exchange.ts'
import { COPY_DONE, copyDataHead, queryMessage, singleStatementMessages, statementsMessages } from './protocol.ts'

/** The rows of one COPY on their way to the server. */
export interface CopyIn {
  /** Gives a promise only if the caller has to wait. Bytes that come after a refusal are dropped. */
  write(bytes: Buffer): Promise<void> | undefined
  /** All rows were given. Rejects with the server's error, wherever in the data it was. */
  end(): Promise<void>
}

/**
 * A session of a load: no time limits, text in and out as bytes of the archive's encoding. What it rejects with is raw:
 * `pg.DatabaseError`, or an error of the connection.
 */
export class LoadSession implements AsyncDisposable {
  readonly user: string
  readonly isSuperuser: boolean
  readonly #session: ClientSession

  private constructor(session: ClientSession, facts: { readonly user: string; readonly isSuperuser: boolean }) {
    this.#session = session
    this.user = facts.user
    this.isSuperuser = facts.isSuperuser
  }

  /** Rejects with an OperatorError, or with the signal's reason. */
  static async open(
    target: DatabaseTarget,
    options: ConnectOptions & { readonly loadEncoding: string | null },
    signal: AbortSignal,
  ): Promise<LoadSession> {
    const session = await openClient(target, { ...options, queryTimeoutMs: 0 }, signal)
    try {
      const [row] = await session.query<{ superuser: boolean }>(PREPARE)
      if (options.loadEncoding !== null)
        await session.query(`SET client_encoding = ${quoteLiteral(options.loadEncoding)}`)
      return new LoadSession(session, { user: target.user, isSuperuser: row?.superuser === true })
    } catch (error) {
      await session[Symbol.asyncDispose]()
      throw signal.aborted ? signal.reason : connectionFailure(target, error)
    }
  }

  /** Text in the archive's encoding, perhaps several statements; the rows of all of them. */
  async run(text: Buffer): Promise<TextRows> {
    return await this.#ask(queryMessage(refuseZero(text))).answer
  }

  /** Exactly one statement: the server refuses a text with more. */
  async runOne(text: Buffer): Promise<void> {
    await this.#ask(singleStatementMessages(refuseZero(text))).answer
  }

  /** Each of them exactly one statement, all in one transaction; rejects with the first refusal, and then none has run. */
  async runEach(texts: readonly Buffer[]): Promise<void> {
    await this.#ask(statementsMessages(texts.map(refuseZero))).answer
  }

  /** `text` ends with a COPY … FROM stdin; what stands before it runs in the same transaction. */
  async copyIn(text: Buffer): Promise<CopyIn> {
    const exchange = this.#ask(queryMessage(refuseZero(text)), { copies: true })
    await exchange.copying
    return {
      write: bytes => (bytes.length === 0 ? undefined : exchange.send(copyDataHead(bytes.length), bytes)),
      async end() {
        void exchange.send(COPY_DONE)
        await exchange.answer
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }

  #ask(question: Buffer, options: { readonly copies: boolean } = { copies: false }): Exchange {
    const exchange = new Exchange(question, options)
    this.#session.client.query(exchange)
    return exchange
  }
}

/** It would end the message early: the server would run something else than what was read. */
function refuseZero(text: Buffer): Buffer {
  if (!text.includes(0)) return text
  throw new OperatorError('incomplete', 'dump: a statement with a zero byte; expected text')
}

/**
 * The parameters of LOAD_SESSION; those that this server lacks, or that this session may not set, are passed over.
 */
const PREPARE = `
SELECT pg_catalog.current_setting('is_superuser') = 'on' AS superuser, pg_catalog.count(pg_catalog.set_config(s.name, w.value, false))
FROM pg_catalog.pg_settings s JOIN (VALUES ${parameterRows()}) w(name, value) ON pg_catalog.lower(s.name) = w.name
WHERE s.context = 'user' OR pg_catalog.current_setting('is_superuser') = 'on'`

function parameterRows(): string {
  return Object.entries(LOAD_SESSION)
    .map(([name, value]) => `(${quoteLiteral(name)}, ${quoteLiteral(value)})`)
    .join(', ')
}
