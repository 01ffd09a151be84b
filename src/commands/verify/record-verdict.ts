import { type ArchiveEntry, readCatalog } from '../../catalog/catalog.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import { recordVerification } from '../../catalog/record-verification.ts'
import { logLinesOf } from '../../errors.ts'
import type { ArchiveSource } from '../../events.ts'
import { contentProblem } from '../../sources/sources.ts'
import type { ProofResult } from '../../sources/verdict.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { Context } from '../context.ts'
import { recordMissingCopy } from '../copies/send-copy.ts'
import { notRecorded } from '../warner.ts'

export interface Finding {
  readonly result: ProofResult
  readonly seconds: number
  readonly context: Context
  /** Where the archive was read. */
  readonly from: ArchiveSource
}

/**
 * Writes a verdict into the manifest of the archive on the volume, also that of a copy; a copy that is not the archive
 * any more is sent again by the next backup run. Never rejects: what a person should know when it could not be written
 * down is the result; the verdict stands all the same.
 */
export async function recordVerdict(
  entry: ArchiveEntry,
  { result, seconds, context, from }: Finding,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { configuration, clock, runId, log } = context
  const { backupDir, timeZone } = configuration.settings
  try {
    const own = from === 'volume' ? entry : await onVolume(entry, context)
    if (own === null) return ['the archive is not on the volume, so that the verdict stands in the history only']
    if (own.manifest === null) return []
    const { verdict, reasons, facts } = result
    const at = isoWithOffset(clock.now(), timeZone)
    const verification = { at, from, verdict, durationSeconds: seconds, reasons: [...reasons], facts } as const
    await recordVerification({ backupDir, entry: own, runId, clock, contentProblem }, verification, signal)
    if (from !== 'volume' && result.facts.isWhatWasDumped === 'broken') {
      await recordMissingCopy({ entry: own, destination: { name: from }, context }, 'damaged', signal)
      return ['the next backup run sends this copy again']
    }
    return []
  } catch (error) {
    log.error('verdict-not-recorded', { archive: pathBelowVolume(entry), lines: logLinesOf(error) })
    return [notRecorded('this verdict, in the manifest', error)]
  }
}

async function onVolume({ name, stem }: ArchiveEntry, context: Context): Promise<ArchiveEntry | null> {
  const { backupDir, timeZone } = context.configuration.settings
  const { entries } = await readCatalog(backupDir, { timeZone, stems: new Set([stem]) })
  return entries.find(entry => entry.name === name) ?? null
}
