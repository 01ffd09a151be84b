import { openCheckedArchives } from '../../catalog/checked.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { OperatorError } from '../../errors.ts'
import type { VerificationOutcome, VerifyEvent } from '../../events.ts'
import { type ExitCode, exitCodesOfVerifications } from '../../exit-codes.ts'
import { allowedAge } from '../../schedule/allowed-age.ts'
import { createScratchServers } from '../../sources/postgres/prove/scratch-servers.ts'
import { sourceMajor } from '../../sources/postgres/prove/source-major.ts'
import type { Context } from '../context.ts'
import { type ArchiveReader, archiveReader } from '../copies/archive-reader.ts'
import { type BegunRun, type RunEnd, run } from '../run.ts'
import { createWarner, type Warner } from '../warner.ts'
import { adoptArchives } from './adopt-archives.ts'
import { type PlannedVerification, planVerification } from './plan-verification.ts'
import { verifiedDatabases } from './verified-databases.ts'
import { type VerifyOptions, type VerifyRun, verifyDatabase } from './verify-database.ts'
import { createVerifyReporter } from './verify-report.ts'

/**
 * `-v`: proves the chosen archive of one database or of all, one after the other on one scratch server for each major
 * that is needed, and reports one outcome for each: one that fails never hides or stops another. Resolves with the exit
 * code: 4 if one failed, 5 if one could not be verified. Throws an OperatorError: `usage` for a name or filter that means
 * nothing, `volume` if the volume can't be read.
 */
export async function verify(context: Context, options: VerifyOptions, signal: AbortSignal): Promise<ExitCode> {
  const warn = createWarner(context, options.json)
  await using archives = archiveReader(context, options.from, warn)
  await using scratch = createScratchServers(context)
  const reporter = createVerifyReporter(context, options)
  const report = (event: VerifyEvent): void => {
    reporter.report(event)
    if (event.type !== 'verification-finished') return
    const result = { mode: 'verify', outcome: event.outcome } as const
    context.notifications.tell({ type: 'database-finished', runId: context.runId, result })
  }
  const say = (line: string): void => {
    if (!options.json) context.screen.print(line)
  }
  const isScheduled = options.scheduled || context.occasion.trigger !== 'command'
  const work = async ({ begin }: BegunRun): Promise<RunEnd> => {
    const { configuration } = context
    const databases = await verifiedDatabases({ spec: options.spec, isScheduled, configuration, archives }, signal)
    if (options.adopt) await adoptArchives({ databases, context, filter: options.filter, say }, signal)
    const planned = await plan({ databases, archives, context, options, warn }, signal)
    await begin()
    report({ type: 'verify-run-started', databases: planned.length })
    const outcomes = await verifyEach(planned, { context, options, scratch, archives, report }, signal)
    const codes = exitCodesOfVerifications(outcomes)
    return { codes, report: { mode: 'verify', outcomes }, show: facts => reporter.finish(outcomes, facts) }
  }
  return await run({ context, mode: 'verify', warn }, work, signal)
}

interface Planning {
  readonly databases: readonly NamedDatabase[]
  readonly archives: ArchiveReader
  readonly context: Context
  readonly options: VerifyOptions
  readonly warn: Warner
}

async function plan(
  { databases, archives, context, options, warn }: Planning,
  signal: AbortSignal,
): Promise<readonly PlannedVerification[]> {
  const { configuration, clock } = context
  const { spec, filter, from } = options
  const { backupDir, timeZone, backupPeriodMs } = configuration.settings
  const now = clock.now()
  const stems = new Set(databases.map(database => database.id.stem))
  const [listed, checked] = await Promise.all([archives.list(stems, signal), openCheckedArchives(backupDir, warn)])
  const schedule = { cronLines: configuration.cronLines, timeZone, backupPeriodMs, now }
  const { place } = archives
  // A copy tells whose it is only when its manifest was fetched.
  const configured = from === null ? configuration.databases : []
  const input = { ...listed, place, backupDir, filter, now, configured, goodnessOf: checked.goodnessOf }
  const planned = databases.map(database =>
    planVerification(database, { ...input, allowedAge: allowedAge({ ...schedule, database }) }),
  )
  if (filter === null) return planned
  const named = planned.filter(({ reasons }) => !reasons.some(({ kind }) => kind === 'filter' || kind === 'another'))
  if (named.length > 0) return named
  const texts = spec === 'all' ? [] : planned.map(({ database, reasons }) => `${database.id.name}: ${reasons[0]?.text}`)
  const [text = '-f: names no archive; expected a path, a file name, or a part of it; backup -l shows the archives'] =
    texts
  throw new OperatorError('usage', text)
}

/** One after the other, grouped by major; the outcomes stand in the order of the plan. */
async function verifyEach(
  planned: readonly PlannedVerification[],
  given: VerifyRun,
  signal: AbortSignal,
): Promise<readonly VerificationOutcome[]> {
  const outcomes = new Map<PlannedVerification, VerificationOutcome>()
  for (const item of await inOrderOfMajors(planned, given, signal)) {
    outcomes.set(item, await verifyDatabase(item, given, signal))
  }
  return planned.flatMap(each => outcomes.get(each) ?? [])
}

/** The verifications of one major stand together, so that one scratch server serves them all; else in their order. */
async function inOrderOfMajors(
  planned: readonly PlannedVerification[],
  { context }: Pick<VerifyRun, 'context'>,
  signal: AbortSignal,
): Promise<readonly PlannedVerification[]> {
  const majors = new Map<PlannedVerification, number>()
  for (const item of planned) {
    // Those that can't be told come last.
    const major = item.entry === null ? null : await sourceMajor(item.entry, context, signal)
    majors.set(item, major ?? Number.MAX_SAFE_INTEGER)
  }
  return planned.toSorted((a, b) => (majors.get(a) ?? 0) - (majors.get(b) ?? 0))
}
