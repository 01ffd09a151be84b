import { createdServer } from '../sql/admin-grammar.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { sessionSetting } from '../sql/session-settings.ts'
import { nameParts } from '../sql/written-name.ts'
import type { LoadSession } from './load-session.ts'

/** Rights that the loader needs on what only an admin can make. They are taken back, so that nothing of them is dumped. */
export class LentRights {
  readonly #admin: LoadSession
  readonly #name: string
  readonly #loader: string
  readonly #lent: string[] = []

  constructor(admin: LoadSession, loader: LoadSession) {
    this.#admin = admin
    this.#name = loader.user
    this.#loader = admin.user === loader.user ? '' : quoteIdentifier(loader.user)
  }

  /** Before 15 a template may keep everybody from making anything in the schema public, its owner's database or not. */
  async beforeAll(): Promise<void> {
    if (this.#loader === '') return
    const mayCreate = `SELECT pg_catalog.has_schema_privilege(${quoteLiteral(this.#name)}, oid, 'CREATE') FROM pg_catalog.pg_namespace WHERE nspname = 'public'`
    const [row] = await this.#admin.run(Buffer.from(mayCreate))
    if (row?.[0] === 'f') await this.#lend('USAGE, CREATE ON SCHEMA public')
  }

  /** A server was made: foreign tables need USAGE on it. */
  async afterAdmin(statement: Buffer): Promise<void> {
    const server = createdServer(statement)
    if (server !== null) await this.#lend(`USAGE ON FOREIGN SERVER ${server}`)
  }

  /** A tablespace will be used: whoever makes something in it needs CREATE. One that is missing is noticed by whoever uses it. */
  async beforeSetting(statement: Buffer): Promise<void> {
    const setting = sessionSetting(statement)
    if (setting?.name !== 'default_tablespace' || setting.value === '') return
    await this.#lend(`CREATE ON TABLESPACE ${quoteIdentifier(setting.value)}`).catch(() => {})
  }

  /** Granting calls nothing, whatever has that name by now. `name` as written, one character per byte. */
  async lendOn(kind: 'TABLE' | 'SEQUENCE', right: 'INSERT' | 'UPDATE', name: string): Promise<void> {
    const quoted = nameParts(name).map(quoteIdentifier).join('.')
    await this.#lend(`${right} ON ${kind} ${quoted}`)
  }

  async takeBack(): Promise<void> {
    for (const right of this.#lent.splice(0)) await this.#run(`REVOKE ${right} FROM ${this.#loader}`)
  }

  async #lend(right: string): Promise<void> {
    if (this.#loader === '' || this.#lent.includes(right)) return
    await this.#run(`GRANT ${right} TO ${this.#loader}`)
    this.#lent.push(right)
  }

  async #run(latin1: string): Promise<void> {
    await this.#admin.runOne(Buffer.from(latin1, 'latin1'))
  }
}
