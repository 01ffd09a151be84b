import pg from 'pg'
import { referencedTable } from '../sql/foreign-key.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { nameParts } from '../sql/written-name.ts'
import type { ExtensionRelations } from './extension-relations.ts'
import type { LoadSession } from './load-session.ts'

/**
 * The foreign keys of the loader's tables that refer to tables of the admin's extensions: by the fixed OIDs of pg_class and
 * pg_extension. `plain`: the types of the columns, and the operators that compare them, are the server's own
 * (access/transam.h), and so is what casts between them.
 */
const KEYS = Buffer.from(`
SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, t.relname), pg_catalog.quote_ident(c.conname),
  NOT EXISTS (SELECT FROM pg_catalog.unnest(c.conpfeqop) o(operator) WHERE NOT o.operator < '16384') AND
  (SELECT pg_catalog.bool_and(f.atttypid < '16384' AND p.atttypid < '16384')
   FROM ROWS FROM (pg_catalog.unnest(c.conkey), pg_catalog.unnest(c.confkey)) k(own, other)
     JOIN pg_catalog.pg_attribute f ON f.attrelid = c.conrelid AND f.attnum = k.own
     JOIN pg_catalog.pg_attribute p ON p.attrelid = c.confrelid AND p.attnum = k.other)
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_catalog.pg_class o ON o.oid = c.confrelid JOIN pg_catalog.pg_roles r ON r.oid = o.relowner
WHERE c.contype = 'f' AND r.rolname = current_user
  AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = '1259' AND d.objid = o.oid AND d.refclassid = '3079' AND d.deptype = 'e')`)

interface Sessions {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly relations: ExtensionRelations
  /** A person trusts the archive as the target. */
  readonly isTrusted: boolean
}

/**
 * Makes foreign keys to tables of extensions (`spatial_ref_sys`), which the admin owns: REFERENCES is lent for that one
 * statement. Whoever has it can have his code run as their owner: the server looks a key up as the owner of the table that
 * it refers to, and casts it there. So no key is looked up, the statement being NOT VALID, before it is certain that
 * nothing is cast; else the key is gone again.
 */
export class ForeignKeyRights {
  readonly #sessions: Sessions

  constructor(sessions: Sessions) {
    this.#sessions = sessions
  }

  /** Runs again what the loader was refused with this error; rejects with the error where that is no such key. */
  async makeAgain(statement: Buffer, error: unknown): Promise<void> {
    const { admin, loader, relations, isTrusted } = this.#sessions
    const found = referencedTable(statement)
    const isRefusal = error instanceof pg.DatabaseError && error.code === '42501'
    if (found === null || !isRefusal || !admin.isSuperuser || admin.user === loader.user) throw error
    if (!(await relations.has(found.table))) throw error
    const before = new Set((await admin.run(KEYS)).map(([oid]) => oid))
    await this.#lending(found.table, () => loader.runOne(found.notValid))
    for (const [oid, table, name, plain] of await admin.run(KEYS)) {
      if (before.has(oid ?? null)) continue
      if (plain !== 't' && !isTrusted) {
        await admin.runOne(latin1(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`))
        throw error
      }
      if (found.validates) await loader.runOne(latin1(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`))
    }
  }

  /** Granting calls nothing, whatever has that name by now. */
  async #lending(table: string, work: () => Promise<void>): Promise<void> {
    const { admin, loader } = this.#sessions
    const right = `REFERENCES ON TABLE ${nameParts(table).map(quoteIdentifier).join('.')}`
    await admin.runOne(latin1(`GRANT ${right} TO ${quoteIdentifier(loader.user)}`))
    try {
      await work()
    } finally {
      await admin.runOne(latin1(`REVOKE ${right} FROM ${quoteIdentifier(loader.user)}`))
    }
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
