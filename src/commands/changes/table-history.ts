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

/** A table that has more than a tenth fewer rows than some archive, or is gone with them. */
export interface LostTable {
  readonly table: string
  /** Null: it is gone. */
  readonly rows: number | null
  /** In the last archive in which it was whole. */
  readonly before: number
  /** The first archive in which more than a tenth of the most that it ever had is missing. */
  readonly since: SnapshotName
  /** The last one in which it was whole. */
  readonly wholeIn: SnapshotName
}

interface TableState {
  readonly rows: number | null
  /** The most that it had in any archive so far. */
  readonly most: number
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
    const known = this.#states.get(from ?? table)
    if (from !== null) this.#states.delete(from)
    // Small steps make a large loss too.
    const most = Math.max(known?.most ?? before ?? 0, rows ?? 0)
    const isLost = !isWhole(rows ?? 0, most)
    const lost = isLost ? (known?.lost ?? lossBetween(between, before ?? 0)) : null
    this.#states.set(table, { rows, most, lost })
  }
}

function lossBetween({ wholeIn, since }: Pick<LostTable, 'wholeIn' | 'since'>, before: number): TableState['lost'] {
  return { before, since: nameOf(since), wholeIn: nameOf(wholeIn) }
}

/** Without its tables, which would stay in memory. */
function nameOf({ archive, takenAt }: SnapshotName): SnapshotName {
  return { archive, takenAt }
}

function lossOf({ before, rows }: LostTable): number {
  return before - (rows ?? 0)
}
