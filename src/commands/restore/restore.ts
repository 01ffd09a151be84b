import { failureOf, failureText, logLinesOf, OperatorError } from '../../errors.ts'
import { type ExitCode, exitCodeOfFailure } from '../../exit-codes.ts'
import { type ClientTools, chooseClientTools, findClientTools } from '../../postgres/client-tools.ts'
import { lockTarget } from '../../postgres/made/target-lock.ts'
import { type Memory, readMemory } from '../../system/memory.ts'
import type { Context } from '../context.ts'
import { finishRun } from '../finish-run.ts'
import { type RunStart, runFacts, startOfRun } from '../run-facts.ts'
import { createWarner, type Warner } from '../warner.ts'
import { carryOut } from './carry-out.ts'
import type { RestoreOptions } from './restore-options.ts'
import { planRestore, type RestorePlan } from './restore-plan.ts'
import type { RestoreResult } from './restore-result.ts'
import { openSource, type RestoreSource } from './restore-source.ts'
import { findTarget, type RestoreTarget } from './restore-target.ts'
import { planText, resultText } from './restore-text.ts'
import { superuserPolicy } from './superuser-objects.ts'
import { findServer, lookAtTarget, type TargetState } from './target-state.ts'

/**
 * `-r`: shows what would be restored where, asks, loads the archive into a database beside the live one, compares, and
 * swaps the two. Whatever happens at whatever moment, the live database is as it was, or is already the new one.
 * Returns the exit code; failures are told here.
 */
export async function restore(context: Context, options: RestoreOptions, signal: AbortSignal): Promise<ExitCode> {
  const warn = createWarner(context, options.json)
  const run: Run = { ...startOfRun(context), warn, plan: null, result: null, begun: false }
  try {
    const code = await planAndRestore(context, options, { run, signal })
    if (run.begun) await tellEnd(context, run, { exitCode: code, error: null }, signal)
    logRestored(context, run)
    if (options.json) context.screen.printJson(jsonReport(run, null))
    return code
  } catch (error) {
    const code = exitCodeOfFailure(failureOf(error))
    if (run.begun) await tellEnd(context, run, { exitCode: code, error }, signal)
    if (!options.json) throw error
    context.log.error('restore-failed', { failure: failureOf(error), lines: logLinesOf(error) })
    context.screen.printJson(jsonReport(run, error))
    return code
  }
}

function logRestored({ log }: Context, { plan, result }: Run): void {
  if (plan === null || result === null) return
  const { tables, rows, seconds } = result
  log.info('database-restored', { database: plan.target.name, archive: plan.archive.path, tables, rows, seconds })
}

/** How far a run has come. */
interface Run extends RunStart {
  readonly warn: Warner
  plan: RestorePlan | null
  result: RestoreResult | null
  /** From here on the server is changed. */
  begun: boolean
}

interface Doing {
  readonly run: Run
  readonly signal: AbortSignal
}

async function planAndRestore(context: Context, options: RestoreOptions, { run, signal }: Doing): Promise<ExitCode> {
  refuseSilence(options)
  const target = await findTarget(options, context.env)
  await using source = await openSource(context, { ...options, spec: target.spec, warn: run.warn }, signal)
  const server = await findServer(target, connectOptions(context), signal)
  // Before the plan: the names in it are to be free when it is carried out.
  await using lock = options.dryRun
    ? null
    : await lockTarget({ ...server, clock: context.clock, target: target.spec.database }, signal)
  const state = await lookAtTarget(target, { server, isLocked: lock !== null }, signal)
  const tools = source.manifest === null ? null : await comparingTools(context, state, signal)
  const plan = makePlan(context, { options, source, target, state, memory: await readMemory() })
  run.plan = plan
  if (!options.json) context.screen.print(planText(plan))
  if (lock === null) return plan.blocks.length > 0 ? 1 : 0
  refuseBlocked(plan)
  if (!(await isConfirmed(plan, options))) {
    context.screen.print('not restored: nothing was changed')
    return 1
  }
  run.begun = true
  const given = { context, options, plan, source, target, state, lock, tools }
  run.result = await carryOut({ ...given, superuserObjects: await superuserPolicy(given, signal) }, signal)
  if (!options.json) context.screen.print(resultText(plan, run.result))
  return 0
}

/** Nobody can be asked: then a person or a script says beforehand that it is meant. */
function refuseSilence(options: RestoreOptions): void {
  if (options.prompts !== null || options.yes || options.dryRun) return
  throw new OperatorError(
    'usage',
    '-r: there is no terminal to ask on; expected --yes or -s to restore without asking',
    {
      hint: '--dry-run shows what would be done',
    },
  )
}

/** Statements on large databases take their time; what must be quick says so itself. */
const LONGEST_QUERY_MS = 30 * 60_000

function connectOptions({ env, runId }: Context) {
  // A database or a role may be set up to be read only; the admin was asked for, so he means to write.
  const parameters = { default_transaction_read_only: 'off' }
  return { env, applicationName: `backup-container ${runId} restore`, queryTimeoutMs: LONGEST_QUERY_MS, parameters }
}

/** Before anything is changed: without them nobody could tell whether what was loaded is what was dumped. */
async function comparingTools({ env }: Context, { server }: TargetState, signal: AbortSignal): Promise<ClientTools> {
  return chooseClientTools(await findClientTools(env, signal), server.major).tools
}

interface Found {
  readonly options: RestoreOptions
  readonly source: RestoreSource
  readonly target: RestoreTarget
  readonly state: TargetState
  readonly memory: Memory | null
}

function makePlan(context: Context, found: Found): RestorePlan {
  const { inPlace, ignoreErrors, withSuperuserObjects } = found.options
  const { timeZone } = context.configuration.settings
  return planRestore({ ...found, inPlace, ignoreErrors, withSuperuserObjects, now: context.clock.now(), timeZone })
}

function refuseBlocked(plan: RestorePlan): void {
  const [first] = plan.blocks
  if (first === undefined) return
  const more = plan.blocks.length > 1 ? ` (and ${plan.blocks.length - 1} more)` : ''
  throw new OperatorError('server', `${plan.target.name}: ${first.text}${more}; expected nothing in the way`, {
    hint: 'nothing was changed',
    ...(first.sqlstate === null ? {} : { sqlstate: first.sqlstate }),
  })
}

async function isConfirmed(plan: RestorePlan, { yes, prompts }: RestoreOptions): Promise<boolean> {
  if (yes || prompts === null) return yes
  const what = plan.inPlace ? 'DROP it and restore in its place' : 'restore'
  return await prompts.typeName(`Type the name of the database to ${what}`, plan.target.database)
}

async function tellEnd(
  context: Context,
  run: Run,
  end: { readonly exitCode: ExitCode; readonly error: unknown },
  signal: AbortSignal,
): Promise<void> {
  if (run.plan === null) return
  const report = {
    ...runFacts(context, { ...run, exitCode: end.exitCode }, signal),
    mode: 'restore',
    database: run.plan.target.name,
    archive: run.plan.archive.path,
    failure: end.error === null ? null : failureOf(end.error),
  } as const
  await finishRun(context, report, run.warn)
}

function jsonReport({ plan, result }: Run, error: unknown): unknown {
  const failure = error === null ? null : { ...failureOf(error), text: failureText(failureOf(error)) }
  return { plan, result, failure }
}
