import { OperatorError } from '../../../errors.ts'
import { type CopyTarget, copyTarget } from './copy-target.ts'
import { DumpScanner, type Unfinished } from './dump-scanner.ts'

/** A function with a body of this size would be a wonder; more would not fit into the memory. */
const LONGEST_STATEMENT = 268_435_456

/** One whole item of a dump. Data of a COPY block comes in pieces, whose bytes may be part of the chunk that was read. */
export type DumpItem =
  | { readonly type: 'statement'; readonly bytes: Buffer }
  | { readonly type: 'copy-start'; readonly target: CopyTarget }
  | { readonly type: 'copy-data'; readonly bytes: Buffer; readonly rows: number }
  | { readonly type: 'copy-end' }
  | { readonly type: 'meta-command'; readonly text: string }

/** Cuts dump text, as it arrives, into items that can be given to a server one by one. */
export class DumpReader {
  #items: DumpItem[] = []
  #pieces: Buffer[] = []
  #length = 0
  readonly #scanner = new DumpScanner({
    comment: () => {},
    metaCommand: text => void this.#items.push({ type: 'meta-command', text }),
    statement: (bytes, state) => this.#statement(bytes, state),
    copyStart: (_header, statement) => void this.#items.push({ type: 'copy-start', target: copyTarget(statement) }),
    copyData: (bytes, rows) => void this.#items.push({ type: 'copy-data', bytes, rows }),
    copyEnd: () => void this.#items.push({ type: 'copy-end' }),
  })

  /** The items that the next bytes complete. Throws an OperatorError (`incomplete`) at text that no dump has. */
  read(chunk: Buffer): readonly DumpItem[] {
    this.#items = []
    this.#scanner.write(chunk)
    return this.#items
  }

  /** The dump is over: tells what it ended inside of, null if it ended between statements. */
  end(): Unfinished | null {
    return this.#scanner.end()
  }

  #statement(bytes: Buffer, state: { readonly first: boolean; readonly last: boolean }): void {
    this.#length += bytes.length
    if (this.#length > LONGEST_STATEMENT)
      throw new OperatorError('incomplete', 'dump: a statement of more than 256 MiB; expected one as pg_dump writes it')
    this.#pieces.push(state.last && this.#pieces.length === 0 ? bytes : Buffer.from(bytes))
    if (!state.last) return
    const [only] = this.#pieces
    const whole = this.#pieces.length === 1 && only !== undefined ? Buffer.from(only) : Buffer.concat(this.#pieces)
    this.#items.push({ type: 'statement', bytes: whole })
    this.#pieces = []
    this.#length = 0
  }
}
