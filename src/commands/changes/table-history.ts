import { compareSnapshots, isWhole, type Snapshot, type TableChange } from './compare-snapshots.ts'

/** An archive, for a person who wants it. */
export type SnapshotName = Pick<Snapshot, 'archive' | 'takenAt'>

/** What one archive holds, and how that differs from the one before it. */
export interface HistoryStep extends SnapshotName {
  readonly tables: number
  readonly rows: number
  /** Empty for the first one. */
  readonly changes: readonly TableChange[]
}

/** A table that lost more than a tenth of its rows, or is gone with them, and has not got them back. */
export interface LostTable {
  readonly table: string
  /** Null: it is gone. */
  readonly rows: number | null
  readonly before: number
  /** The first archive in which they are missing. */
  readonly since: SnapshotName
  /** The last one in which it was whole. */
  readonly wholeIn: SnapshotName
}

interface TableState {
  readonly rows: number | null
  readonly lost: Omit<LostTable, 'table' | 'rows'> | null
}

/** The tables of one source through its archives, which are added from the oldest to the newest. */
export class TableHistory {
  #last: Snapshot | null = null
  readonly #states = new Map<string, TableState>()

  /** Takes the next archive, and says how it differs from the one before. */
  add(snapshot: Snapshot): HistoryStep {
    const last = this.#last
    const changes = last === null ? [] : compareSnapshots(last, snapshot)
    if (last !== null) for (const change of changes) this.#follow(change, { wholeIn: last, since: snapshot })
    this.#last = snapshot
    const { archive, takenAt, tables } = snapshot
    const rows = [...tables.values()].reduce((sum, table) => sum + table.rows, 0)
    return { archive, takenAt, tables: tables.size, rows, changes }
  }

  /** What is not what it was, the largest loss first. */
  lost(): readonly LostTable[] {
    return [...this.#states]
      .flatMap(([table, { rows, lost }]) => (lost === null ? [] : [{ table, rows, ...lost }]))
      .toSorted((one, other) => lossOf(other) - lossOf(one))
  }

  #follow({ table, from, before, rows }: TableChange, between: Pick<LostTable, 'wholeIn' | 'since'>): void {
    const earlier = this.#states.get(from ?? table)?.lost ?? null
    if (from !== null) this.#states.delete(from)
    this.#states.set(table, { rows, lost: earlier === null ? lossIn(before, rows, between) : stillLost(earlier, rows) })
  }
}

function lossIn(
  before: number | null,
  rows: number | null,
  { wholeIn, since }: Pick<LostTable, 'wholeIn' | 'since'>,
): TableState['lost'] {
  if (before === null || isWhole(rows ?? 0, before)) return null
  return { before, since: nameOf(since), wholeIn: nameOf(wholeIn) }
}

function stillLost(lost: NonNullable<TableState['lost']>, rows: number | null): TableState['lost'] {
  return isWhole(rows ?? 0, lost.before) ? null : lost
}

/** Without its tables, which would stay in memory. */
function nameOf({ archive, takenAt }: SnapshotName): SnapshotName {
  return { archive, takenAt }
}

function lossOf({ before, rows }: LostTable): number {
  return before - (rows ?? 0)
}
