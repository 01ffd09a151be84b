import { OperatorError } from '../../../errors.ts'
import type { LoadSession } from './load-session.ts'

/** The extensions that the admin made, each with its schema, by OID and by name. */
const PLACES = Buffer.from(`
SELECT x.oid, n.oid, pg_catalog.encode(pg_catalog.namesend(n.nspname), 'hex')
FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace
  JOIN pg_catalog.pg_roles r ON r.oid = x.extowner
WHERE r.rolname = current_user`)

/**
 * Sees that the names of what extensions made still mean it: the loader owns the schema that they lie in, and can rename
 * it or drop it with all that is in it. Then what the admin says of a function of the archive would hit theirs.
 */
export class ExtensionPlaces {
  readonly #admin: LoadSession
  #places = new Set<string>()

  constructor(admin: LoadSession) {
    this.#admin = admin
  }

  /** To be called when the admin has made an extension, before the loader does anything more. */
  async note(): Promise<void> {
    this.#places = await this.#read()
  }

  /** Throws an OperatorError (`rights`) unless they are where they were made. */
  async requireUnmoved(): Promise<void> {
    if (this.#places.size === 0) return
    const now = await this.#read()
    if ([...this.#places].every(place => now.has(place))) return
    throw new OperatorError(
      'rights',
      'dump: code of it has renamed or removed the schema of an extension while it was loaded; expected it to stay where it was made',
      { sqlstate: '42501' },
    )
  }

  async #read(): Promise<Set<string>> {
    return new Set((await this.#admin.run(PLACES)).map(row => row.join(' ')))
  }
}
