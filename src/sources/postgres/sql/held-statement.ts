import { OperatorError } from '../../../errors.ts'

/** 1 600 columns with the longest names, quoted, are a fifth of it. */
const LONGEST = 1_048_576

/** Keeps a COPY or SET statement until it is whole: what comes behind it can't be read before it is understood. */
export class HeldStatement {
  #pieces: Buffer[] = []
  #length = 0

  /** Takes a copy of the bytes. Throws an OperatorError (`incomplete`) when the statement is longer than 1 MiB. */
  add(bytes: Buffer): void {
    this.#length += bytes.length
    if (this.#length > LONGEST) {
      throw new OperatorError(
        'incomplete',
        'dump: a COPY or SET statement of more than 1 MiB; expected one as pg_dump writes it',
      )
    }
    this.#pieces.push(Buffer.from(bytes))
  }

  /** The whole statement, and a new beginning. */
  take(): Buffer {
    const statement = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#length = 0
    return statement
  }
}
