import { failureText } from '../../errors.ts'
import type { DestinationOutcome, RunReport } from '../../events.ts'
import { type Line, shownReason } from './message.ts'

/** One line for each destination where not all is well, or where something was made up for. */
export function destinationLines(report: RunReport): readonly Line[] {
  return destinationsOf(report).flatMap(lineOf)
}

/** Whether a copy is missing, or could not be removed, anywhere. */
export function lacksCopies(report: RunReport): boolean {
  return destinationsOf(report).some(isLacking)
}

/** Whether a destination began to fail, or recovered, since the last backup run: what stays as it is was told already. */
export function isCopyNews(report: RunReport, history: readonly RunReport[]): boolean {
  if (report.mode !== 'backup' || report.interrupted) return false
  const before = history.findLast(past => past.mode === 'backup' && !past.interrupted)
  const lacking = (run: RunReport | undefined): string =>
    (run === undefined ? [] : destinationsOf(run))
      .filter(isLacking)
      .map(each => each.destination)
      .join()
  return lacking(report) !== lacking(before)
}

function lineOf(outcome: DestinationOutcome): readonly Line[] {
  const { destination, missing, caughtUp, failure } = outcome
  const parts = [
    ...(missing === 0 ? [] : [`${missing} MISSING, the next run sends them`]),
    ...(caughtUp === 0 ? [] : [`${caughtUp} earlier ones made up for`]),
  ]
  if (parts.length === 0 && failure === null) return []
  const counts = parts.length === 0 ? '' : `: ${parts.join(', ')}`
  return [[`copies to ${destination}${counts}`, ...(failure === null ? [] : [': ', shownReason(failureText(failure))])]]
}

function isLacking({ missing, failure }: DestinationOutcome): boolean {
  return missing > 0 || failure !== null
}

function destinationsOf(report: RunReport): readonly DestinationOutcome[] {
  return report.mode === 'backup' ? (report.destinations ?? []) : []
}
