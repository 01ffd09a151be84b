import { type Failure, failureText } from '../../errors.ts'
import type { RunReport } from '../../events.ts'
import { formatDuration } from '../../terminal/format.ts'
import type { DatabaseNews } from '../database-news.ts'
import type { CopyState } from '../occurrence.ts'
import { backupLines, verificationLines } from './database-lines.ts'
import { destinationLines, lacksCopies } from './destination-lines.ts'
import { keptLines } from './kept-lines.ts'
import { type Level, type Line, type Message, shown, shownReason, worst } from './message.ts'
import { lacksDatabases, serverLines } from './server-lines.ts'

export interface DigestInput {
  readonly report: RunReport
  /** One per outcome, in their order. */
  readonly news: readonly DatabaseNews[]
  readonly copies: Readonly<Record<string, readonly CopyState[]>>
}

/** A whole run as one message: the worst databases first, configuration problems, and at the end how long it took. */
export function digest(input: DigestInput): Message {
  const { report } = input
  const problems = report.problems.map((problem): Line => ['configuration: ', shownReason(problem)])
  return {
    level: runLevel(report, input.news),
    title: titleOf(report),
    lines: [
      ...bodyOf(input),
      ...destinationLines(report),
      ...serverLines(report),
      ...keptLines(report),
      ...problems,
      [`${formatDuration(report.seconds * 1000)}, run ${report.runId}`],
    ],
  }
}

/** The worst that can be said of a run. */
function runLevel(report: RunReport, news: readonly DatabaseNews[]): Level {
  const levels = news.map(each => each.level)
  if ('failure' in report && report.failure !== null) levels.push('ERROR')
  if (isPartOfRestore(report)) levels.push('WARN')
  if (report.interrupted || report.problems.length > 0 || lacksCopies(report) || lacksDatabases(report))
    levels.push('WARN')
  return worst(levels)
}

function titleOf(report: RunReport): Line {
  const cut = report.interrupted ? ' (interrupted)' : ''
  switch (report.mode) {
    case 'backup': {
      const failed = report.outcomes.filter(outcome => outcome.result === 'failed').length
      const named = report.only === undefined ? '' : ' of those asked for'
      const leftOut = report.skipped === undefined ? '' : `, ${report.skipped.length} left out by a hook`
      return [`Backup${named}${cut}: ${countText(report.outcomes.length, failed, 'backed up')}${leftOut}`]
    }
    case 'verify': {
      const unproved = report.outcomes.filter(outcome => outcome.verdict !== 'proved')
      const failed = unproved.filter(outcome => outcome.verdict === 'failed').length
      const unknown = unproved.length - failed
      const rest = [failed > 0 ? `${failed} FAILED` : '', unknown > 0 ? `${unknown} could not be verified` : '']
      return [`Verification${cut}: ${shareText(report.outcomes.length, unproved.length, 'proved', rest)}`]
    }
    case 'prune':
      return [`Pruning${cut}: ${report.failure === null ? `${report.removed.length} removed` : 'FAILED'}`]
    case 'restore':
      return [`Restore${cut} of `, shown(report.database), restoreWord(report)]
  }
}

type RestoreReport = Extract<RunReport, { mode: 'restore' }>

function restoreWord(report: RestoreReport): string {
  if (report.failure !== null) return ': FAILED'
  return isPartOfRestore(report) ? ': done in part, as errors were ignored (-I)' : ': done'
}

function isPartOfRestore({ mode, exitCode }: RunReport): boolean {
  return mode === 'restore' && exitCode === 3
}

function countText(all: number, failed: number, done: string): string {
  return shareText(all, failed, done, [`${failed} FAILED`])
}

function shareText(all: number, missing: number, done: string, rest: readonly string[]): string {
  if (all === 0) return 'there is no database to work on'
  if (missing === 0) return all === 1 ? `1 database ${done}` : `all ${all} databases ${done}`
  return [`${all - missing} of ${all} ${done}`, ...rest.filter(text => text !== '')].join(', ')
}

function bodyOf({ report, news, copies }: DigestInput): readonly Line[] {
  switch (report.mode) {
    case 'backup':
      return worstFirst(
        report.outcomes.flatMap((outcome, index) => {
          const found = news[index]
          if (found === undefined) return []
          return [{ level: found.level, lines: backupLines(outcome, found, copies[outcome.database]) }]
        }),
      )
    case 'verify':
      return worstFirst(
        report.outcomes.map((outcome, index) => {
          return { level: news[index]?.level ?? 'INFO', lines: verificationLines(outcome) }
        }),
      )
    case 'prune':
      return [...report.removed.map((file): Line => ['- ', shown(file)]), ...failureLines(report.failure)]
    case 'restore':
      return [['from ', shown(report.archive)], ...failureLines(report.failure)]
  }
}

function worstFirst(entries: readonly { readonly level: Level; readonly lines: readonly Line[] }[]): readonly Line[] {
  const order: readonly Level[] = ['ERROR', 'WARN', 'INFO']
  return order.flatMap(level => entries.filter(entry => entry.level === level).flatMap(entry => entry.lines))
}

function failureLines(failure: Failure | null): readonly Line[] {
  if (failure === null) return []
  const hint: readonly Line[] = failure.hint === null ? [] : [['what to do: ', shownReason(failure.hint)]]
  return [[shownReason(failureText({ ...failure, hint: null }))], ...hint]
}
