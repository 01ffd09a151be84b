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

/**
 * Rows that fill two pages at the most, and so stay in their order: the server looks for space in earlier pages only when
 * it leaves the second.
 */
const FEW_ROWS = 100
const FEW_BYTES = 4_096

/** One COPY block on its way. Its first rows are held until it is known whether there are more than a few. */
interface Block {
  readonly target: CopyTarget
  /** Of a table that the archive made, and that got nothing yet. */
  readonly isFirst: boolean
  held: Buffer[]
  rows: number
  bytes: number
  /** Null until the server waits for data, and after a refusal. */
  copy: CopyIn | null
  state: 'held' | 'sent' | 'refused'
}

/** Sends the COPY blocks of a dump, one after the other. */
export class CopyBlocks {
  readonly #context: CopyContext
  /** By table as written: how many bytes it got. */
  readonly #bytes = new Map<string, number>()
  #block: Block | null = null

  constructor(context: CopyContext) {
    this.#context = context
  }

  /** How many bytes of rows a table got; `table` as written, one character per byte. */
  bytesOf(table: string): number {
    return this.#bytes.get(table) ?? 0
  }

  /**
   * A table of an extension has rows already, and another owner, so that the right to add to it is lent: the loader copies,
   * since what has that name may be a table with code by now. A second block adds to the first.
   */
  async start(target: CopyTarget): Promise<void> {
    const { relations, lent } = this.#context
    const isOfExtension = await relations.has(target.table)
    const isFirst = !this.#bytes.has(target.table) && !isOfExtension
    this.#bytes.set(target.table, this.bytesOf(target.table))
    const block: Block = { target, isFirst, held: [], rows: 0, bytes: 0, copy: null, state: 'held' }
    this.#block = block
    if (isOfExtension)
      await this.#attempt(block, async () => {
        await lent.lendOn('TABLE', 'INSERT', target.table)
        await lent.openSchemaOf(target.table)
        await lent.letTriggersUpdate(target.table)
        await lent.passPolicies(target.table)
      })
  }

  /** Gives a promise only if the caller has to wait. */
  data(bytes: Buffer, rows: number): Promise<void> | undefined {
    const block = this.#block
    if (block === null) return undefined
    block.rows += rows
    block.bytes += bytes.length
    if (block.state === 'refused') return undefined
    if (block.state === 'sent') return block.copy?.write(bytes)
    block.held.push(bytes)
    return block.rows > FEW_ROWS || block.bytes > FEW_BYTES ? this.#send(block) : undefined
  }

  async end(): Promise<void> {
    const block = this.#block
    this.#block = null
    if (block === null) return
    this.#bytes.set(block.target.table, this.bytesOf(block.target.table) + block.bytes)
    if (block.state === 'held') await this.#send(block)
    const { copy } = block
    if (copy !== null) await this.#attempt(block, () => copy.end())
    await this.#context.lent.heedPolicies()
    await this.#context.lent.takeBackNow()
    if (copy !== null && block.state !== 'refused') this.#context.outcome.rows += block.rows
  }

  /**
   * More than a few rows go in one transaction with a TRUNCATE of their table, so that they keep their order and, with
   * wal_level=minimal, nothing is logged. For a few it would take longer than the rows do.
   */
  async #send(block: Block): Promise<void> {
    const { target, isFirst, rows, bytes } = block
    const isFew = rows <= FEW_ROWS && bytes <= FEW_BYTES
    const truncate = isFirst && !isFew ? Buffer.from(`TRUNCATE ONLY ${target.table}; `, 'latin1') : Buffer.alloc(0)
    await this.#attempt(block, async () => {
      const copy = await this.#context.loader.copyIn(Buffer.concat([truncate, copyStatement(target)]))
      block.copy = copy
      block.state = 'sent'
      for (const held of block.held.splice(0)) await copy.write(held)
    })
  }

  async #attempt(block: Block, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      block.state = 'refused'
      block.held = []
      await this.#context.outcome.refused({ kind: 'TABLE DATA', identity: readable(block.target.table) }, error)
    }
  }
}
