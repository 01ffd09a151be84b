import { execFileSync } from 'node:child_process'
import { limit, originalWay, pipedThroughGzip, pipedThroughIgzip } from './alternatives.ts'
import { configureOurs } from './ours.ts'
import { type Bench, makePlace, runSuite, type SuiteResult } from './suite.ts'

/** Backup of one large database. */
export async function benchLargeDatabase(bench: Bench, database: string, signal: AbortSignal): Promise<SuiteResult> {
  const place = await makePlace(bench, 'large')
  const program = await configureOurs(bench.server, place.folder, [database])
  const bare = limit(place, [database])
  const gzip = pipedThroughGzip(place, database)
  const original = originalWay(place, [database])
  const ours = program.contestant('backup -1', ['-1'], { writes: true })
  const igzip = hasIgzip() ? [pipedThroughIgzip(place, database)] : []
  const suite = {
    title: 'one large database',
    contestants: [bare, gzip, original, ours, ...igzip],
    rows: [
      { ours, beside: bare, design: '≤ 1.35, then 1.15' },
      { ours, beside: gzip, design: '≤ 0.25' },
      { ours, beside: original, design: '≤ 0.20' },
      ...igzip.map(beside => ({ ours, beside, design: '' })),
    ],
  }
  return runSuite(bench, suite, signal)
}

/** Backup of many small databases of one server. */
export async function benchSmallDatabases(
  bench: Bench,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<SuiteResult> {
  const place = await makePlace(bench, 'small')
  const program = await configureOurs(bench.server, place.folder, databases)
  const bare = limit(place, databases)
  const original = originalWay(place, databases)
  const single = program.contestant('backup -1, one at a time', ['-1'], { writes: true })
  const double = program.contestant('backup -1, two at a time', ['-1'], { writes: true, perHost: 2 })
  const suite = {
    title: `${databases.length} small databases`,
    contestants: [bare, original, single, double],
    rows: [
      { ours: single, beside: original, design: '≤ 0.26' },
      { ours: double, beside: original, design: '≤ 0.15' },
      { ours: single, beside: bare, design: '' },
      { ours: double, beside: bare, design: '' },
    ],
  }
  return runSuite(bench, suite, signal)
}

function hasIgzip(): boolean {
  try {
    execFileSync('bash', ['-c', 'command -v igzip'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
