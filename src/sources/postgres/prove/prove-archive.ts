import { checkArchiveFile } from '../../../archive/check-archive-file.ts'
import type { ArchiveEntry } from '../../../catalog/catalog.ts'
import type { Manifest } from '../../../catalog/manifest.ts'
import type { FactState, Remark } from '../../../events.ts'
import { readMemory } from '../../../system/memory.ts'
import type { SourceContext } from '../../source-context.ts'
import { couldNotVerify, judge, NOTHING_KNOWN, type ProofResult } from '../../verdict.ts'
import { type PostgresManifest, postgresManifest } from '../content.ts'
import { type ArchiveContent, openContent } from '../dump-file/archive-content.ts'
import { readDumpHeader } from '../dump-file/dump-header.ts'
import { countsOf } from '../fingerprint/dump-size.ts'
import { type Expectation, expectationByHeader, expectationByManifest } from '../round-trip/expectation.ts'
import { findObstacles, memoryObstacle, requireSpaceForProof } from './proof-obstacles.ts'
import { type Found, type Proof, proveOnScratch } from './prove-on-scratch.ts'
import type { ScratchServers } from './scratch-servers.ts'
import { adoptedRemarks } from './what-was-dumped.ts'

export interface ProofInput extends Pick<Proof, 'entry' | 'ignoreErrors' | 'onStep'> {
  /** Null for an archive of the bash tool, and where its manifest can't be used, as the entry says. */
  readonly manifest: Manifest | null
  readonly context: SourceContext
  readonly scratch: ScratchServers
}

/**
 * Tries the three facts of a proof on one archive: that it is what was dumped, that all of it loads, and that what comes
 * back is what it says. Without a manifest the first can't be told, and the last two are. Throws an OperatorError when
 * something stands in the way that is no fault of the archive.
 */
export async function proveArchive(input: ProofInput, signal: AbortSignal): Promise<ProofResult> {
  const { entry, ignoreErrors, onStep } = input
  const manifest = postgresManifest(input.manifest)
  const { env, configuration } = input.context
  const content = openContent(entry.path, manifest?.parts ?? null, { env })
  onStep('reading', 0)
  const damage = manifest === null ? null : await checkArchiveFile(entry.path, manifest, signal)
  if (damage !== null) return brokenFile(damage)
  const expected = await expectationOf(manifest, content, signal)
  if (expected === null) return brokenFile(noDump(entry.name))
  await requireSpaceForProof(manifest, { archiveBytes: entry.bytes, folder: configuration.settings.verificationDir })
  const tooLong = memoryObstacle(manifest, await readMemory())
  if (tooLong !== null) return couldNotVerify([tooLong])
  const extensions = (manifest?.database.extensions ?? []).map(({ name }) => name)
  const scratch = await input.scratch.serverFor({ serverMajor: expected.serverMajor, extensions }, signal)
  const missing = findObstacles(scratch, { shape: expected.shape, manifest })
  // With -I the first errors of the load say what is missing, and the rest is looked at all the same.
  if (missing.length > 0 && !ignoreErrors) return couldNotVerify(missing)
  const found = await proveOnScratch({ ...input, manifest, content, expected, scratch }, signal)
  if ('obstacles' in found) return couldNotVerify(found.obstacles, found.facts)
  return judged(input, found)
}

async function expectationOf(
  manifest: PostgresManifest | null,
  content: ArchiveContent,
  signal: AbortSignal,
): Promise<Expectation | null> {
  if (manifest !== null) return expectationByManifest(manifest)
  const header = await readDumpHeader(content.dump(signal))
  return header === null ? null : expectationByHeader(header)
}

function noFingerprint({ manifestProblem }: ArchiveEntry): Remark {
  if (manifestProblem === null) return { kind: 'no-fingerprint', name: null, sqlstate: null, text: NO_MANIFEST }
  const text = `the manifest of the archive cannot be used, so nobody knows what was dumped: ${manifestProblem}`
  return { kind: 'manifest', name: null, sqlstate: null, text }
}

const NO_MANIFEST =
  'no fingerprint: the archive has no manifest, so nobody knows what was dumped; backup -v … --adopt writes one from the archive itself'

const IGNORED: Remark = {
  kind: 'ignored-errors',
  name: null,
  sqlstate: null,
  text: '-I was given: errors were passed over, which proves nothing; run it again without -I',
}

function judged({ entry, manifest, ignoreErrors }: ProofInput, found: Found): ProofResult {
  const { facts, cameBack, restoreSeconds } = found
  // What an error that was passed over left out is missing later: that says nothing about the archive.
  const excused = ignoreErrors ? [...found.loadErrors, ...found.differences] : []
  const judgement = judge({
    facts: ignoreErrors ? { ...facts, loads: excuse(facts.loads), comesBack: excuse(facts.comesBack) } : facts,
    failures: [...found.changes, ...(ignoreErrors ? [] : [...found.loadErrors, ...found.differences])],
    obstacles: [
      ...(manifest === null ? [noFingerprint(entry)] : adoptedRemarks(manifest)),
      ...(ignoreErrors ? [IGNORED] : []),
      ...excused,
      ...found.unclear,
    ],
    omitted: manifest?.omitted ?? [],
    respelled: found.respelled,
  })
  const notes = [...judgement.notes, ...found.notes]
  return { ...judgement, notes, facts, counts: countsOf(cameBack), restoreSeconds }
}

function excuse(state: FactState): FactState {
  return state === 'broken' ? 'unknown' : state
}

/** Not loaded at all: the verdict stands, and its code would be somebody else's. */
function brokenFile(reason: Remark): ProofResult {
  const facts = { ...NOTHING_KNOWN, isWhatWasDumped: 'broken' } as const
  return { verdict: 'failed', facts, reasons: [reason], notes: [], counts: [], restoreSeconds: null }
}

function noDump(name: string): Remark {
  const text = 'no dump of pg_dump is in it; expected one: it is no backup'
  return { kind: 'archive', name, sqlstate: null, text }
}
