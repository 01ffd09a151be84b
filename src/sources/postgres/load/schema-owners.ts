import { rolesNamedBy } from '../sql/named-roles.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { nameParts } from '../sql/written-name.ts'
import type { LoadSession } from './load-session.ts'
import type { RoleDirectory } from './role-directory.ts'

const CHANGE = /^ALTER SCHEMA ([^;]+) OWNER TO [^;]+;$/

/**
 * Knows whose the schemas of a dump will be. What an extension's script grants on its schema is kept (pg_init_privs) in
 * the name of whoever owned it at that moment, for good: that must be no loader, which is gone afterwards.
 */
export class SchemaOwners {
  readonly #admin: LoadSession
  readonly #loader: LoadSession
  readonly #roles: RoleDirectory
  readonly #owners = new Map<string, string>()

  constructor(admin: LoadSession, loader: LoadSession, roles: RoleDirectory) {
    this.#admin = admin
    this.#loader = loader
    this.#roles = roles
  }

  /** A statement that waits for the end of the load. */
  note(statement: Buffer): void {
    const schema = CHANGE.exec(statement.toString('latin1', 0, LONGEST_CHANGE))?.[1]
    const [owner] = schema === undefined ? [] : rolesNamedBy(statement)
    if (schema !== undefined && owner !== undefined) this.#owners.set(keyOf(schema), owner)
  }

  /**
   * What has to run before and after an extension is made in this schema, in one transaction with it: nothing where the
   * loader does not own it. `schema` as written, one character per byte.
   */
  async around(schema: string): Promise<readonly [before: Buffer[], after: Buffer[]]> {
    if (!this.#admin.isSuperuser || !(await this.#isTheLoaders(schema))) return [[], []]
    const owner = this.#owners.get(keyOf(schema))
    const isThere = owner !== undefined && (await this.#roles.obtain(owner))
    const change = (to: string): Buffer[] => [
      Buffer.from(`ALTER SCHEMA ${schema} OWNER TO ${quoteIdentifier(to)}`, 'latin1'),
    ]
    return [change(isThere ? owner : this.#admin.user), change(this.#loader.user)]
  }

  async #isTheLoaders(schema: string): Promise<boolean> {
    if (this.#admin.user === this.#loader.user) return false
    const question = `SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
WHERE n.nspname = ${quoteLiteral(keyOf(schema))} AND r.rolname = ${quoteLiteral(this.#loader.user)})`
    const [row] = await this.#admin.run(Buffer.from(question, 'latin1'))
    return row?.[0] === 't'
  }
}

/** Two names of 63 bytes, quoted, and the words between them. */
const LONGEST_CHANGE = 400

function keyOf(written: string): string {
  return nameParts(written).join('.')
}
