import type { Remark } from '../../../events.ts'
import { remarkText } from '../../../terminal/remark-text.ts'
import { respelledNote } from '../../verdict.ts'
import { saysWhatWasDumped } from '../content.ts'
import { changesSince } from '../fingerprint/compare-fingerprints.ts'
import { type DumpSize, sizeOfDump } from '../fingerprint/dump-size.ts'
import { openReader, type Reader } from '../made/reader-role.ts'
import type { LoadedArchive, RoundTrip } from '../round-trip/load-archive.ts'
import { lookBack } from '../round-trip/look-back.ts'
import { markerFor, tellLeftBehind } from './planned-side.ts'
import { readAllTables } from './read-all-tables.ts'
import type { RestoreRun } from './restore-run.ts'

/** What was found in the side database before the swap. */
export interface Judged {
  /** What is there. */
  readonly cameBack: DumpSize
  /** What the archive holds; where nobody knows, what is there. */
  readonly held: DumpSize
  /** Empty: the side database is what the manifest says was dumped. */
  readonly differences: readonly Remark[]
  readonly notes: readonly string[]
}

export interface LoadedInput {
  readonly trip: RoundTrip
  readonly loaded: LoadedArchive
  /** The name of the side database. */
  readonly side: string
}

/**
 * The last look before the swap: the archive's content against its manifest, and a dump of what was loaded against the
 * archive's content. Without a manifest its tables are only read. Throws an OperatorError, or the signal's reason.
 */
export async function judgeLoaded(run: RestoreRun, given: LoadedInput, signal: AbortSignal): Promise<Judged> {
  const { context, ignoreErrors, source, tools } = run
  const { trip, loaded, side } = given
  await using reader = await openSideReader(run, side, signal)
  if (source.manifest === null || tools === null) return await onlyRead(reader, side, signal)
  const held = sizeOfDump(loaded.inventory.fingerprint)
  const changes = changesSince(source.manifest.fingerprint, loaded.inventory)
  // It ends here then, unless errors are ignored: who swaps it in all the same is told what is in it.
  if (changes.length > 0 && !ignoreErrors) return { cameBack: held, held, differences: changes, notes: [] }
  const sortFolder = context.configuration.settings.verificationDir
  const sessionKnown = saysWhatWasDumped(source.manifest)
  const looked = { reader, tools, sortFolder, database: side, loaded, sessionKnown }
  const { cameBack, unclear, respelled, ...back } = await lookBack(trip, looked, signal)
  const differences = [...changes, ...back.differences]
  const notes = [...back.notes, ...unclear.map(remarkText), ...(differences.length > 0 ? [] : respelledNote(respelled))]
  return { cameBack, held, differences, notes }
}

async function onlyRead(reader: Reader, side: string, signal: AbortSignal): Promise<Judged> {
  await using _admitted = await reader.admit(side, signal)
  const cameBack = await readAllTables(reader.target(side), reader.connect, signal)
  return { cameBack, held: cameBack, differences: [], notes: [] }
}

/** Who reads what was loaded. Nobody reads it as a superuser where that can be helped: an archive is somebody else's text. */
async function openSideReader(run: RestoreRun, side: string, signal: AbortSignal): Promise<Reader> {
  const { maintenance, connect } = run.state
  return await openReader(
    {
      ...{ admin: maintenance, connect, marker: markerFor(run, side) },
      onLeftBehind: (statement, reason) => tellLeftBehind(run, { statements: [statement], reason }),
    },
    signal,
  )
}
