import { loadErrorOf } from './load-failure.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'

export interface GroupedStatement {
  readonly statement: Buffer
  /** Runs it by itself, because its group was refused, and deals with a refusal. Rejects where the load has to end. */
  alone(): Promise<void>
}

const MOST_STATEMENTS = 64
const MOST_BYTES = 262_144

/** Inside a transaction of the dump: what a refused group did is undone, and the transaction goes on. */
const BEFORE_GROUP = Buffer.from('SAVEPOINT "group"')
const UNDO_GROUP = Buffer.from('ROLLBACK TO SAVEPOINT "group"')
const AFTER_GROUP = Buffer.from('RELEASE SAVEPOINT "group"')

/**
 * Sends statements of one session together: of thousands of small ones, waiting for each answer is most of the time. The
 * server runs a group in one transaction; where it refuses one of them, all are run again by themselves, so that the
 * outcome is the same as without groups. Each is still exactly one statement to the server.
 */
export class StatementGroup {
  readonly #session: LoadSession
  readonly #outcome: Pick<LoadOutcome, 'isStopped'>
  #waiting: GroupedStatement[] = []
  #bytes = 0
  #isInTransaction = false

  constructor(session: LoadSession, outcome: Pick<LoadOutcome, 'isStopped'>) {
    this.#session = session
    this.#outcome = outcome
  }

  /** It runs with others, soon; all that was added before runs before it. Rejects where the load has to end. */
  async add(grouped: GroupedStatement): Promise<void> {
    this.#waiting.push(grouped)
    this.#bytes += grouped.statement.length
    if (this.#waiting.length >= MOST_STATEMENTS || this.#bytes >= MOST_BYTES) await this.flush()
  }

  /** A BEGIN or a COMMIT of the dump. */
  async addBoundary(grouped: GroupedStatement): Promise<void> {
    await this.flush()
    await grouped.alone()
    this.#isInTransaction = /^begin/i.test(grouped.statement.toString('latin1'))
  }

  /** All that was added has run. Rejects where the load has to end. */
  async flush(): Promise<void> {
    const group = this.#waiting
    if (group.length === 0) return
    this.#waiting = []
    this.#bytes = 0
    if (group.length > 1 && (await this.#ranTogether(group))) return
    for (const grouped of group) if (!this.#outcome.isStopped) await grouped.alone()
  }

  async #ranTogether(group: readonly GroupedStatement[]): Promise<boolean> {
    const statements = group.map(({ statement }) => statement)
    const guarded = this.#isInTransaction ? [BEFORE_GROUP, ...statements, AFTER_GROUP] : statements
    const isTaken = await this.#isTaken(() => this.#session.runEach(guarded))
    if (!isTaken && this.#isInTransaction) await this.#isTaken(() => this.#session.runOne(UNDO_GROUP))
    return isTaken
  }

  /** Rejects when the connection is what failed. */
  async #isTaken(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (loadErrorOf({ kind: '', identity: '' }, error) === null) throw error
      return false
    }
  }
}
