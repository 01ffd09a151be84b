import type { LoadSession } from './load-session.ts'

/** The functions of extensions that run with the rights of the admin, who made them; by the fixed OIDs of pg_proc and pg_extension. */
const OF_OWNER = Buffer.from(`
SELECT p.oid, ${nameOf()}
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_depend d ON d.objid = p.oid JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
WHERE p.prosecdef AND d.classid = '1255' AND d.refclassid = '3079' AND d.deptype = 'e' AND r.rolname = current_user`)

/**
 * Functions of extensions that say SECURITY DEFINER (all of pgq's, one of TimescaleDB's) run with an admin's rights, and
 * what they call may be found along the search_path of whoever calls them, or in a schema that the loader may make
 * something in. So, while code of the archive can run, they run with the rights of their caller.
 */
export class OwnerFunctions {
  readonly #admin: LoadSession
  /** Their OIDs. */
  readonly #changed = new Set<string>()

  constructor(admin: LoadSession) {
    this.#admin = admin
  }

  /** To be called when an extension was made, before code of the archive is there. */
  async disarm(): Promise<void> {
    if (!this.#admin.isSuperuser) return
    const rows = await this.#admin.run(OF_OWNER)
    if (rows.length === 0) return
    await this.#admin.runEach(rows.map(([, name]) => change(name, 'INVOKER')))
    for (const [oid] of rows) if (typeof oid === 'string') this.#changed.add(oid)
  }

  /** To be called when none can run any more: they are again what the extension made. */
  async rearm(): Promise<void> {
    for (const oid of this.#changed) {
      const [row] = await this.#admin.run(Buffer.from(NAMED(oid)))
      // Of a schema that was dropped with all in it.
      if (row !== undefined) await this.#admin.runOne(change(row[0], 'DEFINER'))
    }
    this.#changed.clear()
  }
}

const NAMED = (oid: string): string =>
  `SELECT ${nameOf()} FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = '${oid}'`

function nameOf(): string {
  return `pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))`
}

function change(name: string | null | undefined, rights: 'INVOKER' | 'DEFINER'): Buffer {
  return Buffer.from(`ALTER ROUTINE ${name ?? ''} SECURITY ${rights}`)
}
