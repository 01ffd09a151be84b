import { problemTexts } from '../config/problem.ts'
import { failureOf, Interruption } from '../errors.ts'
import type { RunFacts, RunReport } from '../events.ts'
import { type ExitCode, exitCodeOf, exitCodeOfFailure, exitCodeOfSignal } from '../exit-codes.ts'
import { isoWithOffset } from '../system/time-zone.ts'
import type { Context } from './context.ts'
import { tellBeginning, tellEnd } from './tell-of-run.ts'
import type { Warner } from './warner.ts'

/** A run of one mode; `warn` is told of what it goes on in spite of. */
export interface RunInput {
  readonly context: Pick<Context, 'clock' | 'configuration' | 'log' | 'notifications' | 'occasion' | 'runId'>
  readonly mode: RunReport['mode']
  readonly warn: Warner
}

/** What the work of a run is given. */
export interface BegunRun {
  readonly startedAt: Date
  /** Tells that it begins, of a mode whose beginning is told: as soon as it is known that it can. */
  begin(): Promise<void>
}

/** What the work of a run came to. */
export type RunEnd = {
  /** The mode's own part of the report; null: nothing was done that history and people should know of. */
  readonly report: OwnPart<RunReport> | null
} & (
  | {
      /** Every code that applies to what was done. */
      readonly codes: readonly ExitCode[]
      /** The last words on the screen. `exitCode` is that of the work, which an interruption leaves as it is. */
      show?(facts: RunFacts, exitCode: ExitCode): void
    }
  | Stopped
)

/** What a whole run was stopped by; it is thrown when all is written down. */
export interface Stopped {
  readonly stoppedBy: unknown
}

/** An error that stops the whole run, to be caught with. */
export function stopped(error: unknown): Stopped {
  return { stoppedBy: error }
}

type OwnPart<Report> = Report extends RunReport ? Omit<Report, keyof RunFacts> : never

/**
 * The frame of every run, whoever started it: when it began, what it came to, its line of the history, and word to those
 * who are told. Resolves with the exit code of the work: an interrupted run is what `signal` says it is. Rejects with what
 * the work throws, of which nothing is written down, or with what it says that it was stopped by.
 */
export async function run(
  { context, mode, warn }: RunInput,
  work: (run: BegunRun) => Promise<RunEnd>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { clock, configuration } = context
  const start = { startedAt: clock.now(), startedMs: clock.monotonicMs() }
  const end = await work({ startedAt: start.startedAt, begin: () => tellBeginning(context, mode) })

  const problems = problemTexts(configuration.problems)
  const codes = 'stoppedBy' in end ? [exitCodeOfFailure(failureOf(end.stoppedBy))] : end.codes
  // A restore is of one database that a person has named: what is wrong with other lines is no matter of it.
  const exitCode = exitCodeOf(problems.length > 0 && mode !== 'restore' ? [...codes, 10] : codes)
  const facts = factsOf(context, { ...start, problems, exitCode }, signal)
  if (!('stoppedBy' in end)) end.show?.(facts, exitCode)
  if (end.report !== null) await tellEnd(context, { ...facts, ...end.report }, warn)
  if ('stoppedBy' in end) throw end.stoppedBy
  return exitCode
}

function factsOf(
  { clock, configuration, occasion, runId }: RunInput['context'],
  ended: Pick<RunFacts, 'problems'> & {
    readonly startedAt: Date
    readonly startedMs: number
    readonly exitCode: ExitCode
  },
  signal: AbortSignal,
): RunFacts {
  const { timeZone } = configuration.settings
  return {
    runId,
    trigger: occasion.trigger,
    startedAt: isoWithOffset(ended.startedAt, timeZone),
    finishedAt: isoWithOffset(clock.now(), timeZone),
    seconds: Math.round(clock.monotonicMs() - ended.startedMs) / 1000,
    exitCode: signal.aborted ? exitCodeOf([exitCodeOfInterruption(signal), ended.exitCode]) : ended.exitCode,
    interrupted: signal.aborted,
    problems: ended.problems,
  }
}

function exitCodeOfInterruption({ reason }: AbortSignal): ExitCode {
  return exitCodeOfSignal(reason instanceof Interruption ? reason.signal : 'SIGTERM')
}
