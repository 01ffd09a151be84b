import type { DatabaseOutcome, RunReport, Verdict } from '../events.ts'

/** What was known of one database before a run. */
export interface PastResults {
  /** How its last backup ended; null before the first. One that was locked or interrupted says nothing. */
  readonly backup: 'good' | 'failed' | null
  /** What the last verification found; null before the first. */
  readonly verdict: Verdict | null
  /** The median of what its last seven good archives take; null before the first. */
  readonly usualBytes: number | null
}

const SIZES = 7

const NOTHING: PastResults = { backup: null, verdict: null, usualBytes: null }

/** What finished runs (oldest first) say of each database; a database that none of them names is a new one. */
export function pastResultsIn(history: readonly RunReport[]): (database: string) => PastResults {
  const known = new Map<string, PastResults>()
  const sizes = new Map<string, number[]>()
  for (const report of history) {
    if (report.mode === 'backup') addBackups(report, known, sizes)
    if (report.mode !== 'verify') continue
    for (const { database, verdict } of report.outcomes) {
      known.set(database, { ...(known.get(database) ?? NOTHING), verdict })
    }
  }
  return database => {
    return { ...(known.get(database) ?? NOTHING), usualBytes: median((sizes.get(database) ?? []).slice(-SIZES)) }
  }
}

/** A database that another run works on, or that was not come to, is no worse than before. */
export function saysNothing(failure: { readonly kind: string }): boolean {
  return failure.kind === 'locked' || failure.kind === 'interrupted'
}

function addBackups(
  report: Extract<RunReport, { readonly mode: 'backup' }>,
  known: Map<string, PastResults>,
  sizes: Map<string, number[]>,
): void {
  for (const outcome of report.outcomes) {
    const { database } = outcome
    if (outcome.result === 'failed' && saysNothing(outcome.failure)) continue
    const backup = outcome.result === 'failed' ? 'failed' : 'good'
    known.set(database, { ...(known.get(database) ?? NOTHING), backup })
    if (outcome.result === 'failed') continue
    sizes.set(database, [...(sizes.get(database) ?? []), outcome.storedBytes])
  }
  if (report.only === undefined) forgetReadLists(report.outcomes, known)
}

/** Only a list of a server's databases that cannot be read is an outcome, `host/*`: a run of all without it could read it. */
function forgetReadLists(outcomes: readonly DatabaseOutcome[], known: Map<string, PastResults>): void {
  const named = new Set(outcomes.map(({ database }) => database))
  for (const database of known.keys()) if (database.endsWith('/*') && !named.has(database)) known.delete(database)
}

function median(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
