import { versionOf } from './backup-topic.ts'
import type { Report } from './compare.ts'
import { createLargeDatabase } from './data.ts'
import { makeBenchFolder } from './folder.ts'
import type { BenchOptions } from './options.ts'
import { pageHead } from './pages.ts'
import { benchLargeProof, benchSmallProofs } from './proofs.ts'
import { startBenchServer } from './server.ts'
import { createSmallDatabases, SMALL_DATABASES } from './small-data.ts'
import type { Bench, SuiteResult } from './suite.ts'
import { commandTable, mebibytes, ratioTable, table } from './table.ts'

/** Measures proofs of archives that it takes itself, in a folder of its own, which is gone afterwards. */
export async function measureVerify(options: BenchOptions, report: Report, signal: AbortSignal): Promise<string> {
  using folder = makeBenchFolder()
  await using server = await startBenchServer(folder.path, signal)
  const bench: Bench = { server, folder: folder.path, runs: options.runs, report }
  report(`== making a database of about ${options.size} MB and ${SMALL_DATABASES} small ones`)
  await createLargeDatabase(server, 'large', options.size)
  const small = await createSmallDatabases(server)
  const suites = [await benchSmallProofs(bench, small, signal), await benchLargeProof(bench, 'large', signal)]
  return verifyPage(options, await versionOf(server), suites)
}

function verifyPage(options: BenchOptions, version: string, suites: readonly SuiteResult[]): string {
  const about = `PostgreSQL ${version}. The large database's dump has about ${options.size} MB, a small one's 2.`
  return `${pageHead('verify', about)}
Each command ran once to warm up, then ${options.runs} times, in turn with those it is compared with. The times are medians, the
ratios those of the medians. Before each command the disk was idle.

## Ours beside the alternatives

${ratioTable(suites)}

Ours starts one scratch server for all archives of a run, hashes and loads each, dumps what was loaded and compares every row
and statement with the archive; a run in which one archive is not proved is no result. The alternatives are the original's
way and compare nothing: \`initdb\`, start of the server, role and database, \`gunzip | psql\`, a look whether there is a table,
stop, remove; once with PostgreSQL's own settings, as the original does, and once with settings that are tuned for loading.

## Memory

${memoryTable(suites)}

The most resident memory that our own process had over all runs, without the scratch server, \`pg_dump\` and the decompressor.

## All commands

${commandTable(suites)}
`
}

function memoryTable(suites: readonly SuiteResult[]): string {
  const rows = suites.flatMap(suite =>
    suite.measurements
      .filter(one => one.contestant.ours)
      .map(one => [`${suite.title}: ${one.contestant.label}`, mebibytes(one.peakBytes), '≤ 130']),
  )
  return table(['work', 'peak, MiB', 'the design asks for'], rows)
}
