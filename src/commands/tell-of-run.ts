import { volumeSpace } from '../catalog/space.ts'
import { failureOf, failureText, logLinesOf } from '../errors.ts'
import type { CopyOutcome, RunReport } from '../events.ts'
import { appendHistory, readHistory } from '../status/edge/history.ts'
import type { HistoryLine } from '../status/history-line.ts'
import type { Context } from './context.ts'
import { isAnyoneTold } from './lazy-notifications.ts'
import { notRecorded, type Warner } from './warner.ts'

type RunContext = Pick<Context, 'configuration' | 'log' | 'occasion' | 'notifications'>

/** The beginning of a run, for those who are told. Never throws. */
export async function tellBeginning(
  context: RunContext & Pick<Context, 'runId'>,
  mode: RunReport['mode'],
): Promise<void> {
  if (!isAnyoneTold(context.configuration.notifications)) return
  const history = await finishedRuns(context)
  context.notifications.tell({ type: 'run-started', runId: context.runId, mode, history })
}

/**
 * The end of a run: a line of the history, and word to those who are told. Never throws: a run that did its work is not
 * a failure because its line could not be written; then `warn` is told.
 */
export async function tellEnd(context: RunContext, report: RunReport, warn: Warner): Promise<void> {
  const { configuration, occasion, notifications } = context
  const isTold = isAnyoneTold(configuration.notifications)
  const history = isTold ? await finishedRuns(context) : []
  try {
    await appendHistory(configuration.settings.backupDir, { type: 'run', schedule: occasion.schedule, report })
  } catch (error) {
    warn(notRecorded('this run, in the history', error), error)
  }
  notifications.tell({ type: 'run-finished', report, history, ...copiesOf(report) })
  if (isTold && report.mode === 'backup') await tellOfLowSpace(context, report)
}

/** Where the copies of each new archive stand; nothing where there are no destinations. */
function copiesOf(report: RunReport): { readonly copies?: Readonly<Record<string, readonly CopyOutcome[]>> } {
  if (report.mode !== 'backup' || report.destinations === undefined) return {}
  const done = report.outcomes.flatMap(outcome => (outcome.result === 'backed-up' ? [outcome] : []))
  return { copies: Object.fromEntries(done.map(({ database, copies }) => [database, copies])) }
}

/** What this run made will be needed again by the next one, with the margin that a backup asks for before it begins. */
async function tellOfLowSpace(
  { configuration, notifications }: RunContext,
  report: Extract<RunReport, { readonly mode: 'backup' }>,
): Promise<void> {
  const space = await volumeSpace(configuration.settings.backupDir).catch(() => null)
  const made = report.outcomes.reduce((sum, each) => sum + (each.result === 'backed-up' ? each.storedBytes : 0), 0)
  const neededBytes = Math.ceil(made * 1.1)
  if (space === null || space.freeBytes >= neededBytes) return
  notifications.tell({ type: 'low-space', ...space, neededBytes })
}

/** The runs among the history's lines, as `pastLines` gives them. */
export async function finishedRuns(context: Pick<Context, 'configuration' | 'log'>): Promise<readonly RunReport[]> {
  return (await pastLines(context)).flatMap(line => (line.type === 'run' ? [line.report] : []))
}

/** The history's lines, oldest first; none where it cannot be read: whoever asks does its work without. Never rejects. */
export async function pastLines({
  configuration,
  log,
}: Pick<Context, 'configuration' | 'log'>): Promise<readonly HistoryLine[]> {
  try {
    return await readHistory(configuration.settings.backupDir)
  } catch (error) {
    log.warn('history-not-read', { message: failureText(failureOf(error)), lines: logLinesOf(error) })
    return []
  }
}
