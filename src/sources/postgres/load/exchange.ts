import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { COPY_FAIL } from './protocol.ts'

/** Bytes that may wait in the socket before a writer waits too: enough to keep the server busy. */
const MOST_WAITING_BYTES = 262_144

/** The rows of an answer, as text. */
export type TextRows = readonly (readonly (string | null)[])[]

/**
 * One question to the server and its answer, in the form in which `pg` takes foreign queries (`client.query(exchange)`),
 * so that the question can be bytes in any encoding.
 */
export class Exchange {
  readonly #question: Buffer
  readonly #copies: boolean
  readonly #answer = Promise.withResolvers<TextRows>()
  readonly #copying = Promise.withResolvers<void>()
  readonly #rows: (readonly (string | null)[])[] = []
  #stream: Duplex | null = null
  #isOver = false

  /** `copies`: the question ends with a COPY … FROM stdin. Any other request for data gets none. */
  constructor(question: Buffer, options: { readonly copies: boolean } = { copies: false }) {
    this.#question = question
    this.#copies = options.copies
    // Whoever waits for one of the two may never come to wait for the other.
    this.#copying.promise.catch(() => {})
    this.#answer.promise.catch(() => {})
  }

  /** Settles when the server is ready for the next question; rejects with what it said, or with the loss of the connection. */
  get answer(): Promise<TextRows> {
    return this.#answer.promise
  }

  /** Settles when the server waits for the data of a COPY; rejects as `answer` does. */
  get copying(): Promise<void> {
    return this.#copying.promise
  }

  /** The server has answered: nothing more needs to be sent. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Sends more bytes. Gives a promise only if the caller has to wait before the next ones; it never rejects. */
  send(...pieces: readonly Buffer[]): Promise<void> | undefined {
    const stream = this.#stream
    if (stream === null || this.#isOver) return undefined
    stream.cork()
    for (const piece of pieces) stream.write(piece)
    stream.uncork()
    return stream.writableLength > MOST_WAITING_BYTES ? this.#drained(stream) : undefined
  }

  async #drained(stream: Duplex): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    stream.once('drain', resolve)
    await Promise.race([
      promise,
      this.#answer.promise.then(
        () => {},
        () => {},
      ),
    ])
    stream.off('drain', resolve)
  }

  submit(connection: pg.Connection): void {
    this.#stream = connection.stream
    this.#stream.write(this.#question)
  }

  handleCopyInResponse(): void {
    if (this.#copies) this.#copying.resolve()
    else void this.send(COPY_FAIL)
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.#rows.push(message.fields)
  }

  handleError(error: unknown): void {
    this.#isOver = true
    this.#copying.reject(error)
    this.#answer.reject(error)
  }

  handleReadyForQuery(): void {
    this.#isOver = true
    this.#copying.reject(new Error('the server did not ask for the data of a COPY'))
    this.#answer.resolve(this.#rows)
  }

  handleRowDescription(): void {}
  handleCopyData(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}
