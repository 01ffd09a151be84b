import type { ArchiveContent } from '../../archive/read-archive.ts'
import { holdsWholeDump } from '../../archive/whole-dump.ts'
import type { ProofFacts, Remark } from '../../events.ts'
import type { LoadError } from '../../postgres/load/load-failure.ts'
import type { Reader } from '../../postgres/reader-role.ts'
import { compareFingerprints } from '../../proof/compare-fingerprints.ts'
import { compareSequences } from '../../proof/compare-sequences.ts'
import { remarkOf as remarkOfDifference } from '../../proof/difference.ts'
import type { InventoryResult } from '../../proof/inventory.ts'
import { createKnownItems, type KnownItems } from '../../proof/known-items.ts'
import { isServerStatement } from '../../proof/server-statements.ts'
import { remarkText } from '../remark-text.ts'
import { type Comparison, compareLoaded } from './compare-loaded.ts'
import { dumpBack, type LoadedDatabase } from './dump-back.ts'
import { createEarlyData, type EarlyData } from './early-data.ts'
import { judgeFailedLoad } from './failed-load.ts'
import { compareDatabaseFacts } from './loaded-facts.ts'
import { NOTHING_KNOWN } from './outcome.ts'
import type { Expectation } from './proof-expectation.ts'
import type { ProofInput } from './prove-archive.ts'
import { createScratchDatabase, openScratchReader, type ScratchDatabase } from './scratch-database.ts'
import { loadOnScratch, type ScratchLoad } from './scratch-load.ts'
import { createScratchRoles } from './scratch-roles.ts'
import { createTablespaces } from './scratch-tablespaces.ts'
import type { Scratch } from './verify-run.ts'

/** One archive that is about to be loaded into a database of its own. */
export interface Proof extends ProofInput {
  readonly content: ArchiveContent
  readonly expected: Expectation
  readonly scratch: Scratch
}

/** What loading and comparing found. */
export interface Found {
  readonly facts: ProofFacts
  /** In what the archive is not what its manifest says. */
  readonly changes: readonly Remark[]
  readonly loadErrors: readonly Remark[]
  /** In what that which came back is not what the archive says. */
  readonly differences: readonly Remark[]
  /** In what nobody can tell whether it is. */
  readonly unclear: readonly Remark[]
  readonly respelled: number
  readonly notes: readonly string[]
  readonly tables: number
  readonly rows: number
  readonly restoreSeconds: number | null
}

/** Why it can't be loaded here, which says nothing about the archive. */
export interface Unloadable {
  readonly obstacles: readonly Remark[]
  /** What is known all the same. */
  readonly facts?: ProofFacts
}

/**
 * Loads an archive into an empty scratch database, dumps that and compares. The database is gone when it is over. Throws
 * what is no finding about the archive: an OperatorError, or the signal's reason.
 */
export async function proveOnScratch(proof: Proof, signal: AbortSignal): Promise<Found | Unloadable> {
  const working = AbortSignal.any([signal, proof.scratch.server.exited])
  await using database = await makeDatabase(proof, working)
  await createScratchRoles(proof, database, working)
  await createTablespaces(proof, working)
  // Behind the roles of the archive, which lose what this one needs.
  await using reader = await openScratchReader(proof.scratch, database, working)
  const proving = { ...proof, reader, known: createKnownItems() }
  const onBytes = (bytes: number): void => proof.onStep('comparing', bytes)
  await using early = createEarlyData(loadedDatabase(proving, database), { onBytes }, working)
  const loaded = await load({ ...proving, database, early }, working)
  if (!('report' in loaded)) return loaded
  const { report, inventory } = loaded
  const changes = await changesOf(proof, inventory, working)
  if (report.withheld.length > 0) return withheld(proof, report.withheld, changes)
  const back = await lookBack(proving, { database, inventory, early }, working)
  const loadErrors = report.errors.map(error => remarkOfLoadError(error, proof))
  return {
    facts: {
      isWhatWasDumped: proof.manifest === null && changes.length === 0 ? 'unknown' : stateOf(changes),
      loads: stateOf(loadErrors),
      comesBack: back.differences.length === 0 && back.unclear.length > 0 ? 'unknown' : stateOf(back.differences),
    },
    ...{ changes, loadErrors, ...back, ...sizeOf(inventory) },
    notes: [...emptyNotes(inventory), ...report.notGiven.map(remarkText), ...back.notes],
    restoreSeconds: report.seconds,
  }
}

/** Nobody can say of such an archive whether it comes back; that it was changed can be said all the same. */
function withheld({ manifest }: Proof, obstacles: readonly Remark[], changes: readonly Remark[]): Found | Unloadable {
  if (changes.length === 0)
    return { obstacles, facts: { ...NOTHING_KNOWN, isWhatWasDumped: manifest === null ? 'unknown' : 'held' } }
  return { ...NOTHING_FOUND, facts: { ...NOTHING_KNOWN, isWhatWasDumped: 'broken' }, changes, loadErrors: [] }
}

const NOTHING_FOUND = {
  differences: [],
  unclear: [],
  respelled: 0,
  notes: [],
  tables: 0,
  rows: 0,
  restoreSeconds: null,
} as const

/** The server's own words may quote a row: they stay in the log. */
function remarkOfLoadError({ kind, identity, sqlstate, text, logOnly }: LoadError, { entry, run }: Proof): Remark {
  run.context.log.warn('load-error', { archive: entry.name, kind, identity, sqlstate, lines: logOnly })
  return { kind: 'statement', name: `${kind} ${identity}`.trim(), sqlstate, text }
}

function stateOf(problems: readonly Remark[]): 'held' | 'broken' {
  return problems.length === 0 ? 'held' : 'broken'
}

function makeDatabase({ scratch, expected, run, entry }: Proof, signal: AbortSignal): Promise<ScratchDatabase> {
  const applicationName = `backup-container ${run.context.runId} ${entry.stem}`
  return createScratchDatabase(scratch, { shape: expected.shape, applicationName }, signal)
}

/** Of less text than this, one dump of everything is sooner there than an early one of the data and another of the rest. */
const WORTH_TWO_DUMPS = 32_000_000

async function load(
  proof: ReadProof & { readonly database: ScratchDatabase; readonly early: EarlyData },
  signal: AbortSignal,
): Promise<ScratchLoad | Found | Unloadable> {
  const { content, expected, run, onStep, database, early, known } = proof
  const { ignoreErrors } = run.options
  const afterIndexes = (bytes: number): void => {
    if (bytes >= WORTH_TWO_DUMPS) early.start()
  }
  try {
    const { clientEncoding, parameters } = expected
    const text = { database, content, clientEncoding, parameters, known } as const
    const input = { ...text, data: 'with-rows', ignoreErrors, onStep, afterIndexes } as const
    return await loadOnScratch(input, signal)
  } catch (error) {
    const judged = await judgeFailedLoad(proof, error, signal)
    if ('obstacles' in judged) return judged
    return { ...NOTHING_FOUND, ...judged }
  }
}

/** The first fact, behind the check of the file: what was read is what the manifest says, and pg_dump came to its end. */
async function changesOf(
  { manifest, entry }: Proof,
  { fingerprint, complete }: InventoryResult,
  signal: AbortSignal,
): Promise<readonly Remark[]> {
  const changes = manifest === null ? [] : compareFingerprints(manifest.fingerprint, fingerprint)
  // An archive of the bash tool may have its roles behind the dump's last line.
  const isOfBashTool = manifest === null || manifest.adopted !== undefined
  const isWhole = complete || (isOfBashTool && (await holdsWholeDump(entry.path, signal)))
  return [...changes.map(remarkOfDifference), ...(isWhole ? [] : [noEnd(entry.name)])]
}

function noEnd(name: string): Remark {
  const text = 'the dump in it has no end; expected "PostgreSQL database dump complete"'
  return { kind: 'archive', name, sqlstate: null, text }
}

interface Loaded {
  readonly database: ScratchDatabase
  readonly inventory: InventoryResult
  readonly early: EarlyData
}

/** The third fact. The database part comes last: its settings would change the sessions that compare. */
async function lookBack(proof: ReadProof, loaded: Loaded, signal: AbortSignal): Promise<Comparison> {
  const comparison = await compareContent(proof, loaded, signal)
  const facts = await compareDatabaseFacts(proof, loaded.database, signal)
  return {
    ...comparison,
    differences: [...comparison.differences, ...facts.differences],
    notes: [...comparison.notes, ...facts.notes],
  }
}

async function compareContent(proof: ReadProof, loaded: Loaded, signal: AbortSignal): Promise<Comparison> {
  const { scratch, expected, content, onStep } = proof
  const { inventory, early } = loaded
  const target = loadedDatabase(proof, loaded.database)
  onStep('comparing', 0)
  await using _admitted = await proof.reader.admit(target.target.database, signal)
  const back = await early.finish(data => mayHaveChanged(inventory, data))
  return await compareLoaded(
    {
      archive: { ...inventory, statements: inventory.statements.filter(label => !isServerStatement(label)) },
      back,
      sameTool: scratch.tools.major === expected.toolMajor,
      sessionKnown: proof.manifest !== null && proof.manifest.adopted === undefined,
      content,
      loaded: target,
      sortFolder: scratch.server.folder,
      reload: () => reload(proof, signal),
    },
    signal,
  )
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

/** The archive's statements alone, loaded once more and dumped. */
async function reload(proof: ReadProof, signal: AbortSignal): Promise<InventoryResult> {
  const { content, expected, run, known } = proof
  const { ignoreErrors } = run.options
  await using database = await makeDatabase(proof, signal)
  const { clientEncoding, parameters } = expected
  const text = { database, content, clientEncoding, parameters, known } as const
  await loadOnScratch({ ...text, data: 'statements-only', ignoreErrors }, signal)
  await using _admitted = await proof.reader.admit(database.admin.database, signal)
  return await dumpBack(loadedDatabase(proof, database), {}, signal)
}

interface ReadProof extends Proof {
  readonly reader: Reader
  /** Of both inventories. */
  readonly known: KnownItems
}

function loadedDatabase(
  { scratch, expected, run, entry, reader, known }: ReadProof,
  database: ScratchDatabase,
): LoadedDatabase {
  const { clock, runId, log } = run.context
  return {
    target: reader.target(database.admin.database),
    hiddenFromCatalog: reader.isOurs,
    tools: scratch.tools,
    env: scratch.server.env,
    applicationName: `backup-container ${runId} ${entry.stem}`,
    clientEncoding: expected.clientEncoding,
    known,
    parameters: { ...reader.connect.parameters, ...expected.parameters },
    clock,
    onStderr: line => log.warn('pg_dump', { archive: entry.name, line }),
  }
}

/** Nothing can be wrong with nothing: a person has to say whether this is right. */
function emptyNotes({ fingerprint }: InventoryResult): readonly string[] {
  return fingerprint.tables.length === 0 ? ['the archive holds no tables: is it of the right database?'] : []
}

function sizeOf({ fingerprint }: InventoryResult): Pick<Found, 'tables' | 'rows'> {
  const tables = new Set(fingerprint.tables.map(table => table.name)).size
  return { tables, rows: fingerprint.tables.reduce((sum, table) => sum + table.rows, 0) }
}
