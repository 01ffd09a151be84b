import { DumpScanner } from '../sql/dump-scanner.ts'
import { type RowSorter, type SortOptions, startRowSorter } from './row-sorter.ts'

/** Digests rows that come one after the other, such as those of a COPY … TO STDOUT. Throws what startRowSorter throws. */
export async function sortRows(
  rows: AsyncIterable<Buffer>,
  options: SortOptions,
  signal: AbortSignal,
): Promise<string> {
  await using sorter = await startRowSorter(options, signal)
  for await (const chunk of rows) await sorter.write(chunk)
  return await sorter.end()
}

/**
 * Reads a dump to its end and digests the rows of some of its tables, each as a multiset and whatever number of COPY
 * blocks it has. `wanted`: how many rows each of them has, so that one sorter at a time runs where a table has one block.
 * Tables that the dump lacks, or has fewer rows of, are not in the result.
 */
export async function sortTables(
  dump: AsyncIterable<Buffer>,
  input: SortOptions & { readonly wanted: ReadonlyMap<string, number> },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  await using sorting = new TableSorting(input, signal)
  const scanner = new DumpScanner({
    comment: () => {},
    metaCommand: () => {},
    statement: () => {},
    copyStart: ({ table }) => sorting.select(table),
    copyData: (bytes, rows) => sorting.add(bytes, rows),
    copyEnd: () => {},
  })
  for await (const chunk of dump) {
    scanner.write(chunk)
    await sorting.work()
  }
  return sorting.results
}

interface Piece {
  readonly table: string
  readonly bytes: Buffer
  readonly rows: number
}

/** The scanner calls back at once and a sorter takes its time: what it found waits here until the chunk is read. */
class TableSorting implements AsyncDisposable {
  readonly results = new Map<string, string>()
  readonly #options: SortOptions & { readonly wanted: ReadonlyMap<string, number> }
  readonly #signal: AbortSignal
  readonly #running = new Map<string, { readonly sorter: RowSorter; rows: number }>()
  #selected: string | null = null
  #pieces: Piece[] = []

  constructor(options: SortOptions & { readonly wanted: ReadonlyMap<string, number> }, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  select(table: string): void {
    this.#selected = this.#options.wanted.has(table) ? table : null
  }

  add(bytes: Buffer, rows: number): void {
    if (this.#selected !== null) this.#pieces.push({ table: this.#selected, bytes, rows })
  }

  async work(): Promise<void> {
    const pieces = this.#pieces
    this.#pieces = []
    for (const { table, bytes, rows } of pieces) {
      const running = await this.#runningFor(table)
      await running.sorter.write(bytes)
      running.rows += rows
      if (running.rows === this.#options.wanted.get(table)) await this.#finish(table, running.sorter)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { sorter } of this.#running.values()) await sorter[Symbol.asyncDispose]()
  }

  async #runningFor(table: string): Promise<{ readonly sorter: RowSorter; rows: number }> {
    const running = this.#running.get(table) ?? { sorter: await startRowSorter(this.#options, this.#signal), rows: 0 }
    this.#running.set(table, running)
    return running
  }

  async #finish(table: string, sorter: RowSorter): Promise<void> {
    this.results.set(table, await sorter.end())
    this.#running.delete(table)
    await sorter[Symbol.asyncDispose]()
  }
}
