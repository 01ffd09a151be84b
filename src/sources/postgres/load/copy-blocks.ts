import { type CopyTarget, copyStatement } from '../sql/copy-target.ts'
import { readable } from '../sql/token-reader.ts'
import type { ExtensionRelations } from './extension-relations.ts'
import type { LentRights } from './lent-rights.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { CopyIn, LoadSession } from './load-session.ts'

interface CopyContext {
  readonly loader: LoadSession
  readonly relations: ExtensionRelations
  readonly lent: LentRights
  readonly outcome: LoadOutcome
}

/** Sends the COPY blocks of a dump, one after the other. */
export class CopyBlocks {
  readonly #context: CopyContext
  /** By table as written: how many bytes it got. */
  readonly #bytes = new Map<string, number>()
  #target: CopyTarget = { table: '', columns: [] }
  #copy: CopyIn | null = null
  #rows = 0

  constructor(context: CopyContext) {
    this.#context = context
  }

  /** How many bytes of rows a table got; `table` as written, one character per byte. */
  bytesOf(table: string): number {
    return this.#bytes.get(table) ?? 0
  }

  /**
   * In one transaction with a TRUNCATE of the table, so that the order of the rows is kept and, with wal_level=minimal,
   * nothing is logged. A table of an extension has rows already, and another owner, so that the right to add to it is lent:
   * the loader copies, since what has that name may be a table with code by now. A second block adds to the first.
   */
  async start(target: CopyTarget): Promise<void> {
    const { loader, relations, lent } = this.#context
    const isOfExtension = await relations.has(target.table)
    const isFirst = !this.#bytes.has(target.table)
    const truncate =
      isFirst && !isOfExtension ? Buffer.from(`TRUNCATE ONLY ${target.table}; `, 'latin1') : Buffer.alloc(0)
    this.#target = target
    this.#rows = 0
    if (isFirst) this.#bytes.set(target.table, 0)
    try {
      if (isOfExtension) await lent.lendOn('TABLE', 'INSERT', target.table)
      this.#copy = await loader.copyIn(Buffer.concat([truncate, copyStatement(target)]))
    } catch (error) {
      this.#refused(error)
    }
  }

  /** Gives a promise only if the caller has to wait. */
  data(bytes: Buffer, rows: number): Promise<void> | undefined {
    this.#rows += rows
    this.#bytes.set(this.#target.table, this.bytesOf(this.#target.table) + bytes.length)
    return this.#copy?.write(bytes)
  }

  async end(): Promise<void> {
    const copy = this.#copy
    this.#copy = null
    if (copy === null) return
    try {
      await copy.end()
      this.#context.outcome.rows += this.#rows
    } catch (error) {
      this.#refused(error)
    }
  }

  #refused(error: unknown): void {
    this.#context.outcome.refused({ kind: 'TABLE DATA', identity: readable(this.#target.table) }, error)
  }
}
