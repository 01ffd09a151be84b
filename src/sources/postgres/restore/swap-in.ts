import { failureOf, failureText, OperatorError } from '../../../errors.ts'
import { dropStatement, quoteIdentifier } from '../sql/quote.ts'
import { dropLiveDatabase } from '../swap/drop-live.ts'
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
  try {
    await swapDatabases(
      {
        admin: state.maintenance,
        connect: state.connect,
        clock: context.clock,
        side: { name: side.name, oid: side.oid },
        live: plan.inPlace ? null : liveOf(run),
        finalName: plan.target.database,
        beforeName: plan.keptAs ?? '',
        clearComment: comment === null,
        onRetry: error => context.log.warn('swap-retried', { message: failureText(failureOf(error)) }),
      },
      signal,
    )
  } catch (error) {
    throw withWayOn(error, run, comment)
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

function withWayOn(error: unknown, { plan }: RestoreRun, comment: string | null): unknown {
  if (!(error instanceof OperatorError)) return error
  // That one knows not whether it is done, and says how to find out.
  if (error.kind === 'connection' && error.hint !== undefined) return error
  const rename = (from: string, to: string): string =>
    `ALTER DATABASE ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)};`
  const renames = [
    ...(plan.keptAs === null ? [] : [rename(plan.target.database, plan.keptAs)]),
    rename(plan.sideName, plan.target.database),
    ...(comment === null ? [`COMMENT ON DATABASE ${quoteIdentifier(plan.target.database)} IS NULL;`] : []),
  ]
  const hint = `the restored database is whole and stays as ${plan.sideName}: with nobody connected, ${renames.join(' ')} puts it in place, ${dropStatement(plan.sideName)} gives it up`
  return new OperatorError(error.kind, error.message, {
    hint: error.hint === undefined ? hint : `${error.hint}; ${hint}`,
    ...(error.sqlstate === undefined ? {} : { sqlstate: error.sqlstate }),
    logOnly: error.logOnly,
  })
}
