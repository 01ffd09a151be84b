import type { DatabaseTarget } from '../../config/database-target.ts'
import type { Remark } from '../../events.ts'
import { identifyStatement, type StatementIdentity } from '../../sql/statement-identity.ts'
import { type LoadError, loadErrorOf, loadFailure, skipped } from './load-failure.ts'

/** What came of a load so far. */
export class LoadOutcome {
  statements = 0
  rows = 0
  readonly errors: LoadError[] = []
  readonly skipped: Remark[] = []
  readonly notes: Remark[] = []
  readonly createdRoles: string[] = []
  readonly notGiven: Remark[] = []
  readonly databaseBlocks: Buffer[] = []
  readonly #target: DatabaseTarget
  readonly #ignoreErrors: boolean

  constructor(target: DatabaseTarget, options: { readonly ignoreErrors: boolean }) {
    this.#target = target
    this.#ignoreErrors = options.ignoreErrors
  }

  /** Keeps the refusal of a statement where errors are to be ignored, else throws it as the error that ends the load. */
  refused(statement: StatementIdentity | Buffer, error: unknown): void {
    const identity = Buffer.isBuffer(statement) ? identifyStatement(statement) : statement
    const found = loadErrorOf(identity, error)
    if (!this.#ignoreErrors || found === null) throw loadFailure(this.#target, identity, error)
    this.errors.push(found)
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
