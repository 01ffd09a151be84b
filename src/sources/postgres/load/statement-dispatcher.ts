import { OperatorError } from '../../../errors.ts'
import type { DumpItem } from '../sql/dump-reader.ts'
import type { Unfinished } from '../sql/dump-scanner.ts'
import { isSafeEncoding, sessionSetting } from '../sql/session-settings.ts'
import { identifyStatement } from '../sql/statement-identity.ts'
import { routeStatement } from '../sql/statement-route.ts'
import { runAdminStatement } from './admin-statement.ts'
import { analyzeTables } from './analyze-tables.ts'
import { CopyBlocks } from './copy-blocks.ts'
import { endAsAdmin, WaitingStatements } from './end-as-admin.ts'
import type { OpenWithPath } from './extension-session.ts'
import { Extensions } from './extensions.ts'
import { IndexPhase } from './index-phase.ts'
import { LentRights } from './lent-rights.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'
import { refuseMetaCommand, refuseStatement } from './refused-text.ts'
import { RefusedToLoader } from './refused-to-loader.ts'
import { RoleDirectory } from './role-directory.ts'
import { SequenceValues } from './sequence-values.ts'
import { concernsServer } from './server-statements.ts'
import { SessionSettingsLog } from './session-settings-log.ts'
import { StatementGroup } from './statement-group.ts'
import { SuperuserObjects, type SuperuserPolicy } from './superuser-objects.ts'

/** What differs between a load into a scratch server and one beside a live database. */
export interface DispatchOptions {
  /** `statements-only`: the data of COPY blocks, sequence values and large objects are read and dropped. */
  readonly data: 'with-rows' | 'statements-only'
  /** The most sessions that make indexes, keys and unique constraints at a time; 1 makes them in order. */
  readonly jobs: number
  /**
   * What happens to a statement that names a role that the server lacks: `create` makes the role, unable to log in (for
   * a scratch server); `skip` leaves the statement out and lists it. Roles that the dump itself creates (an archive of the
   * bash tool) are made by no load: a restore has made those that it needs before.
   */
  readonly missingRoles: 'create' | 'skip'
  /** What becomes of objects that only a superuser can make and that are of no extension. */
  readonly superuserObjects: SuperuserPolicy
  /** A person trusts the archive as the target: code of it may run with the rights of the admin. */
  readonly isTrusted?: boolean
  /** Gather the planner's statistics when all rows are there, while everything is still the loader's. */
  readonly analyze?: boolean
  /** The schemas in which the loader looks for names without one; empty, as it is by default: as the dump has it. */
  readonly searchPath?: readonly string[]
  readonly onStep?: (step: LoadStep) => void
  /** Called once, when all rows, indexes, keys and unique constraints are in place and before the rest. */
  readonly afterIndexes?: () => void
}

export type LoadStep = 'loading' | 'indexes' | 'rest'

export interface LoadSessions {
  readonly admin: LoadSession
  readonly loader: LoadSession
  /** One more session of the loader, `jobs` times at the most. */
  takeLoader(): Promise<LoadSession>
  readonly openAdmin: OpenWithPath
}

/** Statements that stand among the indexes of a dump and do not end them. */
const AMONG_INDEXES = new Set(['INDEX ATTACH', 'STATISTICS TARGET'])

/** Gives the items of one dump to the sessions that they belong to, in an order that loads them. */
export class StatementDispatcher implements AsyncDisposable {
  readonly #options: DispatchOptions
  readonly #outcome: LoadOutcome
  readonly #admin: LoadSession
  readonly #loader: LoadSession
  readonly #settings: SessionSettingsLog
  readonly #extensions: Extensions
  readonly #lent: LentRights
  readonly #refused: RefusedToLoader
  readonly #roles: RoleDirectory
  readonly #superuser: SuperuserObjects
  /** Of the loader's session; empty whenever anything else is run. */
  readonly #group: StatementGroup
  readonly #copies: CopyBlocks
  readonly #sequences: SequenceValues
  readonly #indexes: IndexPhase
  readonly #waiting = new WaitingStatements()
  #step: LoadStep = 'loading'

  constructor(options: DispatchOptions, sessions: LoadSessions, outcome: LoadOutcome) {
    const { admin, loader, takeLoader, openAdmin } = sessions
    this.#options = options
    this.#outcome = outcome
    this.#admin = admin
    this.#loader = loader
    const admins = new WeakSet([admin])
    this.#settings = new SessionSettingsLog({
      admins,
      searchPath: options.searchPath ?? [],
      onRefusal: ({ kind, identity, sqlstate, text }) => outcome.note({ kind, name: identity, sqlstate, text }),
    })
    this.#roles = new RoleDirectory(admin, outcome, { missing: options.missingRoles })
    const { isTrusted = false } = options
    this.#extensions = new Extensions({
      isTrusted,
      admin,
      loader,
      roles: this.#roles,
      settings: this.#settings,
      admins,
      openAdmin,
    })
    const { relations } = this.#extensions
    this.#lent = new LentRights(admin, loader)
    this.#superuser = new SuperuserObjects({ admin, loader, outcome }, options.superuserObjects)
    const sharing = { admin, loader, relations, lent: this.#lent, outcome }
    this.#refused = new RefusedToLoader({ ...sharing, isTrusted, superuser: this.#superuser })
    this.#group = new StatementGroup(loader, outcome)
    const context = { loader, relations, lent: this.#lent, outcome, group: this.#group }
    this.#copies = new CopyBlocks(context)
    this.#sequences = new SequenceValues(context)
    const bytesOf = (table: string): number => this.#copies.bytesOf(table)
    this.#indexes = new IndexPhase({
      jobs: options.jobs,
      loader,
      group: this.#group,
      settings: this.#settings,
      outcome,
      takeLoader,
      bytesOf,
    })
  }

  /** To be called before the first item. */
  async begin(): Promise<void> {
    await this.#lent.beforeAll()
  }

  /** The next item of the dump. Gives a promise only if the caller has to wait. */
  take(item: DumpItem): Promise<void> | undefined {
    if (this.#outcome.isStopped) return this.#lookOn(item)
    switch (item.type) {
      case 'statement':
        return this.#statement(item.bytes)
      case 'copy-start':
        return this.#hasRows ? this.#startCopy(item.target) : undefined
      case 'copy-data':
        return this.#hasRows ? this.#copies.data(item.bytes, item.rows) : undefined
      case 'copy-end':
        return this.#hasRows ? this.#copies.end() : undefined
      case 'meta-command':
        return refuseMetaCommand(item.text)
    }
  }

  /** The dump is over: runs all that waited for its end. */
  async finish(unfinished: Unfinished | null): Promise<void> {
    if (unfinished !== null)
      throw new OperatorError('incomplete', `dump: it ends inside a ${unfinished}; expected a whole dump`)
    if (this.#outcome.isStopped) return
    await this.#indexes.finish()
    await this.#group.flush()
    if (this.#outcome.isStopped) return
    this.#enterRest()
    await this.#bringUp(this.#admin)
    await this.#bringUp(this.#loader)
    for (const statement of this.#waiting.late)
      if (await this.#roles.provideFor(statement)) await this.#onLoader(statement)
    await this.#group.flush()
    // It runs code of the archive, which may draw from sequences: so it is before their last setting, and as the loader.
    if (this.#options.analyze === true) await analyzeTables(this.#loader, this.#outcome)
    await this.#sequences.setAgain()
    await this.#refused.finish()
    await this.#lent.takeBack()
    await endAsAdmin(this.#waiting, {
      ...{ admin: this.#admin, loader: this.#loader, roles: this.#roles, outcome: this.#outcome },
      ...{ extensions: this.#extensions, refused: this.#refused, superuser: this.#superuser },
      isScratch: this.#options.missingRoles === 'create',
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#indexes[Symbol.asyncDispose]()
  }

  get #hasRows(): boolean {
    return this.#options.data === 'with-rows'
  }

  async #statement(statement: Buffer): Promise<void> {
    const route = concernsServer(statement) ? 'server' : routeStatement(statement)
    this.#outcome.statements++
    switch (route) {
      case 'both':
        return await this.#setting(statement)
      case 'deferred':
        this.#extensions.noteDeferred(statement)
        this.#waiting.deferred.add(statement)
        return
      case 'late':
      case 'mapping':
      case 'last':
      case 'server':
        this.#waiting[route].add(statement)
        return
      case 'refused':
        return refuseStatement(statement)
      case 'parallel':
        return await this.#index(statement)
      case 'admin':
        await this.#barrier(statement)
        return await this.#onAdmin(statement)
      case 'superuser':
        await this.#barrier(statement)
        return await this.#onSuperuser(statement)
      case 'sequence-value':
      case 'large-object':
        if (!this.#hasRows) return
        await this.#barrier(statement)
        return await (route === 'large-object' ? this.#onLoader(statement) : this.#sequences.set(statement))
      case 'loader':
        await this.#barrier(statement)
        this.#indexes.notice(statement)
        return await this.#onLoader(statement)
      case 'transaction':
        await this.#barrier(statement)
        return await this.#group.addBoundary({ statement, alone: () => this.#alone(statement) })
    }
  }

  async #setting(statement: Buffer): Promise<void> {
    const setting = sessionSetting(statement)
    if (setting?.name === 'client_encoding' && !isSafeEncoding(setting.value))
      throw new OperatorError(
        'incomplete',
        `dump: its encoding is ${setting.value}; expected one that a server can have`,
      )
    await this.#group.flush()
    await this.#lent.beforeSetting(statement)
    this.#settings.add(statement)
  }

  async #startCopy(target: Parameters<CopyBlocks['start']>[0]): Promise<void> {
    await this.#indexes.finish()
    await this.#group.flush()
    if (this.#outcome.isStopped) return
    await this.#bringUp(this.#loader)
    await this.#bringUp(this.#admin)
    await this.#copies.start(target)
  }

  async #index(statement: Buffer): Promise<void> {
    if (this.#step === 'loading') this.#enter('indexes')
    await this.#indexes.add(statement)
  }

  /** What comes now may need the indexes that are being made. */
  async #barrier(statement: Buffer): Promise<void> {
    await this.#indexes.finish()
    if (this.#step === 'indexes' && !AMONG_INDEXES.has(identifyStatement(statement).kind)) this.#enterRest()
  }

  #enterRest(): void {
    if (this.#step === 'rest') return
    this.#enter('rest')
    this.#options.afterIndexes?.()
  }

  #enter(step: 'indexes' | 'rest'): void {
    this.#step = step
    this.#options.onStep?.(step)
  }

  async #onLoader(statement: Buffer): Promise<void> {
    await this.#bringUp(this.#loader)
    await this.#group.add({ statement, alone: () => this.#alone(statement) })
  }

  async #alone(statement: Buffer): Promise<void> {
    await this.#loader.run(statement).catch(async (error: unknown) => {
      await this.#bringUp(this.#admin)
      await this.#refused.makeAgain(statement, error)
    })
  }

  async #onSuperuser(statement: Buffer): Promise<void> {
    await this.#group.flush()
    if (this.#outcome.isStopped) return this.#lookOn({ type: 'statement', bytes: statement })
    await this.#bringUp(this.#admin)
    const made = await this.#superuser
      .make(statement)
      .catch((error: unknown) => this.#outcome.refused(statement, error))
    if (made === 'withheld') this.#outcome.withhold(statement)
  }

  /** So that all of them can be named. */
  #lookOn(item: DumpItem): undefined {
    if (item.type === 'statement' && routeStatement(item.bytes) === 'superuser') this.#outcome.withhold(item.bytes)
  }

  async #onAdmin(statement: Buffer): Promise<void> {
    await this.#group.flush()
    if (this.#outcome.isStopped) return
    await this.#bringUp(this.#admin)
    const context = { admin: this.#admin, loader: this.#loader, lent: this.#lent, extensions: this.#extensions }
    await runAdminStatement(statement, context).catch((error: unknown) => this.#outcome.refused(statement, error))
  }

  async #bringUp(session: LoadSession): Promise<void> {
    await this.#settings.giveTo(session)
  }
}
