import type { TableFingerprint } from './fingerprint.ts'

/**
 * How often a row is in memory at once, measured with rows of 100 MB: where it is loaded, 4.6 times in the server; where
 * it is dumped, 2 to 3 times in the server and 2 to 2.5 times in pg_dump.
 */
const TIMES = { 'server and pg_dump': 6, pg_dump: 3 } as const

/** What server and program need besides. */
const BESIDE: Readonly<Record<keyof typeof TIMES, number>> = {
  'server and pg_dump': 384 * 2 ** 20,
  pg_dump: 160 * 2 ** 20,
}

/** Below this a row changes nothing about what a container needs anyway. */
const SHORTEST = 16 * 2 ** 20

/** A table with a row that needs more memory than there is. */
export interface TooLongRow {
  readonly table: string
  readonly rowBytes: number
  readonly neededBytes: number
}

/**
 * The table whose longest row needs the most, if that is more than there is; null otherwise, and where nobody knows.
 * `where`: what of it runs here.
 */
export function tooLongRow(
  tables: readonly Pick<TableFingerprint, 'name' | 'longestRow'>[],
  where: keyof typeof TIMES,
  memoryBytes: number | null,
): TooLongRow | null {
  const longest = tables.reduce<{ readonly name: string; readonly longestRow?: number } | null>(
    (best, table) => ((table.longestRow ?? 0) > (best?.longestRow ?? 0) ? table : best),
    null,
  )
  const rowBytes = longest?.longestRow ?? 0
  if (longest === null || rowBytes < SHORTEST || memoryBytes === null) return null
  const neededBytes = rowBytes * TIMES[where] + BESIDE[where]
  return neededBytes > memoryBytes ? { table: longest.name, rowBytes, neededBytes } : null
}
