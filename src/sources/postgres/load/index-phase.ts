import pg from 'pg'
import { indexedTable, parentTables } from '../sql/indexed-table.ts'
import { nameParts } from '../sql/written-name.ts'
import { IndexBuilder, type IndexJob } from './index-builder.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'
import type { SessionSettingsLog } from './session-settings-log.ts'
import type { StatementGroup } from './statement-group.ts'

export interface IndexPhaseOptions {
  readonly jobs: number
  readonly loader: LoadSession
  /** Of the loader's session. */
  readonly group: StatementGroup
  readonly settings: SessionSettingsLog
  readonly outcome: LoadOutcome
  takeLoader(): Promise<LoadSession>
  /** Bytes of rows; `table` as written. */
  bytesOf(table: string): number
}

/** Of smaller tables an index is made sooner than another session is asked for it. */
const LEAST_BYTES_TO_SHARE = 262_144

/** Two statements that each wait for what the other holds: one of them is run again, alone. */
const DEADLOCK = '40P01'

/**
 * Indexes, keys and unique constraints: those of different tables side by side, those of parents of other tables after
 * them and in order, because they lock their children.
 */
export class IndexPhase implements AsyncDisposable {
  readonly #options: IndexPhaseOptions
  readonly #builder: IndexBuilder<LoadSession>
  readonly #parents = new Set<string>()
  readonly #postponed: IndexJob[] = []
  #hasWork = false

  constructor(options: IndexPhaseOptions) {
    this.#options = options
    this.#builder = new IndexBuilder({
      sessions: options.jobs,
      open: options.takeLoader,
      weightOf: table => options.bytesOf(table),
      run: (session, job) => this.#run(session, job),
    })
  }

  /** A statement that may make a table the parent of others. */
  notice(statement: Buffer): void {
    for (const parent of parentTables(statement)) this.#parents.add(keyOf(parent))
  }

  async add(statement: Buffer): Promise<void> {
    this.#hasWork = true
    const table = indexedTable(statement)
    const job = { statement, table: table ?? '', settings: this.#options.settings.count }
    if (this.#isInOrder(table)) return await this.#runInOrder(job)
    await this.#options.group.flush()
    if (this.#options.outcome.isStopped) return
    if (table === null || this.#parents.has(keyOf(table))) this.#postponed.push(job)
    else this.#builder.add(job)
  }

  #isInOrder(table: string | null): boolean {
    const { jobs, bytesOf } = this.#options
    return jobs <= 1 || (table !== null && bytesOf(table) < LEAST_BYTES_TO_SHARE && !this.#parents.has(keyOf(table)))
  }

  async #runInOrder(job: IndexJob): Promise<void> {
    const { settings, loader, group } = this.#options
    await settings.giveTo(loader)
    await group.add({ statement: job.statement, alone: () => this.#run(loader, job) })
  }

  /** All that was added is done, but for what waits in the group. */
  async finish(): Promise<void> {
    if (!this.#hasWork) return
    await this.#builder.finish()
    if (this.#postponed.length > 0) await this.#options.group.flush()
    for (const job of this.#postponed.splice(0)) await this.#run(this.#options.loader, job, 'refuse')
    this.#hasWork = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#builder[Symbol.asyncDispose]()
  }

  async #run(session: LoadSession, job: IndexJob, deadlock: 'postpone' | 'refuse' = 'postpone'): Promise<void> {
    const { settings, outcome } = this.#options
    await settings.giveTo(session, job.settings)
    try {
      await session.run(job.statement)
    } catch (error) {
      if (deadlock === 'postpone' && error instanceof pg.DatabaseError && error.code === DEADLOCK)
        this.#postponed.push(job)
      else await outcome.refused(job.statement, error)
    }
  }
}

function keyOf(table: string): string {
  return nameParts(table).join('\0')
}
