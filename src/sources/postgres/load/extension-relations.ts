import { nameParts } from '../sql/written-name.ts'
import type { LoadSession } from './load-session.ts'

/** By the fixed OIDs of pg_class and pg_extension. */
const RELATIONS = Buffer.from(`
SELECT pg_catalog.encode(pg_catalog.namesend(n.nspname), 'hex'), pg_catalog.encode(pg_catalog.namesend(c.relname), 'hex')
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE d.classid = '1259' AND d.refclassid = '3079' AND d.deptype = 'e'`)

/** Knows the tables and sequences that belong to extensions: the admin owns them, and their first rows came with the extension. */
export class ExtensionRelations {
  readonly #admin: LoadSession
  #known: ReadonlySet<string> | null = new Set()

  constructor(admin: LoadSession) {
    this.#admin = admin
  }

  /** An extension was made: what is known is no longer all. */
  changed(): void {
    this.#known = null
  }

  /** `name` as written in the dump, one character per byte. */
  async has(name: string): Promise<boolean> {
    this.#known ??= await this.#read()
    return this.#known.has(nameParts(name).join('\0'))
  }

  async #read(): Promise<ReadonlySet<string>> {
    const rows = await this.#admin.run(RELATIONS)
    return new Set(rows.map(row => row.map(hex => Buffer.from(hex ?? '', 'hex').toString('latin1')).join('\0')))
  }
}
