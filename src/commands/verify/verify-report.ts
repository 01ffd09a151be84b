import { type RunFacts, type VerificationOutcome, type VerifyEvent, withCountFields } from '../../events.ts'
import { formatBytes, formatDuration } from '../../terminal/format.ts'
import type { Context } from '../context.ts'
import { closingLine, outcomeText, summaryTable } from './verify-text.ts'

export interface VerifyReporter {
  /** Tells the log and the screen what happened. */
  report(event: VerifyEvent): void
  /** The end of the run: a table for a person, or one JSON document. */
  finish(outcomes: readonly VerificationOutcome[], facts: RunFacts): void
}

/** Redrawing more often only flickers. */
const REDRAW_MS = 200

/** Translates the events of one verify run for the log (stderr) and for a person or a program (stdout). */
export function createVerifyReporter(context: Context, options: { readonly json: boolean }): VerifyReporter {
  const { screen } = context
  const showProgress = createVerifyProgress(context)
  const report = (event: VerifyEvent): void => {
    logEvent(context, event)
    if (options.json) return
    showProgress(event)
    const line = lineOf(event)
    if (line !== null) screen.print(line)
  }
  return {
    report,
    finish(outcomes, facts) {
      report({ type: 'verify-run-finished', ...countsOf(outcomes), seconds: facts.seconds })
      if (options.json) return screen.printJson(jsonReport(context, { outcomes, facts }))
      if (screen.isTerminal && outcomes.length > 0) screen.print(['', ...summaryTable(outcomes)])
      screen.print(closingLine(outcomes, facts.seconds))
      for (const problem of facts.problems) screen.print(`problem    ${problem}`)
    },
  }
}

function countsOf(outcomes: readonly VerificationOutcome[]) {
  const count = (verdict: VerificationOutcome['verdict']): number =>
    outcomes.filter(outcome => outcome.verdict === verdict).length
  return {
    databases: outcomes.length,
    proved: count('proved'),
    failed: count('failed'),
    unverified: count('could-not-verify'),
  }
}

/** The line that stays on the screen about an event, if it deserves one. */
function lineOf(event: VerifyEvent): string | readonly string[] | null {
  switch (event.type) {
    case 'verification-started':
      return `started    ${event.database}: ${event.archive}`
    case 'verification-finished':
      return outcomeText(event.outcome)
    case 'verify-run-started':
    case 'verification-progress':
    case 'verify-run-finished':
      return null
  }
}

/** Keeps one live line for the archive that is being proved; does nothing where there is no terminal. */
function createVerifyProgress({ screen, clock }: Context): (event: VerifyEvent) => void {
  let drawnAt = Number.NEGATIVE_INFINITY
  return event => {
    if (!screen.isTerminal) return
    if (event.type === 'verification-finished') screen.live([])
    if (event.type !== 'verification-progress' || clock.monotonicMs() - drawnAt < REDRAW_MS) return
    drawnAt = clock.monotonicMs()
    screen.live([progressLine(event)])
  }
}

function progressLine(event: Extract<VerifyEvent, { type: 'verification-progress' }>): string {
  const { rawBytes, totalRawBytes, seconds } = event
  const part = totalRawBytes === null || totalRawBytes === 0 ? '' : ` of ${formatBytes(totalRawBytes)}`
  return `  ...      ${event.database}: ${event.step}, ${formatBytes(rawBytes)}${part}, ${formatDuration(seconds * 1000)}`
}

function logEvent({ log }: Context, event: VerifyEvent): void {
  const { type, ...fields } = event
  switch (event.type) {
    case 'verification-progress':
      break
    case 'verification-finished':
      logOutcome(log, event.outcome)
      break
    case 'verify-run-started':
    case 'verification-started':
    case 'verify-run-finished':
      log.info(type, fields)
      break
  }
}

function logOutcome(log: Context['log'], outcome: VerificationOutcome): void {
  switch (outcome.verdict) {
    case 'proved':
      log.info('database-proved', withCountFields(outcome))
      break
    case 'failed':
      log.error('verification-failed', withCountFields(outcome))
      break
    case 'could-not-verify':
      log.warn('database-not-verified', withCountFields(outcome))
      break
  }
}

function jsonReport(
  { configuration }: Context,
  { outcomes, facts }: { readonly outcomes: readonly VerificationOutcome[]; readonly facts: RunFacts },
): unknown {
  const { runId, startedAt, finishedAt, exitCode } = facts
  const databases = outcomes.map(withCountFields)
  return { runId, startedAt, finishedAt, exitCode, databases, problems: configuration.problems }
}
