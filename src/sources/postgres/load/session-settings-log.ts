import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { emptiesSearchPath, sessionSetting } from '../sql/session-settings.ts'
import { type LoadError, loadErrorOf } from './load-failure.ts'
import type { LoadSession } from './load-session.ts'

/** A setting that no tablespace can be wrong in. */
const NO_TABLESPACE = Buffer.from("SET default_tablespace = '';")

interface SettingsLogOptions {
  /** The sessions whose search_path stays empty, whatever it is for the others: code of the archive could stand in it. */
  readonly admins: WeakSet<LoadSession>
  /** What the others get where the dump empties theirs; empty: nothing else. */
  readonly searchPath: readonly string[]
  /** Told of a setting that a server does not know or a tablespace that it does not have: loading goes on. */
  readonly onRefusal: (error: LoadError) => void
}

/** The settings that the dump has given so far, to be given to every session in their order, also to those opened later. */
export class SessionSettingsLog {
  readonly #statements: Buffer[] = []
  readonly #given = new WeakMap<LoadSession, number>()
  readonly #admins: WeakSet<LoadSession>
  readonly #ownPath: Buffer | null
  readonly #onRefusal: (error: LoadError) => void

  constructor({ admins, searchPath, onRefusal }: SettingsLogOptions) {
    this.#admins = admins
    this.#ownPath = searchPath.length === 0 ? null : pathStatement(searchPath)
    this.#onRefusal = onRefusal
  }

  add(statement: Buffer): void {
    this.#statements.push(statement)
  }

  /** How many there are now; statements that come later may need more. */
  get count(): number {
    return this.#statements.length
  }

  /** Brings a session to where the dump's session was after `count` settings, be it further on or back. */
  async giveTo(session: LoadSession, count: number = this.count): Promise<void> {
    const from = this.#given.get(session) ?? 0
    if (from === count) return
    this.#given.set(session, count)
    const wanted = from < count ? this.#statements.slice(from, count) : this.#undoing(count, from)
    for (const statement of wanted) await this.#give(session, statement)
  }

  /** What those between `count` and `from` changed, as it was before. */
  #undoing(count: number, from: number): readonly Buffer[] {
    const names = new Set(this.#statements.slice(count, from).map(nameOf))
    return [...names].map(name => {
      const before = this.#statements.slice(0, count).findLast(statement => nameOf(statement) === name)
      return before ?? Buffer.from(`RESET ${name};`)
    })
  }

  async #give(session: LoadSession, statement: Buffer): Promise<void> {
    try {
      const isOwnPath = this.#ownPath !== null && !this.#admins.has(session) && emptiesSearchPath(statement)
      await session.run(isOwnPath ? this.#ownPath : statement)
    } catch (error) {
      const name = nameOf(statement)
      const found = loadErrorOf({ kind: 'SET', identity: name }, error)
      if (found === null || (found.sqlstate !== '42704' && name !== 'default_tablespace')) throw error
      if (name === 'default_tablespace') await session.run(NO_TABLESPACE)
      this.#onRefusal(found)
    }
  }
}

function nameOf(statement: Buffer): string {
  return sessionSetting(statement)?.name ?? 'search_path'
}

function pathStatement(schemas: readonly string[]): Buffer {
  const path = quoteLiteral(schemas.map(quoteIdentifier).join(', '))
  return Buffer.from(`SELECT pg_catalog.set_config('search_path', ${path}, false);`)
}
