import pg from 'pg'
import { ExtensionChildren } from './extension-children.ts'
import type { ExtensionRelations } from './extension-relations.ts'
import { ExtensionSchemas } from './extension-schemas.ts'
import { ForeignKeyRights } from './foreign-key-rights.ts'
import { LateTriggers } from './late-triggers.ts'
import type { LentRights } from './lent-rights.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'
import type { SuperuserObjects } from './superuser-objects.ts'

interface RefusedInput {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly relations: ExtensionRelations
  readonly lent: LentRights
  readonly superuser: SuperuserObjects
  /** A person trusts the archive as the target. */
  readonly isTrusted: boolean
  readonly outcome: LoadOutcome
}

/**
 * What becomes of a statement that the loader was refused: what a table, a key or a trigger needs of an extension's is lent
 * for it, some are made by the admin, the rest is withheld or refused.
 */
export class RefusedToLoader {
  readonly #input: RefusedInput
  readonly #schemas: ExtensionSchemas
  readonly #children: ExtensionChildren
  readonly #foreignKeys: ForeignKeyRights
  readonly #triggers: LateTriggers

  constructor(input: RefusedInput) {
    this.#input = input
    this.#schemas = new ExtensionSchemas(input)
    this.#children = new ExtensionChildren(input)
    this.#foreignKeys = new ForeignKeyRights(input)
    this.#triggers = new LateTriggers(input)
  }

  /** Rejects where the load has to end. */
  async makeAgain(statement: Buffer, error: unknown): Promise<void> {
    await this.#withWhatIsLent(statement, error)
      .catch((refusal: unknown) => this.#foreignKeys.makeAgain(statement, refusal))
      .catch((refusal: unknown) => this.#makeAsAdmin(statement, refusal))
      .catch((refusal: unknown) => this.#input.outcome.refused(statement, refusal))
  }

  /** To be called when all other work of the loader is done. */
  async finish(): Promise<void> {
    await this.#triggers.make()
  }

  /** Before the admin makes anything whole. Throws an OperatorError (`rights`). */
  async requireHarmless(): Promise<void> {
    await this.#schemas.requireRelationsOnly()
  }

  async #withWhatIsLent(statement: Buffer, error: unknown): Promise<void> {
    const { admin, loader } = this.#input
    if (!admin.isSuperuser || admin.user === loader.user) throw error
    if (this.#triggers.keepState(statement)) return
    if (!isMissingRight(error)) throw error
    const kept = await this.#triggers.keep(statement)
    if (kept === 'kept') return
    const lent = kept ?? (await this.#schemas.lendFor(statement))
    if (lent === 'lent') await loader.runOne(statement).catch((again: unknown) => this.#asChild(statement, again))
    else if (lent === null) await this.#asChild(statement, error)
    else this.#input.outcome.withhold(statement, lent.withheld)
  }

  async #asChild(statement: Buffer, error: unknown): Promise<void> {
    const made = isMissingRight(error) ? await this.#children.make(statement) : null
    if (made === null) throw error
    if (made !== 'made') this.#input.outcome.withhold(statement, made.withheld)
  }

  async #makeAsAdmin(statement: Buffer, error: unknown): Promise<void> {
    const { superuser, outcome } = this.#input
    if ((await superuser.makeInstead(statement, error)) === 'withheld') outcome.withhold(statement)
  }
}

/** insufficient_privilege */
function isMissingRight(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '42501'
}
