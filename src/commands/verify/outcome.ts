import { pathBelowVolume } from '../../catalog/filter.ts'
import type { ArchiveSource, VerificationOutcome } from '../../events.ts'
import type { ProofResult } from '../../sources/verdict.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { PlannedVerification } from './plan-verification.ts'

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
    database: database.id.name,
    archive: entry === null ? null : pathBelowVolume(entry),
    from: measured.from,
    takenAt: entry === null ? null : isoWithOffset(entry.takenAt, measured.timeZone),
    verdict,
    reasons: [...planned.reasons, ...result.reasons],
    notes: [...planned.notes, ...result.notes],
    seconds: measured.seconds,
  }
}
