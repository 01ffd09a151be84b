import { OperatorError } from '../../../errors.ts'
import type { Remark } from '../../../events.ts'
import { type PostgresManifest, saysWhatWasDumped } from '../content.ts'
import { type ArchiveContent, openContent } from '../dump-file/archive-content.ts'
import { createKnownItems } from '../fingerprint/known-items.ts'
import { againName } from '../made/made-things.ts'
import { expectationByManifest, UNKNOWN_SESSION } from '../round-trip/expectation.ts'
import { type LoadedArchive, loadArchive, type RoundTrip } from '../round-trip/load-archive.ts'
import { dropStatement } from '../sql/quote.ts'
import { createRoles } from './create-roles.ts'
import { type Judged, judgeLoaded } from './judge-loaded.ts'
import { lookBeforeDrop } from './look-before-drop.ts'
import { loginsWithoutPassword } from './new-logins.ts'
import { commentOf, finishCompared, makePlannedSide, type PlannedSide } from './planned-side.ts'
import { removeDead } from './remove-dead.ts'
import type { RestoreRun } from './restore-run.ts'
import { notNeededText, type RestoreResult } from './restore-text.ts'
import { refuseWithheld } from './superuser-policy.ts'
import { dropLive, swapIn } from './swap-in.ts'

/**
 * Does what the plan says. The live database is touched by the last step only; in place, it is dropped before the load,
 * when everything that can be known beforehand is known. Throws an OperatorError, or the signal's reason; then what was
 * made on the server is removed, or its name is told.
 */
export async function carryOut(run: RestoreRun, signal: AbortSignal): Promise<RestoreResult> {
  const { context, plan, source } = run
  const startedMs = context.clock.monotonicMs()
  const content = openContent(source.entry.path, source.manifest?.parts ?? null, { env: context.env })
  await removeDead(run, signal)
  announce(run)
  await using side = await makePlannedSide(run, plan.sideName, signal)
  const roles = await createRoles(run, side, signal)
  if (plan.inPlace) {
    await lookBeforeDrop(run, { content, side }, signal)
    await dropLive(run, signal)
  }
  const found = await loadAndSwap(run, { side, content }, signal).catch((error: unknown) => {
    throw plan.inPlace && plan.target.exists ? withLoss(error, plan.target.name) : error
  })
  const seconds = Math.round(context.clock.monotonicMs() - startedMs) / 1000
  const notGiven = [...roles, ...found.notGiven]
  return { seconds, ...resultOf(run, { ...found, notGiven, equalTo: comparableWith(source.manifest) }) }
}

async function loadAndSwap(
  run: RestoreRun,
  { side, content }: { readonly side: PlannedSide; readonly content: ArchiveContent },
  signal: AbortSignal,
): Promise<Omit<Found, 'equalTo'>> {
  const trip = roundTripOf(run, content)
  const loaded = await loadArchive(trip, { database: side, data: 'with-rows', analyze: run.plan.analyze }, signal)
  refuseWithheld(run, loaded.report.withheld)
  const withoutOwner = await side.handOver(signal)
  const judged = await judgeLoaded(run, { trip, loaded, side: side.name }, signal)
  refuseDifferent(run, judged.differences)
  const finished = await finishCompared(run, { side: side.side, loaded }, signal)
  // Asked before the swap, after which nothing may fail any more.
  const logins = await loginsWithoutPassword(run.state, signal)
  await swapIn(run, { side: side.side, comment: commentOf(run, loaded) }, signal)
  return { loaded, notGiven: [...withoutOwner, ...finished], logins, judged }
}

/** How this archive goes into a side database and back. */
function roundTripOf(run: RestoreRun, content: ArchiveContent): RoundTrip {
  const { context, ignoreErrors, source, superuserObjects, withSuperuserObjects: isTrusted } = run
  return {
    ...{ content, known: createKnownItems(), ignoreErrors, clock: context.clock },
    ...{ missingRoles: 'skip', superuserObjects, isTrusted, searchPath: run.plan.searchPath },
    expected: source.manifest === null ? UNKNOWN_SESSION : expectationByManifest(source.manifest),
    onStderr: line => context.log.debug('pg_dump', { line }),
    onStep: (step, bytes) => run.onStep(step, bytes),
    makeAgain: working => makePlannedSide(run, againName(context.runId), working),
  }
}

/** In place there is nothing to go back to, and a person must not think otherwise. */
function withLoss(error: unknown, database: string): unknown {
  if (!(error instanceof OperatorError)) return error
  const isOfTheArchive = error.kind === 'incomplete'
  const wayOn = isOfTheArchive
    ? 'take another archive'
    : 'the archive is whole, so restore it once more when this is mended'
  const loss = `${database} was dropped before; ${wayOn}`
  return new OperatorError(error.kind, error.message, {
    hint: error.hint === undefined ? loss : `${error.hint}; ${loss}`,
    ...(error.sqlstate === undefined ? {} : { sqlstate: error.sqlstate }),
    ...(error.object === undefined ? {} : { object: error.object }),
    logOnly: error.logOnly,
  })
}

function comparableWith(manifest: PostgresManifest | null): Found['equalTo'] {
  if (manifest === null) return 'no-fingerprint'
  return saysWhatWasDumped(manifest) ? 'equal' : 'equal-to-archive'
}

interface Found {
  readonly loaded: LoadedArchive
  readonly judged: Judged
  readonly notGiven: readonly Remark[]
  readonly logins: readonly string[]
  /** What can be said where there is no difference. */
  readonly equalTo: Exclude<RestoreResult['compared'], 'different'>
}

function resultOf(
  { plan, state }: RestoreRun,
  { loaded, judged, notGiven, logins, equalTo }: Found,
): Omit<RestoreResult, 'seconds'> {
  const { cameBack, held, differences } = judged
  const { report } = loaded
  const notes = [
    ...ownPathNote(plan),
    ...report.notes.map(note => note.text),
    ...judged.notes,
    ...logins,
    ...notNeededNote(plan),
  ]
  const isEqual = differences.length === 0 && report.errors.length === 0
  return {
    ...{ ...cameBack, held, notes },
    compared: isEqual ? equalTo : 'different',
    ignored: [...report.errors.map(remarkOfError), ...differences],
    skipped: [...report.skippedForRoles, ...report.notGiven, ...notGiven],
    keptAs: plan.keptAs,
    dropCommand:
      plan.keptAs === null
        ? null
        : dropStatement(plan.keptAs, { isTemplate: state.live?.database.isTemplate === true }),
  }
}

function ownPathNote({ searchPath }: RestoreRun['plan']): readonly string[] {
  if (searchPath.length === 0) return []
  return [
    `it was loaded along the search_path of its database (${searchPath.join(', ')}), as its dump by itself does not load`,
  ]
}

function notNeededNote({ roles }: RestoreRun['plan']): readonly string[] {
  const text = notNeededText(roles.notNeeded)
  return text === null ? [] : [text]
}

function remarkOfError({ kind, identity, sqlstate, text }: LoadedArchive['report']['errors'][number]): Remark {
  return { kind, name: identity, sqlstate, text }
}

function refuseDifferent({ ignoreErrors, plan }: RestoreRun, differences: readonly Remark[]): void {
  const [first] = differences
  if (first === undefined || ignoreErrors) return
  const more = differences.length > 1 ? ` (and ${differences.length - 1} more)` : ''
  const about = first.name === null ? first.kind : `${first.kind} ${first.name}`
  throw new OperatorError(
    'incomplete',
    `${plan.target.name}: what was loaded is not what was dumped: ${about}: ${first.text}${more}; expected no difference`,
    { hint: '-I restores in spite of it' },
  )
}

function announce({ context, plan, say }: RestoreRun): void {
  context.log.info('restore-started', { archive: plan.archive.path, target: plan.target.name, side: plan.sideName })
  say([`loading into ${plan.sideName}`])
}
