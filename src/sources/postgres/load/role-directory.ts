import { rolesNamedBy } from '../sql/named-roles.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { readable } from '../sql/token-reader.ts'
import { loadErrorOf } from './load-failure.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'

type RoleState = 'missing' | 'plain' | 'superuser'

/** Knows which roles the server has, and what to do about those that a statement names and the server lacks. */
export class RoleDirectory {
  readonly #admin: LoadSession
  readonly #outcome: LoadOutcome
  readonly #missing: 'create' | 'skip'
  readonly #roles = new Map<string, RoleState>()

  constructor(admin: LoadSession, outcome: LoadOutcome, options: { readonly missing: 'create' | 'skip' }) {
    this.#admin = admin
    this.#outcome = outcome
    this.#missing = options.missing
  }

  /**
   * `name` without quotation marks, one character per byte. Asked for one by one: the names of all roles can't be read,
   * because they are kept in the encoding of whichever database they were made in.
   */
  async has(name: string): Promise<boolean> {
    return (await this.#find(name)) !== 'missing'
  }

  async isSuperuser(name: string): Promise<boolean> {
    return (await this.#find(name)) === 'superuser'
  }

  /** Whether the role is there now: where roles may be made, it is made. */
  async obtain(name: string): Promise<boolean> {
    return (await this.has(name)) || (this.#missing === 'create' && (await this.#create(name)))
  }

  /** Whether every role that the statement names is there now; if not, it is noted as left out. */
  async provideFor(statement: Buffer): Promise<boolean> {
    for (const name of rolesNamedBy(statement)) {
      if (await this.obtain(name)) continue
      this.#outcome.leftOut(statement, { text: `the role ${readable(name)} does not exist` })
      return false
    }
    return true
  }

  async #find(name: string): Promise<RoleState> {
    const known = this.#roles.get(name)
    if (known !== undefined) return known
    const question = `SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(name)}`
    const [row] = await this.#admin.run(Buffer.from(question, 'latin1'))
    const state = row === undefined ? 'missing' : row[0] === 't' ? 'superuser' : 'plain'
    this.#roles.set(name, state)
    return state
  }

  /** Predefined roles of a newer server can't be made. */
  async #create(name: string): Promise<boolean> {
    try {
      await this.#admin.runOne(Buffer.from(`CREATE ROLE ${quoteIdentifier(name)} NOLOGIN`, 'latin1'))
    } catch (error) {
      if (loadErrorOf({ kind: 'ROLE', identity: readable(name) }, error) === null) throw error
      return false
    }
    this.#roles.set(name, 'plain')
    this.#outcome.createdRoles.push(readable(name))
    return true
  }
}
