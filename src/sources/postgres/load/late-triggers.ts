import { madeTrigger } from '../sql/made-trigger.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { identifyStatement } from '../sql/statement-identity.ts'
import { nameParts } from '../sql/written-name.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'

interface TriggersInput {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly outcome: LoadOutcome
  /** A person trusts the archive as the target. */
  readonly isTrusted: boolean
}

const ABOUT_TRIGGERS = ['TRIGGER STATE', 'ALTER TRIGGER']

const WITHHELD =
  'its function is of an extension, and not everybody may call it: not made, since the server would read the condition, which may run code of the archive, while the right is lent'

/**
 * Makes triggers whose function is an extension's that not everybody may call (those of pgq): EXECUTE is lent for the
 * statement alone. Nothing asks for it when the trigger fires, so these are the last that the loader makes, when no code
 * of the archive runs any more that could fire one; and none has a condition, since reading that may run code.
 */
export class LateTriggers {
  readonly #input: TriggersInput
  readonly #waiting: Buffer[] = []
  /** By table and name, as `identifyStatement` tells them. */
  readonly #names = new Set<string>()

  constructor(input: TriggersInput) {
    this.#input = input
  }

  /** `kept`: what the loader was refused is such a trigger, and waits. Null: it is none. */
  async keep(statement: Buffer): Promise<'kept' | { readonly withheld: string } | null> {
    const trigger = madeTrigger(statement)
    if (trigger === null || !(await this.#isOfExtension(trigger.calls))) return null
    if (trigger.hasCondition && !this.#input.isTrusted) return { withheld: WITHHELD }
    this.#waiting.push(statement)
    this.#names.add(identifyStatement(statement).identity)
    return 'kept'
  }

  /** Whether it is about a trigger that waits (`DISABLE TRIGGER`, `DEPENDS ON EXTENSION`, its comment): then it waits too. */
  keepState(statement: Buffer): boolean {
    const { kind, identity } = identifyStatement(statement)
    const isAbout = ABOUT_TRIGGERS.includes(kind) && this.#names.has(identity)
    const isComment = kind === 'COMMENT' && this.#names.has(identity.replace(/^TRIGGER /, ''))
    if (!isAbout && !isComment) return false
    this.#waiting.push(statement)
    return true
  }

  /** To be called when all other work of the loader is done. */
  async make(): Promise<void> {
    const { loader, outcome } = this.#input
    for (const statement of this.#waiting.splice(0)) {
      const trigger = madeTrigger(statement)
      const work = (): Promise<void> => loader.runOne(statement)
      await (trigger === null ? work() : this.#lending(trigger.calls, work)).catch((error: unknown) =>
        outcome.refused(statement, error),
      )
    }
  }

  /** Granting calls nothing, whatever has that name by now. */
  async #lending(written: string, work: () => Promise<void>): Promise<void> {
    const { admin, loader } = this.#input
    const right = `EXECUTE ON FUNCTION ${nameParts(written).map(quoteIdentifier).join('.')}()`
    await admin.runOne(latin1(`GRANT ${right} TO ${quoteIdentifier(loader.user)}`))
    try {
      await work()
    } finally {
      await admin.runOne(latin1(`REVOKE ${right} FROM ${quoteIdentifier(loader.user)}`))
    }
  }

  /** By the fixed OIDs of pg_proc, pg_extension and the type `trigger`. */
  async #isOfExtension(written: string): Promise<boolean> {
    const [schema, name, ...others] = nameParts(written)
    if (schema === undefined || name === undefined || others.length > 0) return false
    const [row] = await this.#input.admin.run(
      latin1(`SELECT EXISTS (
  SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_depend d ON d.objid = p.oid JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
  WHERE n.nspname = ${quoteLiteral(schema)} AND p.proname = ${quoteLiteral(name)} AND p.pronargs = '0' AND p.prorettype = '2279'
    AND d.classid = '1255' AND d.refclassid = '3079' AND d.deptype = 'e' AND r.rolname = current_user)`),
    )
    return row?.[0] === 't'
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
