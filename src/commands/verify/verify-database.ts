import { isArchiveOf, ownersOf } from '../../catalog/archive-owner.ts'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import type { Command } from '../../cli.ts'
import { logLinesOf, OperatorError } from '../../errors.ts'
import type { ArchiveSource, VerificationOutcome, VerifyEvent } from '../../events.ts'
import { proveArchive } from '../../sources/postgres/prove/prove-archive.ts'
import type { StepReporter } from '../../sources/postgres/prove/prove-on-scratch.ts'
import type { ScratchServers } from '../../sources/postgres/prove/scratch-servers.ts'
import { couldNotVerify, type ProofResult, remarkOfError } from '../../sources/verdict.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { Context } from '../context.ts'
import type { ArchiveReader } from '../copies/archive-reader.ts'
import type { PlannedVerification } from './plan-verification.ts'
import { recordVerdict } from './record-verdict.ts'

/** The flags of `-v`. */
export type VerifyOptions = Omit<Extract<Command, { readonly mode: 'verify' }>, 'mode'>

/** What the databases of one run share. */
export interface VerifyRun {
  readonly context: Context
  readonly options: VerifyOptions
  readonly scratch: ScratchServers
  readonly archives: ArchiveReader
  report(event: VerifyEvent): void
}

/**
 * Proves the chosen archive of one database, pinned while it is read, and writes the verdict into its manifest. Never
 * rejects: whatever goes wrong is the outcome of this database alone. The verdict of an interrupted proof, which is none,
 * is not recorded.
 */
export async function verifyDatabase(
  planned: PlannedVerification,
  run: VerifyRun,
  signal: AbortSignal,
): Promise<VerificationOutcome> {
  const { clock, configuration } = run.context
  const startedMs = clock.monotonicMs()
  const result =
    planned.entry === null ? couldNotVerify([]) : await prove({ ...planned, entry: planned.entry }, run, signal)
  const seconds = Math.round(clock.monotonicMs() - startedMs) / 1000
  const recorded =
    planned.entry === null || signal.aborted
      ? []
      : await recordVerdict(planned.entry, { result, seconds, context: run.context, from: run.archives.from }, signal)
  const noted = { ...result, notes: [...result.notes, ...recorded] }
  const { from } = run.archives
  const outcome = outcomeOf(planned, noted, { from, seconds, timeZone: configuration.settings.timeZone })
  run.report({ type: 'verification-finished', outcome })
  return outcome
}

async function prove(
  planned: PlannedVerification & { readonly entry: ArchiveEntry },
  run: VerifyRun,
  signal: AbortSignal,
): Promise<ProofResult> {
  const { log } = run.context
  const { name: database } = planned.database.id
  const proving = { context: run.context, scratch: run.scratch, ignoreErrors: run.options.ignoreErrors }
  try {
    signal.throwIfAborted()
    run.report({ type: 'verification-started', database, archive: pathBelowVolume(planned.entry) })
    await using opened = await run.archives.open(planned.entry, signal)
    const { entry, manifest } = opened
    refuseAnother(entry, planned.database)
    const onStep = progressReporter(database, manifest, run)
    return await proveArchive({ entry, manifest, ...proving, onStep }, signal)
  } catch (error) {
    const lines = logLinesOf(error)
    if (lines.length > 0 && !signal.aborted) log.error('verification-details', { database, lines })
    return couldNotVerify([remarkOfError(signal.aborted ? signal.reason : error)])
  }
}

/** Two databases can share a stem, and only a manifest, which is fetched with a copy, says which of them it was. */
function refuseAnother(entry: ArchiveEntry, database: PlannedVerification['database']): void {
  if (isArchiveOf(entry, database)) return
  const [of = entry.stem] = ownersOf([entry])
  throw new OperatorError('missing', `${entry.name}: an archive of ${of}; expected one of ${database.id.name}`)
}

function progressReporter(database: string, manifest: Manifest | null, run: VerifyRun): StepReporter {
  const { clock } = run.context
  const startedMs = clock.monotonicMs()
  const totalRawBytes = manifest?.rawBytes ?? null
  return (step, rawBytes) => {
    const seconds = (clock.monotonicMs() - startedMs) / 1000
    run.report({ type: 'verification-progress', database, step, rawBytes, totalRawBytes, seconds })
  }
}

/** What becomes of a database: a proof of an archive that is too old proves nothing about the database. */
function outcomeOf(
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
