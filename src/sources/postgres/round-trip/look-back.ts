import type { ClientTools } from '../client-tools/client-tools.ts'
import { compareSequences } from '../fingerprint/compare-items.ts'
import type { InventoryResult } from '../fingerprint/inventory.ts'
import type { Reader } from '../made/reader-role.ts'
import { isServerStatement } from '../sql/server-statement.ts'
import { type Comparison, compareLoaded } from './compare-loaded.ts'
import { dumpBack, type LoadedDatabase } from './dump-back.ts'
import type { EarlyData } from './early-data.ts'
import { type LoadedArchive, loadArchive, type RoundTrip } from './load-archive.ts'

/** Who looks back at what was loaded, and with what. */
export interface Looking {
  readonly reader: Reader
  /** Of the server; the archive may have been dumped by another major. */
  readonly tools: ClientTools
  /** Where rows are sorted that do not fit into the memory. */
  readonly sortFolder: string
}

export interface LookedAt extends Looking {
  /** The name of the database. */
  readonly database: string
  readonly loaded: LoadedArchive
  /** The dump of its data, where one was begun while it was loaded. */
  readonly early?: EarlyData
  /** False where nobody knows in which session the archive was dumped. */
  readonly sessionKnown: boolean
}

/**
 * The way back: dumps what was loaded and compares it with what the archive says, by the rules of equality. Throws an
 * OperatorError, or the signal's reason.
 */
export async function lookBack(trip: RoundTrip, looked: LookedAt, signal: AbortSignal): Promise<Comparison> {
  const { reader, database, early } = looked
  const { inventory, report } = looked.loaded
  trip.onStep('comparing', 0)
  await using _admitted = await reader.admit(database, signal)
  const loaded = loadedDatabase(trip, looked, database)
  const onBytes = (bytes: number): void => trip.onStep('comparing', bytes)
  const back = await (early === undefined
    ? dumpBack(loaded, { onBytes }, signal)
    : early.finish(data => mayHaveChanged(inventory, data)))
  return await compareLoaded(
    {
      archive: { ...inventory, statements: inventory.statements.filter(label => !isServerStatement(label)) },
      back,
      // What was left out on purpose for roles that are missing is no difference: the reload leaves it out as well.
      sameTool: looked.tools.major === trip.expected.toolMajor && report.skippedForRoles.length === 0,
      sessionKnown: looked.sessionKnown,
      content: trip.content,
      loaded,
      sortFolder: looked.sortFolder,
      reload: () => reload(trip, looked, signal),
    },
    signal,
  )
}

/** The archive's statements alone, taken the same way once more, and dumped. */
async function reload(trip: RoundTrip, looking: Looking, signal: AbortSignal): Promise<InventoryResult> {
  await using again = await trip.makeAgain(signal)
  await loadArchive({ ...trip, onStep() {} }, { database: again, data: 'statements-only' }, signal)
  await again.handOver(signal)
  await using _admitted = await looking.reader.admit(again.name, signal)
  return await dumpBack(loadedDatabase(trip, looking, again.name), {}, signal)
}

/** A database of a round trip, as the reader dumps it: as the source was dumped. */
export function loadedDatabase(
  { expected, known, clock, onStderr }: RoundTrip,
  { reader, tools }: Looking,
  database: string,
): LoadedDatabase {
  const { env, applicationName, parameters } = reader.connect
  return {
    target: reader.target(database),
    hiddenFromCatalog: reader.isOurs,
    clientEncoding: expected.clientEncoding ?? 'UTF8',
    parameters: { ...parameters, ...expected.parameters },
    ...{ tools, env, applicationName, known, clock, onStderr },
  }
}

const ACTIVE_KINDS: ReadonlySet<string> = new Set(['STATEMENT', 'DO', 'TABLE DATA', 'MATERIALIZED VIEW DATA'])

/**
 * Whether what was loaded behind the keys may have changed data: what no dump has can do anything, REFRESH runs queries of
 * the archive, and sequences are set again at the very end. So are owners, rights and comments of large objects, which
 * pg_dump writes among the data since version 17.
 */
function mayHaveChanged({ statements, sequences }: InventoryResult, data: InventoryResult): boolean {
  const isActive = (kind: string): boolean => ACTIVE_KINDS.has(kind)
  return (
    data.statements.count > 0 ||
    statements.filter(({ kind }) => isActive(kind)).count > 0 ||
    compareSequences(sequences, data.sequences).length > 0
  )
}
