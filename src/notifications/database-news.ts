import type { DatabaseOutcome, RunReport, VerificationOutcome } from '../events.ts'
import type { DatabaseResult } from './occurrence.ts'
import { type PastResults, pastResultsIn, saysNothing } from './past-results.ts'
import type { Level } from './wording/message.ts'

/** How a database stands beside what was known before. `failure` is a new one, `still-failing` one that was told already; `alarm`: it lacks what was there before. */
export type Change = 'first' | 'none' | 'failure' | 'still-failing' | 'recovery' | 'alarm'

/** What is to be thought of one database of a run. */
export interface DatabaseNews {
  readonly database: string
  readonly level: Level
  readonly change: Change
  /** The usual size, when the new archive takes less than half of it. */
  readonly shrunkFrom: number | null
}

/** Judges how one database came out of a run. */
export function newsOfResult(result: DatabaseResult, past: PastResults): DatabaseNews {
  return result.mode === 'backup' ? newsOfBackup(result.outcome, past) : newsOfVerdict(result.outcome, past)
}

/** Judges every database of a run, in the report's order; nothing for a run that is about no list of databases. */
export function newsOfRun(report: RunReport, history: readonly RunReport[]): readonly DatabaseNews[] {
  const past = pastResultsIn(history)
  switch (report.mode) {
    case 'backup':
      return report.outcomes.map(outcome => newsOfBackup(outcome, past(outcome.database)))
    case 'verify':
      return report.outcomes.map(outcome => newsOfVerdict(outcome, past(outcome.database)))
    case 'prune':
    case 'restore':
      return []
  }
}

function newsOfBackup(outcome: DatabaseOutcome, past: PastResults): DatabaseNews {
  const { database } = outcome
  if (outcome.result === 'failed') {
    if (saysNothing(outcome.failure)) return { database, level: 'WARN', change: 'none', shrunkFrom: null }
    const change = past.backup === 'failed' ? 'still-failing' : 'failure'
    return { database, level: 'ERROR', change, shrunkFrom: null }
  }
  if (outcome.alarm?.isNew) return { database, level: 'ERROR', change: 'alarm', shrunkFrom: null }
  const change = past.backup === null ? 'first' : past.backup === 'failed' ? 'recovery' : 'none'
  const { usualBytes } = past
  const shrunkFrom = usualBytes !== null && outcome.storedBytes < usualBytes / 2 ? usualBytes : null
  const isOdd = shrunkFrom !== null || outcome.pruneFailure !== null || outcome.alarm !== undefined
  return { database, level: isOdd ? 'WARN' : 'INFO', change, shrunkFrom }
}

function newsOfVerdict({ database, verdict }: VerificationOutcome, { verdict: before }: PastResults): DatabaseNews {
  const level = verdict === 'failed' ? 'ERROR' : verdict === 'proved' ? 'INFO' : 'WARN'
  return { database, level, change: verdictChange(verdict, before), shrunkFrom: null }
}

/** A verification that could not be done before, and fails now, is news, although neither was a proof. */
function verdictChange(verdict: VerificationOutcome['verdict'], before: PastResults['verdict']): Change {
  if (verdict === before) return verdict === 'proved' ? 'none' : 'still-failing'
  if (verdict !== 'proved') return 'failure'
  return before === null ? 'first' : 'recovery'
}
