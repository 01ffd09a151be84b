import { createHash, type Hash } from 'node:crypto'
import type { PostgresContent } from '../content.ts'
import type { CopyHeader } from '../sql/copy-header.ts'
import { DumpScanner } from '../sql/dump-scanner.ts'
import type { ItemSinks } from './item-sink.ts'
import { LongestRow } from './longest-row.ts'
import { Partitions } from './partitions.ts'
import { StatementDigests } from './statement-digests.ts'
import { TrailerWatch } from './trailer.ts'

/**
 * What a dump holds, small enough for a manifest. Version 1, all digests SHA-256 in hexadecimal:
 *
 * - `tables`: each COPY block in the dump's order (a table with two blocks has two entries). The digest is over the
 *   block's data lines as written, newlines included, without the closing `\.`; `rows` is the number of lines.
 * - `statements`: a statement's item digest is over its bytes from the first token to the semicolon, both included.
 *   `sha256` is over the 32-byte item digests, sorted by their bytes and written one after the other, so that the order
 *   of statements does not matter and repetitions do. Not counted: comments, backslash commands, SET,
 *   `SELECT pg_catalog.set_config(…)`, BEGIN and COMMIT, COPY, and what the next two hold.
 * - `sequences`: the same over the `SELECT pg_catalog.setval(…)` statements.
 * - `largeObjects`: the same over one item per large object, from its `lo_open` to its `lo_close`. The item digest is over
 *   its OID in decimal digits, one newline, and the hexadecimal digits of all its `lowrite` calls together, without
 *   `\x`, so that the size of the calls does not matter. `lo_create` is an ordinary statement.
 */
export type Fingerprint = PostgresContent['fingerprint']

/** One COPY block of a dump: the table and its columns as written there, its rows, and the digest of its data. */
export type TableFingerprint = Fingerprint['tables'][number]

export interface FingerprintResult {
  readonly fingerprint: Fingerprint
  /**
   * The dump is whole: `pg_dump`'s trailer stands between statements, outside data and strings; only blank lines, comments
   * and the `\unrestrict` that belongs to the dump's `\restrict` follow; nothing was left open. False for a dump that was
   * cut anywhere before.
   */
  readonly complete: boolean
}

/** Takes the fingerprint of a dump while it passes by. Its memory grows by 32 bytes a statement and by one entry a table. */
export class Fingerprinter {
  readonly #clientEncoding: string
  readonly #statements: StatementDigests
  readonly #trailer = new TrailerWatch()
  readonly #partitions = new Partitions()
  readonly #tables: TableFingerprint[] = []
  readonly #scanner: DumpScanner
  #header: CopyHeader = { table: '', columns: [] }
  #data: Hash = createHash('sha256')
  #rows = 0
  #longest = new LongestRow()

  /** `items` and `headBytes`: where the items' digests go, as StatementDigests takes them; only their summary is kept by default. */
  constructor(options: {
    readonly clientEncoding: string
    readonly items?: ItemSinks
    readonly headBytes?: number
  }) {
    this.#clientEncoding = options.clientEncoding
    this.#statements = new StatementDigests(options.items, options.headBytes)
    this.#scanner = new DumpScanner({
      comment: text => this.#trailer.comment(text),
      metaCommand: text => this.#trailer.metaCommand(text),
      statement: (bytes, state) => this.#statement(bytes, state),
      copyStart: header => this.#startTable(header),
      copyData: (bytes, rows) => this.#addRows(bytes, rows),
      copyEnd: () => this.#endTable(),
    })
  }

  /** Of the statements so far, for a manifest; null where there are very many. */
  statementBeginnings(): string | null {
    return this.#statements.beginnings()
  }

  /** The dump's next bytes, cut anywhere. Throws what DumpScanner.write throws. */
  write(chunk: Buffer): void {
    this.#scanner.write(chunk)
  }

  /** The dump is over; may be called once. A dump that was cut yields what was whole in it, and `complete: false`. */
  end(): FingerprintResult {
    const unfinished = this.#scanner.end()
    const complete = unfinished === null && !this.#statements.insideLargeObject && this.#trailer.complete
    return { fingerprint: this.#fingerprint(), complete }
  }

  #fingerprint(): Fingerprint {
    return {
      version: 1,
      session: { timeZone: 'UTC', clientEncoding: this.#clientEncoding },
      ...this.#statements.summary(),
      tables: this.#tables.map(table => withRoot(table, this.#partitions.rootOf(table.name))),
    }
  }

  #statement(bytes: Buffer, state: { readonly last: boolean }): void {
    this.#trailer.content()
    this.#partitions.statement(bytes, state)
    this.#statements.statement(bytes, state)
  }

  #startTable(header: CopyHeader): void {
    this.#trailer.content()
    this.#header = header
    this.#data = createHash('sha256')
    this.#rows = 0
    this.#longest = new LongestRow()
  }

  #addRows(bytes: Buffer, rows: number): void {
    this.#data.update(bytes)
    this.#longest.write(bytes)
    this.#rows += rows
  }

  #endTable(): void {
    const { table, columns } = this.#header
    const { bytes: longestRow } = this.#longest
    const fingerprint = { name: table, columns, rows: this.#rows, sha256: this.#data.digest('hex') }
    this.#tables.push(longestRow === undefined ? fingerprint : { ...fingerprint, longestRow })
  }
}

function withRoot(table: TableFingerprint, root: string | undefined): TableFingerprint {
  return root === undefined ? table : { ...table, root }
}
