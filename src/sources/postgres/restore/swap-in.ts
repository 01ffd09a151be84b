import { failureOf, failureText, OperatorError } from '../../../errors.ts'
import { connect } from '../connection/connection.ts'
import { dropStatement } from '../sql/quote.ts'
import { companionEnding, companionName } from '../swap/companion-names.ts'
import { dropLiveDatabase } from '../swap/drop-live.ts'
import { findNames, finishingStatements, type NamesFound, type SwappedNames } from '../swap/names-found.ts'
import { swapDatabases } from '../swap/swap-databases.ts'
import type { NumberedDatabase } from '../swap/swap-state.ts'
import type { RestoreRun } from './restore-run.ts'
import type { Side } from './side.ts'

/**
 * Makes the side database the live one. If that fails, it stays: loading it may have taken hours, and it is whole. The
 * error's hint names it and says how to go on.
 */
export async function swapIn(
  run: RestoreRun,
  { side, comment }: { readonly side: Side; readonly comment: string | null },
  signal: AbortSignal,
): Promise<void> {
  const { context, plan, state } = run
  await run.lock.session(signal)
  await side.keep(comment, signal)
  const names: SwappedNames = {
    side: { name: side.name, oid: side.oid },
    live: plan.inPlace ? null : liveOf(run),
    finalName: plan.target.database,
  }
  try {
    await swapDatabases(
      {
        ...names,
        admin: state.maintenance,
        connect: state.connect,
        clock: context.clock,
        beforeName: plan.keptAs ?? '',
        clearComment: comment === null,
        onRetry: error => context.log.warn('swap-retried', { message: failureText(failureOf(error)) }),
      },
      signal,
    )
  } catch (error) {
    throw await withWayOn(error, run, { names, comment })
  }
}

/** Drops the live database, for a restore in place. */
export async function dropLive(run: RestoreRun, signal: AbortSignal): Promise<void> {
  const { context, plan, state } = run
  const live = liveOf(run)
  if (live === null) return
  await dropLiveDatabase({ admin: state.maintenance, connect: state.connect, clock: context.clock, live }, signal)
  context.log.warn('live-database-dropped', { database: plan.target.name })
}

function liveOf({ plan, state }: RestoreRun): NumberedDatabase | null {
  const { live } = state.survey
  return live === null ? null : { name: plan.target.database, oid: live.oid }
}

interface Unswapped {
  readonly names: SwappedNames
  readonly comment: string | null
}

async function withWayOn(error: unknown, run: RestoreRun, unswapped: Unswapped): Promise<unknown> {
  if (!(error instanceof OperatorError)) return error
  // That one knows not whether it is done, and says how to find out.
  if (error.kind === 'connection' && error.hint !== undefined) return error
  const hint = await wayOn(run, unswapped)
  return new OperatorError(error.kind, error.message, {
    hint: error.hint === undefined ? hint : `${error.hint}; ${hint}`,
    ...(error.sqlstate === undefined ? {} : { sqlstate: error.sqlstate }),
    logOnly: error.logOnly,
  })
}

const ASK_FOR_MS = 10_000

/** By what is on the server by now, since the plan may be what no longer fits; by the plan where it does not answer. */
async function wayOn(run: RestoreRun, { names, comment }: Unswapped): Promise<string> {
  const { state } = run
  // Not the run's own signal: after an interruption too a person has to be told.
  const found = await lookAgain(run, names, AbortSignal.timeout(ASK_FOR_MS)).catch(() => asPlanned(names, state))
  if (found.side === null) return 'the restored database is gone: restore again'
  const aside = asideOf(run, found.all)
  const statements = finishingStatements({ ...found, side: found.side }, { ...names, aside, comment })
  const other = found.holder === 'stranger' ? ` and keeps the other one as ${aside}` : ''
  return `the restored database is whole and stays as ${found.side}: with nobody connected, ${statements} puts it in place${other}, ${dropStatement(found.side)} gives it up`
}

async function lookAgain({ state }: RestoreRun, names: SwappedNames, signal: AbortSignal): Promise<NamesFound> {
  await using connection = await connect(state.maintenance, state.connect, signal)
  return await findNames(connection, names)
}

function asPlanned({ side, live }: SwappedNames, { survey }: RestoreRun['state']): NamesFound {
  return { side: side.name, live: live?.name ?? null, holder: live === null ? null : 'live', all: survey.databases }
}

/** As what the restore finds in its place would be called. */
function asideOf({ context, plan, state }: RestoreRun, taken: ReadonlySet<string>): string {
  if (plan.keptAs !== null && !taken.has(plan.keptAs)) return plan.keptAs
  const { timeZone } = context.configuration.settings
  return companionName(state.survey.base, companionEnding('before', context.clock.now(), timeZone), taken)
}
