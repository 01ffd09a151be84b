import { type Failure, failureOf, failureText, logLinesOf, OperatorError } from '../../errors.ts'
import { type ExitCode, exitCodeOfFailure, exitCodeOfRestore } from '../../exit-codes.ts'
import {
  type ClientTools,
  chooseClientTools,
  findClientTools,
} from '../../sources/postgres/client-tools/client-tools.ts'
import { lockTarget } from '../../sources/postgres/made/target-lock.ts'
import { carryOut } from '../../sources/postgres/restore/carry-out.ts'
import type { PlanOfArchive, RestorePlan } from '../../sources/postgres/restore/restore-plan.ts'
import {
  planOfArchiveText,
  planText,
  type RestoreResult,
  resultText,
} from '../../sources/postgres/restore/restore-text.ts'
import { superuserPolicy } from '../../sources/postgres/restore/superuser-policy.ts'
import { findServer, lookAtTarget, type TargetState } from '../../sources/postgres/restore/target-state.ts'
import { readMemory } from '../../system/memory.ts'
import type { Context } from '../context.ts'
import { type RunEnd, run, stopped } from '../run.ts'
import { createWarner, type Warner } from '../warner.ts'
import { chooseShape } from './choose-shape.ts'
import { loadProgress } from './load-progress.ts'
import { connectOptions, makePlan, rolesOfSource } from './make-plan.ts'
import { meantByRestore } from './meant-by-restore.ts'
import { planWithoutAdmin } from './plan-without-admin.ts'
import { refuseUnmeant } from './refuse-unmeant.ts'
import type { RestoreOptions } from './restore-options.ts'
import { openSource, type RestoreSource } from './restore-source.ts'
import { enterAsAdmin, readTarget } from './restore-target.ts'
import { type WouldChange, wouldChange, wouldChangeText } from './would-change.ts'

/**
 * `-r`: shows what would be restored where, asks, loads the archive into a database beside the live one, compares, and
 * swaps the two. Whatever happens at whatever moment, the live database is as it was, or is already the new one.
 * Returns the exit code; failures are told here.
 */
export async function restore(context: Context, options: RestoreOptions, signal: AbortSignal): Promise<ExitCode> {
  const progress: Progress = {
    warn: createWarner(context, options.json),
    plan: null,
    result: null,
    changes: null,
    begun: false,
  }
  const work = async (): Promise<RunEnd> => {
    const end = await planAndRestore(context, options, { progress, signal }).then(code => ({ codes: [code] }), stopped)
    return { ...end, report: reportOf(progress, 'stoppedBy' in end ? failureOf(end.stoppedBy) : null) }
  }
  try {
    const code = await run({ context, mode: 'restore', warn: progress.warn }, work, signal)
    logRestored(context, progress)
    if (options.json) context.screen.printJson(jsonReport(progress, null))
    return code
  } catch (error) {
    if (!options.json) throw error
    context.log.error('restore-failed', { failure: failureOf(error), lines: logLinesOf(error) })
    context.screen.printJson(jsonReport(progress, error))
    return exitCodeOfFailure(failureOf(error))
  }
}

/** How far a restore has come. */
interface Progress {
  readonly warn: Warner
  plan: RestorePlan | PlanOfArchive | null
  result: RestoreResult | null
  /** Of a dry run. */
  changes: WouldChange | null
  /** From here on the server is changed. */
  begun: boolean
}

/** Only of one that has begun: before that it has done nothing but look. */
function reportOf({ plan, begun }: Progress, failure: Failure | null): RunEnd['report'] {
  if (plan === null || !begun) return null
  return { mode: 'restore', database: plan.target.name, archive: plan.archive.path, failure }
}

function logRestored({ log }: Context, { plan, result }: Progress): void {
  if (plan === null || result === null) return
  const { tables, rows, seconds } = result
  log.info('database-restored', { database: plan.target.name, archive: plan.archive.path, tables, rows, seconds })
}

interface Doing {
  readonly progress: Progress
  readonly signal: AbortSignal
}

async function planAndRestore(
  context: Context,
  options: RestoreOptions,
  { progress, signal }: Doing,
): Promise<ExitCode> {
  refuseSilence(options)
  const { warn } = progress
  const meant = await meantByRestore(context, { ...options, warn }, signal)
  const named = readTarget(meant, options, context.env)
  await using source = await openSource(context, { ...options, ...meant, warn }, signal)
  if (options.dryRun && named.adminPassword === null) {
    progress.plan = await planWithoutAdmin(context, { options, named, source }, signal)
    const code = showPlan(context, options, progress.plan)
    progress.changes = await showChanges(context, { options, plan: progress.plan, source }, signal)
    return code
  }
  const entered = await enterAsAdmin(named, options.prompts, async admin => {
    return { target: admin, server: await findServer(admin, connectOptions(context), signal) }
  })
  if (entered === null) return leave(context, options)
  const { target, server } = entered
  // Before the plan: the names in it are to be free when it is carried out.
  await using lock = options.dryRun
    ? null
    : await lockTarget({ ...server, clock: context.clock, target: target.spec.database }, signal)
  const state = await lookAtTarget(target, { server, isLocked: lock !== null }, signal)
  if (state.live !== null) refuseUnmeant(source, meant.spec.id.name)
  const tools = source.manifest === null ? null : await comparingTools(context, state, signal)
  const given = await chooseShape({ options, source, state })
  if (given === null) return leave(context, options)
  const archiveRoles = await rolesOfSource(context, { options, source, target, state, given }, signal)
  const found = { options, source, target, state, given, roles: archiveRoles.plan, memory: await readMemory() }
  const plan = makePlan(context, found)
  progress.plan = plan
  const code = showPlan(context, options, plan)
  if (lock === null) {
    progress.changes = await showChanges(context, { options, plan, source }, signal)
    return code
  }
  refuseBlocked(plan)
  if (!(await isConfirmed(plan, options))) return leave(context, options)
  progress.begun = true
  const { ignoreErrors, withRoleRights, withSuperuserObjects } = options
  const flags = { ignoreErrors, withRoleRights, withSuperuserObjects }
  const tasks = { context, plan, source, target, state, lock, tools, archiveRoles, ...flags }
  using line = loadProgress(context, source.manifest?.rawBytes ?? null)
  progress.result = await carryOut(
    {
      ...tasks,
      superuserObjects: await superuserPolicy(tasks, options, signal),
      say: lines => (options.json ? undefined : context.screen.print(lines)),
      onStep: (step, bytes) => line.show(`${plan.target.name}: ${step}`, bytes),
    },
    signal,
  )
  if (!options.json) context.screen.print(resultText(plan, progress.result))
  return exitCodeOfRestore(progress.result)
}

/** How it ends for who says no, or leaves a question. */
function leave({ screen }: Context, { json }: RestoreOptions): ExitCode {
  if (!json) screen.print('not restored: nothing was changed')
  return 1
}

/** How a dry run ends with it. */
function showPlan({ screen }: Context, { json }: RestoreOptions, plan: RestorePlan | PlanOfArchive): ExitCode {
  if (!json) screen.print('blocks' in plan ? planText(plan) : planOfArchiveText(plan))
  return 'blocks' in plan && plan.blocks.length > 0 ? 1 : 0
}

async function showChanges(
  context: Context,
  { options, plan, source }: { options: RestoreOptions; plan: RestorePlan | PlanOfArchive; source: RestoreSource },
  signal: AbortSignal,
): Promise<WouldChange> {
  const changes = await wouldChange(context, { plan, manifest: source.manifest }, signal)
  if (!options.json) context.screen.print(wouldChangeText(changes))
  return changes
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

/** Before anything is changed: without them nobody could tell whether what was loaded is what was dumped. */
async function comparingTools({ env }: Context, { server }: TargetState, signal: AbortSignal): Promise<ClientTools> {
  return chooseClientTools(await findClientTools(env, signal), server.major).tools
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

function jsonReport({ plan, result, changes }: Progress, error: unknown): unknown {
  const failure = error === null ? null : { ...failureOf(error), text: failureText(failureOf(error)) }
  return { plan, result, ...(changes === null ? {} : { changes }), failure }
}
