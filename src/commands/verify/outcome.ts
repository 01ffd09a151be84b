import { pathBelowVolume } from '../../catalog/filter.ts'
import { type Failure, failureOf } from '../../errors.ts'
import type { ArchiveSource, ProofFacts, Remark, Verdict, VerificationOutcome } from '../../events.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { PlannedVerification } from './plan-verification.ts'

/** What reading, loading and comparing one archive found. */
export interface ProofResult {
  readonly verdict: Verdict
  readonly facts: ProofFacts
  readonly reasons: readonly Remark[]
  readonly notes: readonly string[]
  readonly tables: number
  readonly rows: number
  readonly restoreSeconds: number | null
}

export const NOTHING_KNOWN: ProofFacts = { isWhatWasDumped: 'unknown', loads: 'unknown', comesBack: 'unknown' }

/** A proof that did not come far enough to say that the archive comes back. */
export function couldNotVerify(reasons: readonly Remark[], facts: ProofFacts = NOTHING_KNOWN): ProofResult {
  const found = { notes: [], tables: 0, rows: 0, restoreSeconds: null }
  return { verdict: 'could-not-verify', facts, reasons, ...found }
}

/** An error as a reason that may leave the pod. */
export function remarkOf(error: unknown): Remark {
  return remarkOfFailure(failureOf(error))
}

function remarkOfFailure({ kind, object, sqlstate, message, hint }: Failure): Remark {
  return { kind, name: object, sqlstate, text: hint === null ? message : `${message}; ${hint}` }
}

/** What becomes of a database: a proof of an archive that is too old proves nothing about the database. */
export function outcomeOf(
  planned: PlannedVerification,
  result: ProofResult,
  measured: { readonly from: ArchiveSource; readonly seconds: number; readonly timeZone: string },
): VerificationOutcome {
  const { database, entry } = planned
  const verdict = result.verdict === 'proved' && planned.reasons.length > 0 ? 'could-not-verify' : result.verdict
  return {
    ...result,
    database: database.name,
    archive: entry === null ? null : pathBelowVolume(entry),
    from: measured.from,
    takenAt: entry === null ? null : isoWithOffset(entry.takenAt, measured.timeZone),
    verdict,
    reasons: [...planned.reasons, ...result.reasons],
    notes: [...planned.notes, ...result.notes],
    seconds: measured.seconds,
  }
}
