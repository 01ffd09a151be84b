import type { ArchiveContent } from '../../archive/read-archive.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import type { Remark } from '../../events.ts'
import type { ClientTools } from '../../postgres/client-tools.ts'
import type { Reader } from '../../postgres/reader-role.ts'
import { moneyParameters } from '../../postgres/session-parameters.ts'
import { compareFingerprints } from '../../proof/compare-fingerprints.ts'
import { remarkOf } from '../../proof/difference.ts'
import type { InventoryResult } from '../../proof/inventory.ts'
import { isServerStatement } from '../../proof/server-statements.ts'
import { respelledNote } from '../../proof/verdict.ts'
import type { Clock } from '../../system/clock.ts'
import { remarkText } from '../remark-text.ts'
import { compareLoaded } from '../verify/compare-loaded.ts'
import { dumpBack, type LoadedDatabase } from '../verify/dump-back.ts'
import type { LoadedSide } from './load-side.ts'

export interface CompareSideInput {
  readonly manifest: Manifest
  readonly content: ArchiveContent
  readonly loaded: LoadedSide
  /** The name of the side database. */
  readonly side: string
  readonly reader: Reader
  readonly tools: ClientTools
  readonly clock: Clock
  /** Where rows are sorted that do not fit into the memory. */
  readonly sortFolder: string
  /** Loads the statements without the data into one more side database, dumps it by `dump`, and drops it. */
  reload(dump: (database: string) => Promise<InventoryResult>): Promise<InventoryResult>
  onStderr?(line: string): void
}

/** Empty `differences`: the side database is what the manifest says was dumped. */
export interface SideComparison {
  readonly differences: readonly Remark[]
  readonly notes: readonly string[]
}

/**
 * The last look before the swap: the archive's content against its manifest, and a dump of what was loaded against the
 * archive's content, by the rules of equality of a proof. Throws an OperatorError, or the signal's reason.
 */
export async function compareSide(input: CompareSideInput, signal: AbortSignal): Promise<SideComparison> {
  const { manifest, loaded } = input
  const read = compareFingerprints(manifest.fingerprint, loaded.inventory.fingerprint)
  if (read.length > 0) return { differences: read.map(remarkOf), notes: [] }
  const side = loadedDatabase(input)
  const statements = loaded.inventory.statements.filter(label => !isServerStatement(label))
  const comparison = await compareLoaded(
    {
      archive: { ...loaded.inventory, statements },
      back: await dumpBack(side, {}, signal),
      sameTool: isOfMajor(manifest, input.tools) && loaded.report.skippedForRoles.length === 0,
      sessionKnown: manifest.adopted === undefined,
      content: input.content,
      loaded: side,
      sortFolder: input.sortFolder,
      reload: () => input.reload(database => dumpBack({ ...side, target: input.reader.target(database) }, {}, signal)),
    },
    signal,
  )
  const { differences, unclear, respelled, notes } = comparison
  const more = [...notes, ...unclear.map(remarkText)]
  return { differences, notes: [...more, ...(differences.length > 0 ? [] : respelledNote(respelled))] }
}

/**
 * Statements to roles that the server lacks were left out on purpose and are listed; then, as with another tool, the
 * archive's statements loaded once more say what should have come back.
 */
function isOfMajor(manifest: Manifest, tools: ClientTools): boolean {
  return Number.parseInt(manifest.tools.pgDump, 10) === tools.major
}

function loadedDatabase(input: CompareSideInput): LoadedDatabase {
  const { reader } = input
  return {
    target: reader.target(input.side),
    hiddenFromCatalog: reader.isOurs,
    tools: input.tools,
    env: reader.connect.env,
    applicationName: reader.connect.applicationName,
    clientEncoding: input.manifest.fingerprint.session.clientEncoding,
    known: input.loaded.inventory.known,
    parameters: { ...reader.connect.parameters, ...moneyParameters(input.manifest.fingerprint.session) },
    clock: input.clock,
    ...(input.onStderr === undefined ? {} : { onStderr: input.onStderr }),
  }
}
