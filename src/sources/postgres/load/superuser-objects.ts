import pg from 'pg'
import { OperatorError } from '../../../errors.ts'
import { holdsExpressions, isUnconditionalPublication } from '../sql/admin-grammar.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { type RoutineText, readRoutine } from '../sql/routine-text.ts'
import { identifyStatement } from '../sql/statement-identity.ts'
import { nameParts } from '../sql/written-name.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'

/**
 * What becomes of an object that only a superuser can make and that is of no extension: code of the archive, or of a
 * library, runs through it.
 *
 * - `never`: it is not made, and named
 * - `closed`: the admin makes it; a routine may be called by nobody but superusers until all is loaded
 * - `open`: the admin makes it, unless the server would run code while it reads the statement
 * - `trusted`: the admin makes it, whatever it is; routines then belong to the loader
 */
export type SuperuserLeave = 'never' | 'closed' | 'open' | 'trusted'

/** Asked for each such statement. */
export type SuperuserPolicy = (statement: Buffer) => Promise<SuperuserLeave>

/** What makes a routine whole. */
interface Completion {
  /** The statement of the archive. */
  readonly of: Buffer
  readonly text: Buffer
  /** The routine that is meant, as `TOUCHED` tells it. */
  readonly made: string
}

/** The routines that this transaction has made or changed, each with its owner, and whether an extension has it (pg_extension is 3079, pg_proc 1255). */
const TOUCHED = Buffer.from(`
SELECT p.oid, p.proowner, EXISTS (SELECT FROM pg_catalog.pg_depend d
  WHERE d.classid = '1255' AND d.objid = p.oid AND d.refclassid = '3079' AND d.deptype = 'e')
FROM pg_catalog.pg_proc p WHERE pg_catalog.age(p.xmin) = '0'`)

interface Sessions {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly outcome: LoadOutcome
}

/** Kinds of which only some need a superuser: which ones, the server says when the loader tries. */
const REFUSED_TO_THE_LOADER = new Set(['AGGREGATE', 'CAST', 'FOREIGN TABLE', 'FUNCTION', 'PROCEDURE', 'TRANSFORM'])

/**
 * Makes what the loader may not, by one rule: what needs a superuser is not made while code of the archive can still run.
 * Routines get a lesser form at first, which the loader makes himself; the rest comes at the very end.
 */
export class SuperuserObjects {
  readonly #admin: LoadSession
  readonly #loader: LoadSession
  readonly #outcome: LoadOutcome
  readonly #policy: SuperuserPolicy
  readonly #completions: Completion[] = []

  constructor({ admin, loader, outcome }: Sessions, policy: SuperuserPolicy) {
    this.#admin = admin
    this.#loader = loader
    this.#outcome = outcome
    this.#policy = policy
  }

  /** Makes an object of the route `superuser`, where that is allowed; rejects with what the server says to the admin. */
  async make(statement: Buffer): Promise<'made' | 'withheld'> {
    const leave = await this.#policy(statement)
    const routine = readRoutine(statement)
    if (leave === 'never' || (leave !== 'trusted' && mayRunCode(statement, routine))) return 'withheld'
    if (routine === null) await this.#admin.runOne(statement)
    else await this.#makeRoutine(statement, routine, leave)
    return 'made'
  }

  /** What becomes of what the loader was refused with this error; rejects with the error where nobody else may make it. */
  async makeInstead(statement: Buffer, error: unknown): Promise<'made' | 'withheld'> {
    if (!isRefusal(error) || !this.#admin.isSuperuser || this.#admin.user === this.#loader.user) throw error
    if (isUnconditionalPublication(statement)) {
      await this.#admin.runOne(statement)
      return 'made'
    }
    if (!REFUSED_TO_THE_LOADER.has(identifyStatement(statement).kind)) throw error
    if ((await this.#policy(statement)) !== 'trusted' && (await this.#makeLesser(statement))) return 'made'
    return await this.make(statement)
  }

  /** Nothing of the archive can run any more: makes whole what was made in a lesser form, and opens what was closed. */
  async complete(): Promise<void> {
    for (const completion of this.#completions.splice(0))
      await this.#unread(() => this.#completeOne(completion)).catch((error: unknown) =>
        this.#outcome.refused(completion.of, error),
      )
  }

  /** Names may mean something else by now, such as a function of an extension. */
  async #completeOne({ of, text, made }: Completion): Promise<void> {
    await this.#admin.runOne(text)
    if ((await this.#admin.run(TOUCHED)).join() === made) return
    const { kind, identity } = identifyStatement(of)
    throw new OperatorError(
      'rights',
      `dump: ${kind} ${identity}: code of it has put something else in its place while it was loaded; expected what was made for it`,
      { object: identity, sqlstate: '42501' },
    )
  }

  /** In a transaction in which the server does not look into bodies, whatever the dump has set. */
  async #unread(work: () => Promise<void>): Promise<void> {
    await this.#admin.run(Buffer.from('BEGIN; SET LOCAL check_function_bodies = off'))
    try {
      await work()
      await this.#admin.run(Buffer.from('COMMIT'))
    } catch (error) {
      await this.#admin.run(Buffer.from('ROLLBACK'))
      throw error
    }
  }

  async #makeLesser(statement: Buffer): Promise<boolean> {
    const routine = readRoutine(statement)
    if (routine === null) return false
    const lesser = routine.lesser === null ? null : await this.#madeByLoader(routine.lesser)
    if (lesser !== null) {
      this.#completeBy({ of: statement, made: lesser }, routine.completions)
      return true
    }
    if (!routine.hasPlainDefaults || !(await this.#isForeignToTheLoader(routine))) return false
    const standIn = await this.#madeByLoader(routine.standIn)
    if (standIn === null) return false
    this.#completeBy({ of: statement, made: standIn }, [routine.replacement])
    return true
  }

  /**
   * In a language that only superusers may use, and none of libraries: then the text of the routine is nothing to the
   * server before it is called. A body in SQL is read when it is made, and what reads literals runs code.
   */
  async #isForeignToTheLoader({ language, hasTextBody }: RoutineText): Promise<boolean> {
    const [name = ''] = nameParts(language)
    if (!hasTextBody || name === 'c') return false
    const question = `SELECT lanpltrusted FROM pg_catalog.pg_language WHERE lanname = ${quoteLiteral(name)}`
    const [row] = await this.#admin.run(Buffer.from(question, 'latin1'))
    return row?.[0] === 'f'
  }

  /** What was made, as `TOUCHED` tells it; null where it was not. Code that made more on the way is not let through. */
  async #madeByLoader(text: Buffer): Promise<string | null> {
    try {
      await this.#loader.run(Buffer.from('BEGIN'))
      await this.#loader.runOne(text)
      const made = await this.#loader.run(TOUCHED)
      await this.#loader.run(Buffer.from(made.length === 1 ? 'COMMIT' : 'ROLLBACK'))
      return made.length === 1 ? made.join() : null
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      await this.#loader.run(Buffer.from('ROLLBACK'))
      return null
    }
  }

  #completeBy(what: Omit<Completion, 'text'>, texts: readonly Buffer[]): void {
    this.#completions.push(...texts.map(text => ({ ...what, text })))
  }

  /** In one transaction, so that the loader never sees it in the admin's hands and open. */
  async #makeRoutine(
    statement: Buffer,
    { signature }: RoutineText,
    leave: Exclude<SuperuserLeave, 'never'>,
  ): Promise<void> {
    const change =
      leave === 'closed'
        ? `REVOKE ALL ON ${signature} FROM PUBLIC`
        : `ALTER ${signature} OWNER TO ${quoteIdentifier(this.#loader.user)}`
    let made = ''
    await this.#unread(async () => {
      await this.#admin.runOne(statement)
      await this.#admin.runOne(Buffer.from(change, 'latin1'))
      made = (await this.#admin.run(TOUCHED)).join()
    })
    const opening = Buffer.from(`GRANT EXECUTE ON ${signature} TO PUBLIC`, 'latin1')
    if (leave === 'closed') this.#completeBy({ of: statement, made }, [opening])
  }
}

/** insufficient_privilege */
function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '42501'
}

/** While the server reads a literal of a domain's array, say, it runs the checks of the domain. */
function mayRunCode(statement: Buffer, routine: RoutineText | null): boolean {
  return routine === null ? holdsExpressions(statement) : !routine.hasPlainDefaults || !routine.hasTextBody
}
