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
  #passesPolicies = false
  readonly #forNow: string[] = []

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
    await this.#lend(`${right} ON ${kind} ${nameParts(name).map(quoteIdentifier).join('.')}`)
  }

  /** `schema` without quotation marks, one character per byte. */
  async lendCreate(schema: string): Promise<void> {
    await this.#lend(`CREATE ON SCHEMA ${quoteIdentifier(schema)}`)
  }

  /**
   * The schema of that name is the extension's own where the loader may not use it: it is opened for as long as the work
   * takes, in which no code of the archive runs, as functions in it may rely on that nobody else gets there.
   */
  async openSchemaOf(name: string): Promise<void> {
    const [schema, ...others] = nameParts(name)
    if (schema === undefined || others.length === 0 || this.#loader === '') return
    const question = `SELECT pg_catalog.has_schema_privilege(${quoteLiteral(this.#name)}, oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = ${quoteLiteral(schema)}`
    const [row] = await this.#admin.run(Buffer.from(question, 'latin1'))
    if (row?.[0] !== 'f') return
    await this.#lendForNow(`USAGE ON SCHEMA ${quoteIdentifier(schema)}`)
  }

  /**
   * A trigger of an extension may make an UPDATE of a row that is there already (TimescaleDB's metadata): the right is lent
   * for as long as the rows take, in which no code of the archive runs.
   */
  async letTriggersUpdate(name: string): Promise<void> {
    const [schema = '', table = ''] = nameParts(name)
    if (this.#loader === '') return
    const question = `SELECT FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND n.nspname = ${quoteLiteral(schema)} AND c.relname = ${quoteLiteral(table)}`
    if ((await this.#admin.run(Buffer.from(question, 'latin1'))).length === 0) return
    await this.#lendForNow(`UPDATE ON TABLE ${nameParts(name).map(quoteIdentifier).join('.')}`)
  }

  /** To be called when that work is done, or has failed: takes back what was lent for as long. */
  async takeBackNow(): Promise<void> {
    for (const right of this.#forNow.splice(0)) await this.#run(`REVOKE ${right} FROM ${this.#loader}`)
  }

  /**
   * Policies of an extension's table (pg_cron's jobs are each user's own) hide no row while its rows are loaded. They keep
   * nothing from the loader but this: what is his own, no policy keeps from him, and on all else he has no rights.
   */
  async passPolicies(name: string): Promise<void> {
    if (this.#loader === '' || !this.#admin.isSuperuser || !(await this.#hasPolicies(name))) return
    await this.#run(`ALTER ROLE ${this.#loader} BYPASSRLS`)
    this.#passesPolicies = true
  }

  /** To be called when the rows are loaded. */
  async heedPolicies(): Promise<void> {
    if (!this.#passesPolicies) return
    await this.#run(`ALTER ROLE ${this.#loader} NOBYPASSRLS`)
    this.#passesPolicies = false
  }

  async #hasPolicies(name: string): Promise<boolean> {
    const [schema = '', table = ''] = nameParts(name)
    const question = `SELECT c.relrowsecurity FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ${quoteLiteral(schema)} AND c.relname = ${quoteLiteral(table)}`
    const [row] = await this.#admin.run(Buffer.from(question, 'latin1'))
    return row?.[0] === 't'
  }

  async takeBack(): Promise<void> {
    for (const right of this.#lent.splice(0)) await this.#run(`REVOKE ${right} FROM ${this.#loader}`)
  }

  async #lend(right: string): Promise<void> {
    if (this.#loader === '' || this.#lent.includes(right)) return
    await this.#run(`GRANT ${right} TO ${this.#loader}`)
    this.#lent.push(right)
  }

  async #lendForNow(right: string): Promise<void> {
    await this.#run(`GRANT ${right} TO ${this.#loader}`)
    this.#forNow.push(right)
  }

  async #run(latin1: string): Promise<void> {
    await this.#admin.runOne(Buffer.from(latin1, 'latin1'))
  }
}
