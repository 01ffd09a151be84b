import type { ArchiveEntry } from '../../../catalog/catalog.ts'
import { failureOf, logLinesOf } from '../../../errors.ts'
import type { Remark } from '../../../events.ts'
import { remarkText } from '../../../terminal/remark-text.ts'
import type { SourceContext } from '../../source-context.ts'
import { NOTHING_KNOWN } from '../../verdict.ts'
import { type PostgresManifest, saysWhatWasDumped } from '../content.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { holdsWholeDump } from '../dump-file/whole-dump.ts'
import { changesSince } from '../fingerprint/compare-fingerprints.ts'
import { isSameSize, sizeOfDump, sizeText } from '../fingerprint/dump-size.ts'
import type { InventoryResult } from '../fingerprint/inventory.ts'
import { createKnownItems } from '../fingerprint/known-items.ts'
import type { LoadError } from '../load/load-failure.ts'
import type { Comparison } from '../round-trip/compare-loaded.ts'
import { createEarlyData, type EarlyData } from '../round-trip/early-data.ts'
import type { Expectation } from '../round-trip/expectation.ts'
import { type LoadableDatabase, type LoadedArchive, loadArchive, type RoundTrip } from '../round-trip/load-archive.ts'
import { type Looking, loadedDatabase, lookBack } from '../round-trip/look-back.ts'
import { compareDatabaseFacts } from './compare-database-facts.ts'
import { type FailedLoad, judgeFailedLoad, type Unloadable } from './failed-load.ts'
import { createScratchDatabase, openScratchReader } from './scratch-database.ts'
import { createScratchRoles } from './scratch-roles.ts'
import type { Scratch } from './scratch-servers.ts'
import { createTablespaces } from './scratch-tablespaces.ts'
import { asOfStandIn } from './stand-in-server.ts'
import { firstFact } from './what-was-dumped.ts'

/** What is told while an archive is proved: the step, and how many bytes of the dump have passed in it. */
export type StepReporter = (step: 'reading' | 'loading' | 'indexes' | 'comparing', rawBytes: number) => void

/** One archive that is about to be loaded into a database of its own. */
export interface Proof {
  readonly entry: ArchiveEntry
  /** Null for an archive of the bash tool, and where its manifest can't be used, as the entry says. */
  readonly manifest: PostgresManifest | null
  readonly content: ArchiveContent
  readonly expected: Expectation
  readonly scratch: Scratch
  readonly context: Pick<SourceContext, 'clock' | 'log' | 'runId'>
  /** Load past errors, to see them all; nothing is proved that way. */
  readonly ignoreErrors: boolean
  readonly onStep: StepReporter
}

/** What loading and comparing found. */
export interface Found extends FailedLoad, Comparison {
  readonly restoreSeconds: number | null
}

/**
 * Loads an archive into an empty scratch database, dumps that and compares. The database is gone when it is over. Throws
 * what is no finding about the archive: an OperatorError, or the signal's reason.
 */
export async function proveOnScratch(proof: Proof, signal: AbortSignal): Promise<Found | Unloadable> {
  const found = await loadAndCompare(proof, signal)
  // With -I nothing is proved, and all that was found is listed.
  if (proof.ignoreErrors) return found
  return asOfStandIn(found, { source: proof.expected.serverMajor, standIn: proof.scratch.server.major })
}

async function loadAndCompare(proof: Proof, signal: AbortSignal): Promise<Found | Unloadable> {
  const { scratch, manifest } = proof
  const working = AbortSignal.any([signal, scratch.server.exited])
  await using database = await makeDatabase(proof, working)
  await createScratchRoles(proof, database, working)
  const names = manifest?.database.tablespaces ?? []
  await createTablespaces(scratch.server, { names, applicationName: database.connect.applicationName }, working)
  // Behind the roles of the archive, which lose what this one needs.
  await using reader = await openScratchReader(scratch, database, working)
  const trip = roundTripOf(proof)
  const looking = { reader, tools: scratch.tools, sortFolder: scratch.server.folder }
  const onBytes = (bytes: number): void => proof.onStep('comparing', bytes)
  await using early = createEarlyData(loadedDatabase(trip, looking, database.name), { onBytes }, working)
  const loaded = await load(proof, { trip, database, early }, working)
  if (!('report' in loaded)) return loaded
  const changes = await changesOf(proof, loaded.inventory, working)
  if (loaded.report.withheld.length > 0) return withheld(proof, loaded.report.withheld, changes)
  const back = await comparisonOf(proof, { trip, database, loaded, early, ...looking }, working)
  return judge(proof, { loaded, changes, back })
}

/** How this archive goes onto a scratch server and back. */
function roundTripOf(proof: Proof): RoundTrip {
  const { content, expected, entry, ignoreErrors, context, onStep } = proof
  return {
    ...{ content, expected, known: createKnownItems(), ignoreErrors, clock: context.clock },
    missingRoles: 'create',
    superuserObjects: async () => 'never',
    onStderr: line => context.log.warn('pg_dump', { archive: entry.name, line }),
    onStep: (step, bytes) => onStep(step === 'rest' ? 'indexes' : step, bytes),
    makeAgain: signal => makeDatabase(proof, signal),
  }
}

function makeDatabase({ scratch, expected, context, entry }: Proof, signal: AbortSignal): Promise<LoadableDatabase> {
  const applicationName = `backup-container ${context.runId} ${entry.stem}`
  return createScratchDatabase(scratch, { shape: expected.shape, applicationName }, signal)
}

interface Loading {
  readonly trip: RoundTrip
  readonly database: LoadableDatabase
  readonly early: EarlyData
}

/** Of less text than this, one dump of everything is sooner there than an early one of the data and another of the rest. */
const WORTH_TWO_DUMPS = 32_000_000

async function load(
  proof: Proof,
  { trip, database, early }: Loading,
  signal: AbortSignal,
): Promise<LoadedArchive | Found | Unloadable> {
  const afterIndexes = (bytes: number): void => {
    if (bytes >= WORTH_TWO_DUMPS) early.start()
  }
  try {
    return await loadArchive(trip, { database, data: 'with-rows', afterIndexes }, signal)
  } catch (error) {
    const { clientEncoding } = proof.expected
    const judged = await judgeFailedLoad({ ...proof, clientEncoding, admin: database.admin }, error, signal)
    logStop(proof, error)
    if ('obstacles' in judged) return judged
    return { ...NOTHING_FOUND, ...judged }
  }
}

/** Whoever reads the verdict sees which object it was; the server's own words may quote a row. */
function logStop({ entry, context }: Proof, error: unknown): void {
  const { object, sqlstate } = failureOf(error)
  context.log.warn('load-stopped', { archive: entry.name, object, sqlstate, lines: logLinesOf(error) })
}

/** The first fact, behind the check of the file: what was read is what the manifest says, and pg_dump came to its end. */
async function changesOf(
  { manifest, entry }: Proof,
  inventory: InventoryResult,
  signal: AbortSignal,
): Promise<readonly Remark[]> {
  const changes = manifest === null ? [] : changesSince(manifest.fingerprint, inventory)
  // An archive of the bash tool may have its roles behind the dump's last line.
  const isWhole = inventory.complete || (!saysWhatWasDumped(manifest) && (await holdsWholeDump(entry.path, signal)))
  return [...changes, ...(isWhole ? [] : [noEnd(entry.name)])]
}

function noEnd(name: string): Remark {
  const text = 'the dump in it has no end; expected "PostgreSQL database dump complete"'
  return { kind: 'archive', name, sqlstate: null, text }
}

/** Nobody can say of such an archive whether it comes back; that it was changed can be said all the same. */
function withheld({ manifest }: Proof, obstacles: readonly Remark[], changes: readonly Remark[]): Found | Unloadable {
  if (changes.length === 0)
    return { obstacles, facts: { ...NOTHING_KNOWN, isWhatWasDumped: firstFact(manifest, changes) } }
  return { ...NOTHING_FOUND, facts: { ...NOTHING_KNOWN, isWhatWasDumped: 'broken' }, changes, loadErrors: [] }
}

const NOTHING_FOUND = {
  differences: [],
  unclear: [],
  respelled: 0,
  notes: [],
  cameBack: { tables: 0, rows: 0 },
  restoreSeconds: null,
} as const

interface Looked extends Loading, Looking {
  readonly loaded: LoadedArchive
}

/** The third fact. The database's facts come last: its settings would change the sessions that compare. */
async function comparisonOf(
  proof: Proof,
  { trip, database, ...looked }: Looked,
  signal: AbortSignal,
): Promise<Comparison> {
  const sessionKnown = saysWhatWasDumped(proof.manifest)
  const comparison = await lookBack(trip, { ...looked, database: database.name, sessionKnown }, signal)
  const facts = await compareDatabaseFacts(proof, database, signal)
  return {
    ...comparison,
    differences: [...comparison.differences, ...facts.differences],
    unclear: [...comparison.unclear, ...facts.unclear],
    notes: [...comparison.notes, ...facts.notes],
  }
}

interface ThreeFacts {
  readonly loaded: LoadedArchive
  readonly changes: readonly Remark[]
  readonly back: Comparison
}

function judge(proof: Proof, { loaded, changes, back }: ThreeFacts): Found {
  const { report, inventory } = loaded
  const loadErrors = report.errors.map(error => remarkOfLoadError(error, proof))
  return {
    facts: {
      isWhatWasDumped: firstFact(proof.manifest, changes),
      loads: stateOf(loadErrors),
      comesBack: back.differences.length === 0 && back.unclear.length > 0 ? 'unknown' : stateOf(back.differences),
    },
    ...{ changes, loadErrors, ...back },
    notes: [...emptyNotes(inventory), ...lessNotes(inventory, back), ...report.notGiven.map(remarkText), ...back.notes],
    restoreSeconds: report.seconds,
  }
}

/** The server's own words may quote a row: they stay in the log. */
function remarkOfLoadError({ kind, identity, sqlstate, text, logOnly }: LoadError, { entry, context }: Proof): Remark {
  context.log.warn('load-error', { archive: entry.name, kind, identity, sqlstate, lines: logOnly })
  return { kind: 'statement', name: `${kind} ${identity}`.trim(), sqlstate, text }
}

function stateOf(problems: readonly Remark[]): 'held' | 'broken' {
  return problems.length === 0 ? 'held' : 'broken'
}

/** Nothing can be wrong with nothing: a person has to say whether this is right. */
function emptyNotes({ fingerprint }: InventoryResult): readonly string[] {
  return fingerprint.tables.length === 0 ? ['the archive holds no tables: is it of the right database?'] : []
}

/** What was counted is what came back: where that is something else than the archive holds, both are said. */
function lessNotes({ fingerprint }: InventoryResult, { cameBack }: Comparison): readonly string[] {
  const held = sizeOfDump(fingerprint)
  return isSameSize(cameBack, held) ? [] : [`came back: ${sizeText(cameBack, held)} in the archive`]
}
