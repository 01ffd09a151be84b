import type { Snapshot } from './compare-snapshots.ts'

/** A table as the server has it now. */
export interface TableNow {
  readonly name: string
  /** Null: nobody knows. */
  readonly rows: number | null
  readonly isEstimate: boolean
  readonly isOfExtension: boolean
}

/** A table whose number of rows is another one now, or may be. */
export interface TableDifference {
  readonly table: string
  /** Null: it is not in the archive. */
  readonly inArchive: number | null
  /** Null: it is not there now. */
  readonly now: number | 'unknown' | null
  /** Whether `now` is the server's guess. */
  readonly isEstimate: boolean
}

export interface LiveDifference {
  /** The largest difference first. */
  readonly different: readonly TableDifference[]
  /** So many tables have as many rows as in the archive, which need not be the same rows. */
  readonly same: number
}

/**
 * What a restore of the archive would bring back and take away, in rows. Tables of extensions count only where the archive
 * has rows of them.
 */
export function differencesNow({ tables }: Snapshot, live: readonly TableNow[]): LiveDifference {
  const present = live.filter(({ name, isOfExtension }) => !isOfExtension || tables.has(name))
  const names = new Set(present.map(({ name }) => name))
  const gone = [...tables.values()].filter(({ name }) => !names.has(name))
  const all: readonly TableDifference[] = [
    ...gone.map(({ name, rows }) => ({ table: name, inArchive: rows, now: null, isEstimate: false })),
    ...present.map(({ name, rows, isEstimate }) => ({
      table: name,
      inArchive: tables.get(name)?.rows ?? null,
      now: rows ?? ('unknown' as const),
      isEstimate,
    })),
  ]
  const different = all.filter(({ inArchive, now }) => inArchive !== now)
  return { different: different.toSorted(largestFirst), same: all.length - different.length }
}

/** Those of which nothing is known come first: they may be the largest. */
function largestFirst(one: TableDifference, other: TableDifference): number {
  return sizeOf(other) - sizeOf(one) || (one.table < other.table ? -1 : 1)
}

function sizeOf({ inArchive, now }: TableDifference): number {
  return now === 'unknown' ? Number.MAX_SAFE_INTEGER : Math.abs((now ?? 0) - (inArchive ?? 0))
}
