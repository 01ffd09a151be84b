import { firstLiteral } from '../sql/written-name.ts'
import type { ExtensionRelations } from './extension-relations.ts'
import type { LentRights } from './lent-rights.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'
import type { StatementGroup } from './statement-group.ts'

interface SequenceContext {
  readonly loader: LoadSession
  readonly relations: ExtensionRelations
  readonly lent: LentRights
  readonly outcome: LoadOutcome
  readonly group: StatementGroup
}

/**
 * Sets sequences to their values, and once more at the end: what loads in between, such as a materialized view, may draw
 * from them. The right to those of extensions is lent.
 */
export class SequenceValues {
  readonly #context: SequenceContext
  readonly #set = new Set<Buffer>()
  /** Of these statements the sequences that are extensions' own. */
  readonly #ofExtensions = new Map<Buffer, string>()

  constructor(context: SequenceContext) {
    this.#context = context
  }

  async set(statement: Buffer): Promise<void> {
    const { relations, lent } = this.#context
    const sequence = firstLiteral(statement) ?? ''
    if (await relations.has(sequence)) {
      await lent.lendOn('SEQUENCE', 'UPDATE', sequence)
      this.#ofExtensions.set(statement, sequence)
    }
    this.#set.add(statement)
    await this.#add(statement)
  }

  async setAgain(): Promise<void> {
    for (const statement of this.#set) await this.#add(statement)
    await this.#context.group.flush()
  }

  async #add(statement: Buffer): Promise<void> {
    const { group, lent } = this.#context
    const sequence = this.#ofExtensions.get(statement)
    if (sequence === undefined) return await group.add({ statement, alone: () => this.#run(statement) })
    await group.flush()
    await lent.openSchemaOf(sequence)
    await this.#run(statement)
    await lent.takeBackNow()
  }

  async #run(statement: Buffer): Promise<void> {
    try {
      await this.#context.loader.runOne(statement)
    } catch (error) {
      this.#set.delete(statement)
      await this.#context.outcome.refused(statement, error)
    }
  }
}
