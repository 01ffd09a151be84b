import { createdExtension, schemaOfExtension } from '../sql/admin-grammar.ts'
import { ExtensionPlaces } from './extension-places.ts'
import { ExtensionRelations } from './extension-relations.ts'
import { type OpenWithPath, openExtensionSession } from './extension-session.ts'
import type { LoadSession } from './load-session.ts'
import { OwnerFunctions } from './owner-functions.ts'
import type { RoleDirectory } from './role-directory.ts'
import { SchemaOwners } from './schema-owners.ts'
import type { SessionSettingsLog } from './session-settings-log.ts'
import { beginTimescaleRestore, requireSameTimescale } from './timescale.ts'

interface ExtensionsInput {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly roles: RoleDirectory
  readonly settings: SessionSettingsLog
  /** The sessions whose search_path stays the admin's own; each that is opened here is added. */
  readonly admins: WeakSet<LoadSession>
  readonly openAdmin: OpenWithPath
  /** A person trusts the archive as the target. */
  readonly isTrusted: boolean
}

/** Makes the extensions of a dump, and knows what they brought and where. */
export class Extensions {
  readonly relations: ExtensionRelations
  readonly #input: ExtensionsInput
  readonly #places: ExtensionPlaces
  readonly #owners: SchemaOwners
  readonly #functions: OwnerFunctions
  #hasTimescale = false

  constructor(input: ExtensionsInput) {
    const { admin, loader, roles } = input
    this.#input = input
    this.relations = new ExtensionRelations(admin)
    this.#places = new ExtensionPlaces(admin)
    this.#owners = new SchemaOwners(admin, loader, roles)
    this.#functions = new OwnerFunctions(admin)
  }

  /** A statement that waits for the end of the load: it may say whose the schema of an extension will be. */
  noteDeferred(statement: Buffer): void {
    this.#owners.note(statement)
  }

  /**
   * To be called when the loader's work is done: they are again what they were made as. Throws an OperatorError where the schemas of extensions are not where they
   * were made (`rights`), or an extension cannot use the rows that it got (`server`).
   */
  async close(): Promise<void> {
    await this.#places.requireUnmoved()
    await this.#functions.rearm()
    if (this.#hasTimescale) await requireSameTimescale(this.#input.admin)
  }

  /** `CREATE EXTENSION …`, while nothing of the archive is there that its script could meet. */
  async make(statement: Buffer): Promise<void> {
    const schema = schemaOfExtension(statement)
    const [before, after] = schema === null ? [[], []] : await this.#owners.around(schema)
    await using session = await this.#openSession()
    await session.runEach([...before, statement, ...after])
    await this.#afterOne(statement)
  }

  /** An extension brings a comment, which the source may have dropped; the archive says nothing of that, else its own. */
  async #afterOne(statement: Buffer): Promise<void> {
    const { admin, loader, isTrusted } = this.#input
    this.relations.changed()
    await this.#places.note()
    if (admin.user !== loader.user && !isTrusted) await this.#functions.disarm()
    const name = createdExtension(statement)
    if (admin.isSuperuser && name !== null)
      await admin.runOne(Buffer.from(`COMMENT ON EXTENSION ${name} IS NULL`, 'latin1'))
    if (name !== 'timescaledb') return
    this.#hasTimescale = true
    await beginTimescaleRestore(admin)
  }

  async #openSession(): Promise<LoadSession> {
    const { admin, admins, openAdmin, settings } = this.#input
    const session = await openExtensionSession(admin, openAdmin)
    admins.add(session)
    await settings.giveTo(session)
    return session
  }
}
