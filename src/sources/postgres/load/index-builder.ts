/** One statement that makes an index, a key or a unique constraint, or that hangs on one. */
export interface IndexJob {
  readonly statement: Buffer
  /** The table it works on. Statements of one table run one after the other, in their order. */
  readonly table: string
  /** How many settings of the dump stood before it. */
  readonly settings: number
}

export interface IndexBuilderOptions<Session extends AsyncDisposable> {
  /** The most sessions at a time. */
  readonly sessions: number
  open(): Promise<Session>
  /** Runs one job; rejects only when the load has to end. */
  run(session: Session, job: IndexJob): Promise<void>
  /** Larger tables begin first. */
  weightOf(table: string): number
}

/** Runs the index statements of different tables side by side, in sessions that it opens when they are needed. */
export class IndexBuilder<Session extends AsyncDisposable> implements AsyncDisposable {
  readonly #options: IndexBuilderOptions<Session>
  /** By table: what waits. A table is absent from it only when nothing of it waits. */
  readonly #waiting = new Map<string, IndexJob[]>()
  readonly #busyTables = new Set<string>()
  readonly #idle: Session[] = []
  readonly #sessions: Promise<Session>[] = []
  readonly #running = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | null = null

  constructor(options: IndexBuilderOptions<Session>) {
    this.#options = options
  }

  /** Starts a job as soon as its table and a session are free. */
  add(job: IndexJob): void {
    const lane = this.#waiting.get(job.table)
    if (lane === undefined) this.#waiting.set(job.table, [job])
    else lane.push(job)
    this.#start()
  }

  /** All jobs are done. Rejects with the first failure, after those that were running have ended. */
  async finish(): Promise<void> {
    while (this.#running.size > 0) await Promise.race(this.#running)
    if (this.#failure !== null) throw this.#failure.error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting.clear()
    const sessions = await Promise.allSettled(this.#sessions)
    await Promise.all(
      sessions.map(async opened => (opened.status === 'fulfilled' ? opened.value[Symbol.asyncDispose]() : undefined)),
    )
    await Promise.allSettled(this.#running)
  }

  #start(): void {
    while (this.#failure === null && this.#busyTables.size < this.#options.sessions) {
      const job = this.#takeHeaviest()
      if (job === null) return
      this.#busyTables.add(job.table)
      const run = this.#run(job).finally(() => {
        this.#running.delete(run)
        this.#busyTables.delete(job.table)
        this.#start()
      })
      this.#running.add(run)
    }
  }

  #takeHeaviest(): IndexJob | null {
    const free = [...this.#waiting.keys()].filter(table => !this.#busyTables.has(table))
    if (free.length === 0) return null
    const table = free.reduce((best, other) =>
      this.#options.weightOf(other) > this.#options.weightOf(best) ? other : best,
    )
    const lane = this.#waiting.get(table) ?? []
    const job = lane.shift() ?? null
    if (lane.length === 0) this.#waiting.delete(table)
    return job
  }

  async #run(job: IndexJob): Promise<void> {
    try {
      const session = this.#idle.pop() ?? (await this.#open())
      await this.#options.run(session, job)
      this.#idle.push(session)
    } catch (error) {
      this.#failure ??= { error }
      this.#waiting.clear()
    }
  }

  async #open(): Promise<Session> {
    const opened = this.#options.open()
    this.#sessions.push(opened)
    return await opened
  }
}
