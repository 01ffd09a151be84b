import { madeRelation } from '../sql/made-relation.ts'
import { isPlainChild } from '../sql/plain-child.ts'
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
  'it inherits from a table of an extension, which only the owner of that may let it do: not made, since the server would read expressions of the archive in the session of a superuser'

/**
 * Makes tables that inherit from those of extensions, as the queues of pgq do: the server asks for an owner of both. The
 * admin makes one that has nothing of its own which the server would have to read, and gives it to the loader.
 */
export class ExtensionChildren {
  readonly #input: ChildrenInput

  constructor(input: ChildrenInput) {
    this.#input = input
  }

  /** Null where it is no such table. Rejects with what the server says to the admin. */
  async make(statement: Buffer): Promise<'made' | { readonly withheld: string } | null> {
    const { admin, loader, isTrusted } = this.#input
    const made = madeRelation(statement)
    if (made === null || made.parents.length === 0) return null
    const ofExtensions = await this.#countOfExtensions(made.parents)
    if (ofExtensions === 0) return null
    const isPlain = ofExtensions === made.parents.length && isPlainChild(statement)
    if (!isPlain && !isTrusted) return { withheld: WITHHELD }
    const change = `ALTER TABLE ${made.name} OWNER TO ${quoteIdentifier(loader.user)}`
    await admin.runEach([statement, Buffer.from(change, 'latin1')])
    return 'made'
  }

  async #countOfExtensions(parents: readonly string[]): Promise<number> {
    let count = 0
    for (const parent of parents) if (await this.#input.relations.has(parent)) count++
    return count
  }
}
