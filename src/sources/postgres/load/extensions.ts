import { createdExtension, schemaOfExtension } from '../sql/admin-grammar.ts'
import { ExtensionPlaces } from './extension-places.ts'
import { ExtensionRelations } from './extension-relations.ts'
import { type OpenWithPath, openExtensionSession } from './extension-session.ts'
import type { LoadSession } from './load-session.ts'
import type { RoleDirectory } from './role-directory.ts'
import { SchemaOwners } from './schema-owners.ts'
import type { SessionSettingsLog } from './session-settings-log.ts'

interface ExtensionsInput {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly roles: RoleDirectory
  readonly settings: SessionSettingsLog
  /** The sessions whose search_path stays the admin's own; each that is opened here is added. */
  readonly admins: WeakSet<LoadSession>
  readonly openAdmin: OpenWithPath
}

/** Makes the extensions of a dump, and knows what they brought and where. */
export class Extensions {
  readonly relations: ExtensionRelations
  readonly #input: ExtensionsInput
  readonly #places: ExtensionPlaces
  readonly #owners: SchemaOwners

  constructor(input: ExtensionsInput) {
    const { admin, loader, roles } = input
    this.#input = input
    this.relations = new ExtensionRelations(admin)
    this.#places = new ExtensionPlaces(admin)
    this.#owners = new SchemaOwners(admin, loader, roles)
  }

  /** A statement that waits for the end of the load: it may say whose the schema of an extension will be. */
  noteDeferred(statement: Buffer): void {
    this.#owners.note(statement)
  }

  /** Throws an OperatorError (`rights`) unless the schemas of extensions are where they were made. */
  async requireUnmoved(): Promise<void> {
    await this.#places.requireUnmoved()
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
    const { admin } = this.#input
    this.relations.changed()
    await this.#places.note()
    const name = createdExtension(statement)
    if (admin.isSuperuser && name !== null)
      await admin.runOne(Buffer.from(`COMMENT ON EXTENSION ${name} IS NULL`, 'latin1'))
  }

  async #openSession(): Promise<LoadSession> {
    const { admin, admins, openAdmin, settings } = this.#input
    const session = await openExtensionSession(admin, openAdmin)
    admins.add(session)
    await settings.giveTo(session)
    return session
  }
}
