import { firstLiteral } from '../../sql/written-name.ts'
import type { ExtensionRelations } from './extension-relations.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'

interface SequenceContext {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly relations: ExtensionRelations
  readonly outcome: LoadOutcome
}

/**
 * Sets sequences to their values, and once more at the end: what loads in between, such as a materialized view, may draw
 * from them.
 */
export class SequenceValues {
  readonly #context: SequenceContext
  readonly #set: { readonly statement: Buffer; readonly session: LoadSession }[] = []

  constructor(context: SequenceContext) {
    this.#context = context
  }

  async set(statement: Buffer): Promise<void> {
    const { admin, loader, relations } = this.#context
    const session = (await relations.has(firstLiteral(statement) ?? '')) ? admin : loader
    if (await this.#run(session, statement)) this.#set.push({ statement, session })
  }

  async setAgain(): Promise<void> {
    for (const { statement, session } of this.#set) await this.#run(session, statement)
  }

  async #run(session: LoadSession, statement: Buffer): Promise<boolean> {
    try {
      await session.runOne(statement)
      return true
    } catch (error) {
      this.#context.outcome.refused(statement, error)
      return false
    }
  }
}
