import pg from 'pg'
import { makesForeignTable, makesRoutine } from '../../sql/admin-grammar.ts'
import type { LoadSession } from './load-session.ts'

/** insufficient_privilege */
const NO_RIGHT = '42501'

/**
 * What only a superuser may make, although its text does not say so plainly: functions that are LEAKPROOF, have a SUPPORT
 * function, set a parameter of superusers, or are in a language that is not trusted; foreign tables that name a file of the
 * server. The admin makes it when the loader was refused, and what could then be misused waits for the end of the load:
 * nobody but the admin, who calls nothing, may call a function in such a language or read such a table.
 */
export class SuperuserObjects {
  readonly #admin: LoadSession
  readonly #loader: LoadSession
  /** Functions as `ALTER ROUTINE` takes them, in the archive's encoding, one character per byte. */
  readonly #closed: string[] = []

  constructor(admin: LoadSession, loader: LoadSession) {
    this.#admin = admin
    this.#loader = loader
  }

  /** Whether functions were made that the admin owns. */
  get hasCode(): boolean {
    return this.#closed.length > 0
  }

  /** Whether the admin made what the loader was refused with this error; rejects with what the server says to him. */
  async makeInstead(statement: Buffer, error: unknown): Promise<boolean> {
    if (!(error instanceof pg.DatabaseError) || error.code !== NO_RIGHT) return false
    if (!this.#admin.isSuperuser || this.#admin.user === this.#loader.user) return false
    if (makesForeignTable(statement)) await this.#admin.runOne(statement)
    else if (makesRoutine(statement)) await this.#makeRoutine(statement)
    else return false
    return true
  }

  /** Everybody may call the functions again that were closed; rights of the archive come after this. */
  async open(): Promise<void> {
    for (const routine of this.#closed.splice(0))
      await this.#admin.runOne(Buffer.from(`GRANT EXECUTE ON ROUTINE ${routine} TO PUBLIC`, 'latin1'))
  }

  /** In one transaction, so that no function of the admin's is ever there for others to call. */
  async #makeRoutine(statement: Buffer): Promise<void> {
    const admin = this.#admin
    await admin.run(Buffer.from('BEGIN; SET LOCAL check_function_bodies = off'))
    try {
      await admin.runOne(statement)
      const rows = await admin.run(Buffer.from(MADE))
      for (const [hex, isTrusted] of rows)
        await this.#secure(Buffer.from(hex ?? '', 'hex').toString('latin1'), isTrusted === 't')
      await admin.run(Buffer.from('COMMIT'))
    } catch (error) {
      await admin.run(Buffer.from('ROLLBACK'))
      throw error
    }
  }

  async #secure(routine: string, isTrusted: boolean): Promise<void> {
    const change = isTrusted
      ? `ALTER ROUTINE ${routine} OWNER TO "${this.#loader.user}"`
      : `REVOKE ALL ON ROUTINE ${routine} FROM PUBLIC`
    await this.#admin.runOne(Buffer.from(change, 'latin1'))
    if (!isTrusted) this.#closed.push(routine)
  }
}

/** The function of this transaction, and whether everybody may make one in its language. */
const MADE = `SELECT pg_catalog.encode(pg_catalog.textsend(p.oid::pg_catalog.regprocedure::pg_catalog.text), 'hex'), l.lanpltrusted
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.xmin::pg_catalog.text = (pg_catalog.txid_current() % 4294967296)::pg_catalog.text`
