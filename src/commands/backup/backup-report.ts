import { failureText } from '../../errors.ts'
import {
  type BackupEvent,
  type DatabaseOutcome,
  type DestinationOutcome,
  type RunFacts,
  type ToldAlarm,
  withCountFields,
} from '../../events.ts'
import { alarmText } from '../../terminal/alarm-text.ts'
import { formatBytes, formatChange, formatDuration } from '../../terminal/format.ts'
import { createProgress } from '../../terminal/progress.ts'
import { quoteWord } from '../../terminal/quote-word.ts'
import { formatTable } from '../../terminal/table.ts'
import type { Context } from '../context.ts'
import { createCopyLines } from './copy-lines.ts'

export interface BackupReporter {
  /** Tells the log and the screen what happened. */
  report(event: BackupEvent): void
  /** The end of the run: a table for a person, or one JSON document. */
  finish(backups: FinishedBackups, facts: RunFacts): void
}

interface FinishedBackups {
  readonly outcomes: readonly DatabaseOutcome[]
  /** Empty where copies go nowhere. */
  readonly destinations: readonly DestinationOutcome[]
  /** What hooks have left out. */
  readonly skipped?: readonly string[]
}

/** Translates the events of one backup run for the log (stderr) and for a person or a program (stdout). */
export function createReporter(context: Context, options: { readonly json: boolean }): BackupReporter {
  const progress = createProgress(context.screen, context.clock)
  const copyLines = createCopyLines()
  const report = (event: BackupEvent): void => {
    logEvent(context, event)
    if (options.json) return
    progress.show(event)
    const line = lineOf(event, copyLines)
    if (line !== null) context.screen.print(line)
  }
  return {
    report,
    finish(backups, facts) {
      const { outcomes, skipped = [] } = backups
      const { seconds, problems } = facts
      const failed = outcomes.filter(outcome => outcome.result === 'failed').length
      report({ type: 'run-finished', databases: outcomes.length, failed, seconds })
      if (options.json) return context.screen.printJson(jsonReport(context, { ...backups, facts }))
      if (context.screen.isTerminal && outcomes.length > 0) context.screen.print(['', ...summaryTable(outcomes)])
      context.screen.print(closingLine(outcomes, { skipped: skipped.length, seconds }))
      for (const problem of problems) context.screen.print(`problem    ${problem}`)
    },
  }
}

/** The line that stays on the screen about an event, if it deserves one. */
function lineOf(event: BackupEvent, copyLines: ReturnType<typeof createCopyLines>): string | readonly string[] | null {
  switch (event.type) {
    case 'run-note':
      return `note       ${event.text}`
    case 'database-started':
      return `started    ${event.database}`
    case 'database-skipped':
      return `skipped    ${event.database}: hook before-source said so (exit code 75)`
    case 'database-warning':
      return `warning    ${event.database}: ${event.text}`
    case 'database-retried':
      return `retrying   ${event.database} in ${formatDuration(event.waitSeconds * 1000)}: ${failureText(event.failure)}`
    case 'leftovers-removed':
      return `swept      ${event.database}: ${event.files.join(', ')} of a run that did not finish`
    case 'database-finished':
      return outcomeLines(event.outcome)
    case 'copy-finished':
      return copyLines.finished(event)
    case 'destination-finished':
      return copyLines.ended(event.outcome)
    case 'copy-retried':
      return `retrying   ${event.destination} in ${formatDuration(event.waitSeconds * 1000)}: ${failureText(event.failure)}`
    case 'run-started':
    case 'run-finished':
    case 'database-progress':
    case 'copy-progress':
      return null
  }
}

function outcomeLines(outcome: DatabaseOutcome): readonly string[] {
  const { database } = outcome
  if (outcome.result === 'failed') return [`FAILED     ${withPlace(database, failureText(outcome.failure))}`]
  const size = `${formatBytes(outcome.storedBytes)} from ${formatBytes(outcome.rawBytes)}`
  const lines = [`backed up  ${database}: ${size} in ${formatDuration(outcome.seconds * 1000)} -> ${outcome.archive}`]
  if (outcome.alarm !== undefined) lines.push(...alarmLines(database, outcome.alarm))
  if (outcome.removed.length > 0) lines.push(`pruned     ${database}: ${outcome.removed.join(', ')}`)
  if (outcome.pruneFailure !== null) lines.push(`NOT PRUNED ${database}: ${failureText(outcome.pruneFailure)}`)
  return lines
}

function alarmLines(database: string, alarm: ToldAlarm): readonly string[] {
  const name = quoteWord(database)
  return [
    `ALARM      ${database}: ${alarmText(alarm)}; against ${alarm.against}`,
    `           nothing from before it is removed; see: backup --changes ${name}; if it is right: backup --accept ${name}`,
  ]
}

/** Most reasons begin with the database that they are about. */
function withPlace(database: string, reason: string): string {
  return reason.startsWith(`${database}: `) ? reason : `${database}: ${reason}`
}

function summaryTable(outcomes: readonly DatabaseOutcome[]): readonly string[] {
  const rows = outcomes.map(outcome =>
    outcome.result === 'failed'
      ? [outcome.database, 'FAILED', '', '', formatDuration(outcome.seconds * 1000)]
      : [
          outcome.database,
          'backed up',
          formatBytes(outcome.storedBytes),
          outcome.previousBytes === null ? '' : formatChange(outcome.storedBytes, outcome.previousBytes),
          formatDuration(outcome.seconds * 1000),
        ],
  )
  return formatTable(
    [
      { title: 'DATABASE' },
      { title: 'RESULT' },
      { title: 'SIZE', align: 'right' },
      { title: 'CHANGE', align: 'right' },
      { title: 'TIME', align: 'right' },
    ],
    rows,
  )
}

function closingLine(
  outcomes: readonly DatabaseOutcome[],
  { skipped, seconds }: { readonly skipped: number; readonly seconds: number },
): string {
  const failed = outcomes.filter(outcome => outcome.result === 'failed').length
  const good = outcomes.length - failed
  const time = formatDuration(seconds * 1000)
  if (outcomes.length === 0 && skipped > 0) return `no database was backed up: a hook has left out ${skipped}`
  if (outcomes.length === 0)
    return 'no database was backed up: the configuration has no valid one, or none in this shard'
  const failures = failed === 0 ? '' : `, ${failed} failed`
  const rest = skipped === 0 ? '' : `, ${skipped} left out by a hook`
  return `${good} of ${outcomes.length} backed up${failures}${rest}, in ${time}`
}

function logEvent({ log }: Context, event: BackupEvent): void {
  const { type, ...fields } = event
  switch (event.type) {
    case 'database-progress':
    case 'copy-progress':
      break
    case 'copy-finished':
      if (event.outcome.state === 'failed') log.error('copy-failed', fields)
      else log.info(event.outcome.state === 'done' ? 'archive-copied' : 'copy-waits', fields)
      break
    case 'destination-finished':
      log.info(type, { ...event.outcome })
      break
    case 'copy-retried':
    case 'database-warning':
    case 'database-retried':
    case 'leftovers-removed':
      log.warn(type, fields)
      break
    case 'database-finished':
      if (event.outcome.result === 'failed') log.error('database-failed', event.outcome)
      else log.info('database-backed-up', withCountFields(event.outcome))
      if ('alarm' in event.outcome)
        log.warn('content-alarm', { database: event.outcome.database, ...event.outcome.alarm })
      break
    case 'run-started':
    case 'run-note':
    case 'database-started':
    case 'database-skipped':
    case 'run-finished':
      log.info(type, fields)
      break
  }
}

function jsonReport(
  { configuration }: Context,
  { outcomes, destinations, skipped, facts }: FinishedBackups & { readonly facts: RunFacts },
): unknown {
  const { runId, startedAt, finishedAt, exitCode } = facts
  const { problems } = configuration
  return {
    runId,
    startedAt,
    finishedAt,
    exitCode,
    databases: outcomes.map(withCountFields),
    skipped,
    destinations,
    problems,
  }
}
