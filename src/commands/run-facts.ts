import { Interruption } from '../errors.ts'
import type { RunReport } from '../events.ts'
import { type ExitCode, exitCodeOf, exitCodeOfSignal } from '../exit-codes.ts'
import { isoWithOffset } from '../system/time-zone.ts'
import type { Context } from './context.ts'

/** What the reports of all modes have in common. */
export type RunFacts = Pick<
  RunReport,
  'runId' | 'trigger' | 'startedAt' | 'finishedAt' | 'seconds' | 'exitCode' | 'interrupted' | 'problems'
>

/** When a run began: by the wall clock for people, and by the monotonic one for its duration. */
export interface RunStart {
  readonly startedAt: Date
  readonly startedMs: number
}

/** Now, as the beginning of a run. */
export function startOfRun({ clock }: Pick<Context, 'clock'>): RunStart {
  return { startedAt: clock.now(), startedMs: clock.monotonicMs() }
}

/** The common part of the report of a run that ends now. An aborted `signal` makes it an interrupted one, whatever its code. */
export function runFacts(
  context: Pick<Context, 'clock' | 'configuration' | 'occasion' | 'runId'>,
  run: RunStart & { readonly exitCode: ExitCode },
  signal: AbortSignal,
): RunFacts {
  const { clock, configuration, occasion, runId } = context
  const { timeZone } = configuration.settings
  return {
    runId,
    trigger: occasion.trigger,
    startedAt: isoWithOffset(run.startedAt, timeZone),
    finishedAt: isoWithOffset(clock.now(), timeZone),
    seconds: Math.round(clock.monotonicMs() - run.startedMs) / 1000,
    exitCode: signal.aborted ? exitCodeOf([interruptionCode(signal), run.exitCode]) : run.exitCode,
    interrupted: signal.aborted,
    problems: configuration.problems
      .filter(problem => problem.severity === 'problem')
      .map(problem => `${problem.place}: ${problem.text}`),
  }
}

function interruptionCode({ reason }: AbortSignal): ExitCode {
  return exitCodeOfSignal(reason instanceof Interruption ? reason.signal : 'SIGTERM')
}
