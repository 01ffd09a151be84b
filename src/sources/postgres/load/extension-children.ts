import { madeRelation } from '../sql/made-relation.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import type { ExtensionRelations } from './extension-relations.ts'
import type { LoadSession } from './load-session.ts'

interface ChildrenInput {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly relations: ExtensionRelations
  /** A person trusts the archive as the target. */
  readonly isTrusted: boolean
}

const WITHHELD =
  'it inherits from a table of an extension, which only the owner of that may let it do: not made, since who reads that table, a superuser among them, plans with the indexes and checks of this one, and so runs code of the archive'

/**
 * Makes tables that inherit from those of extensions, as the queues of pgq do, where a person trusts the archive: the server
 * asks for an owner of both, so that the admin makes them and gives them to the loader.
 */
export class ExtensionChildren {
  readonly #input: ChildrenInput

  constructor(input: ChildrenInput) {
    this.#input = input
  }

  /** Null where it is no such table. Withheld where nobody trusts the archive. Rejects with what the server says to the admin. */
  async make(statement: Buffer): Promise<'made' | { readonly withheld: string } | null> {
    const { admin, loader, isTrusted } = this.#input
    const made = madeRelation(statement)
    if (made === null || made.parents.length === 0) return null
    if (!(await this.#isOfExtension(made.parents))) return null
    if (!isTrusted) return { withheld: WITHHELD }
    const change = `ALTER TABLE ${made.name} OWNER TO ${quoteIdentifier(loader.user)}`
    await admin.runEach([statement, Buffer.from(change, 'latin1')])
    return 'made'
  }

  async #isOfExtension(parents: readonly string[]): Promise<boolean> {
    for (const parent of parents) if (await this.#input.relations.has(parent)) return true
    return false
  }
}
