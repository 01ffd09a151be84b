import type { BenchOptions } from './options.ts'
import { pageHead } from './pages.ts'
import { START_REPEATS } from './program.ts'
import type { SuiteResult } from './suite.ts'
import { commandTable, mebibytes, megabytes, ratioTable, table } from './table.ts'

/** The conditions of a bench and what it gave. */
export interface BackupResult {
  readonly options: BenchOptions
  readonly serverVersion: string
  /** Bytes of the large database's dump, not compressed. */
  readonly dumpBytes: number
  readonly suites: readonly SuiteResult[]
}

/** The text of docs/benchmarks/backup.md: what was measured, how, and the figures. It names no machine and no path. */
export function backupPage(result: BackupResult): string {
  const { serverVersion, dumpBytes } = result
  const about = `PostgreSQL ${serverVersion}. The large database's dump has ${megabytes(dumpBytes)} MB.`
  return `${pageHead('backup', about)}
Each command ran once to warm up, then ${result.options.runs} times (the start: ${result.options.runs * START_REPEATS} times), in turn with
those it is compared with. The times are medians, the ratios those of the medians. The server ran on the same cores. Before each
backup the disk was idle and the target folder empty. Ours compresses, hashes, fingerprints, syncs to the disk, writes the manifest and
prunes; the alternatives do not sync.

## Ours beside the alternatives

${ratioTable(result.suites)}

The original's way: for each database a check with \`psql\`, \`pg_dump\` and \`pg_dumpall --roles-only\` into plain files, both
compressed by \`gzip\`, the plain files removed.

Where a ratio misses what the design asks for, [decisions/0008](../decisions/0008-where-the-time-goes.md) says why.

## Memory

${memoryTable(result)}

The most resident memory that our own process had over all runs, without \`pg_dump\` and the compressor. It must not grow with the dump.

## All commands

${commandTable(result.suites)}
`
}

function memoryTable(result: BackupResult): string {
  const dumping = result.suites.flatMap(suite =>
    suite.measurements
      .filter(one => one.contestant.ours && one.storedBytes !== null)
      .map(one => [`${suite.title}: ${one.contestant.label}`, mebibytes(one.peakBytes), '≤ 130']),
  )
  return table(['work', 'peak, MiB', 'the design asks for'], dumping)
}
