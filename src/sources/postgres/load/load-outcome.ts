import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { Remark } from '../../../events.ts'
import { connectionFailure } from '../connection/connection-failure.ts'
import { identifyStatement, type StatementIdentity } from '../sql/statement-identity.ts'
import { fullNamesFor } from './full-names.ts'
import { type LoadError, loadErrorOf, loadFailure, skipped } from './load-failure.ts'

const WITHHELD =
  "only a superuser can make it, and it is of no extension: not made, since code of the archive could get a superuser's rights by it"

/** What came of a load so far. */
export class LoadOutcome {
  statements = 0
  rows = 0
  readonly errors: LoadError[] = []
  readonly skipped: Remark[] = []
  readonly notes: Remark[] = []
  readonly withheld: Remark[] = []
  readonly createdRoles: string[] = []
  readonly notGiven: Remark[] = []
  readonly databaseBlocks: Buffer[] = []
  readonly #target: DatabaseTarget
  readonly #ignoreErrors: boolean
  readonly #searchPath: readonly string[]
  readonly #ask: Parameters<typeof fullNamesFor>[1]

  /** `searchPath`: along which the load looks for names, where that is not empty. `ask` is a session of the loader, to find out what a name may mean. */
  constructor(
    target: DatabaseTarget,
    options: {
      readonly ignoreErrors: boolean
      readonly searchPath: readonly string[]
      readonly ask: Parameters<typeof fullNamesFor>[1]
    },
  ) {
    this.#target = target
    this.#ignoreErrors = options.ignoreErrors
    this.#searchPath = options.searchPath
    this.#ask = options.ask
  }

  /** Something was withheld that the rest may need: nothing more is loaded. */
  get isStopped(): boolean {
    return this.withheld.length > 0
  }

  /** Keeps the refusal of a statement where errors are to be ignored, else throws it as the error that ends the load. */
  async refused(statement: StatementIdentity | Buffer, error: unknown): Promise<void> {
    const identity = Buffer.isBuffer(statement) ? identifyStatement(statement) : statement
    const looking = { full: await fullNamesFor(error, this.#ask), searchPath: this.#searchPath }
    const found = loadErrorOf(identity, error, looking)
    if (found === null) throw connectionFailure(this.#target, error)
    if (!this.#ignoreErrors) throw loadFailure(this.#target, found)
    this.errors.push(found)
  }

  /** What is not made, by which rule: where errors are to be ignored, it is one of them. */
  withhold(statement: Buffer, text: string = WITHHELD): void {
    const { kind, identity } = identifyStatement(statement)
    if (this.#ignoreErrors) {
      this.errors.push({ kind, identity, sqlstate: null, text, logOnly: [] })
      return
    }
    const remark = { kind: 'statement', name: `${kind} ${identity}`, sqlstate: null, text }
    // A base type comes in two statements.
    if (!this.withheld.some(({ name }) => name === remark.name)) this.withheld.push(remark)
  }

  /** A statement is left out on purpose. */
  leftOut(statement: Buffer, facts: { readonly text: string; readonly sqlstate?: string | null }): void {
    this.skipped.push(skipped(identifyStatement(statement), facts))
  }

  /** Something to know. What every session of the load runs into is said once. */
  note(remark: Remark): void {
    if (!this.notes.some(({ name, sqlstate }) => name === remark.name && sqlstate === remark.sqlstate))
      this.notes.push(remark)
  }
}
