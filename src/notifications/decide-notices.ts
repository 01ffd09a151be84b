import type { RunReport } from '../events.ts'
import { type DatabaseNews, newsOfRun } from './database-news.ts'
import type { Notice } from './notice.ts'
import type { Occurrence } from './occurrence.ts'
import { isCopyNews } from './wording/destination-lines.ts'
import { digest } from './wording/digest.ts'
import type { Message } from './wording/message.ts'
import { serverLines } from './wording/server-lines.ts'
import { serviceMessage } from './wording/service-messages.ts'

export interface DecideInput {
  readonly notifyOn: 'all' | 'changes' | 'failures'
  /** Now, ISO 8601 with offset. */
  readonly at: string
}

/** Everything but single results, which are gathered first. */
export type Tellable = Exclude<Occurrence, { readonly type: 'database-finished' }>

/** What is told about an occurrence, and to whom. NOTIFY_ON thins out messages; alerts and pings are for machines. */
export function noticesOf(occurrence: Tellable, input: DecideInput): readonly Notice[] {
  const { at } = input
  switch (occurrence.type) {
    case 'run-started':
      return occurrence.mode === 'backup' ? [ping(occurrence.runId, 'start', startText(occurrence.runId), at)] : []
    case 'run-finished':
      return runNotices(occurrence, input)
    case 'test':
      return testNotices(serviceMessage(occurrence), at)
    case 'service-started':
      return input.notifyOn === 'all' ? [{ kind: 'message', at, message: serviceMessage(occurrence) }] : []
    case 'configuration-changed': {
      const isNews = input.notifyOn !== 'failures' || occurrence.problems.length > 0
      return isNews ? [{ kind: 'message', at, message: serviceMessage(occurrence) }] : []
    }
    case 'missed-run':
    case 'low-space':
    case 'configuration-refused':
      return [{ kind: 'message', at, message: serviceMessage(occurrence) }]
  }
}

function runNotices(
  { report, history, copies = {} }: Extract<Occurrence, { readonly type: 'run-finished' }>,
  { notifyOn, at }: DecideInput,
): readonly Notice[] {
  const news = newsOfRun(report, history)
  const message = digest({ report, news, copies })
  const told: Notice[] = []
  if (isWorthAPost(report, { news, history, message, notifyOn })) told.push({ kind: 'message', at, message })
  const action = alertAction(report)
  if (action !== null) told.push({ kind: 'alert', at, action, subject: report.mode, message })
  // What succeeds of only a part must not hide that backups have stopped: only a run of all feeds the dead-man's switch.
  if (report.mode === 'backup' && report.only === undefined && !isLeftOut(report))
    told.push(ping(report.runId, report.exitCode === 0 ? 'success' : 'fail', message, at))
  return told
}

/** Nothing was backed up, as hooks wanted it: nobody is told, and nothing says that backups go on. */
function isLeftOut(report: RunReport): boolean {
  return (
    report.mode === 'backup' && report.skipped !== undefined && report.outcomes.length === 0 && report.exitCode === 0
  )
}

interface Worth {
  readonly news: readonly DatabaseNews[]
  readonly history: readonly RunReport[]
  readonly message: Message
  readonly notifyOn: DecideInput['notifyOn']
}

function isWorthAPost(report: RunReport, { news, history, message, notifyOn }: Worth): boolean {
  if (isLeftOut(report)) return false
  const changes = news.map(each => each.change)
  switch (notifyOn) {
    case 'all':
      return report.mode !== 'prune' || report.removed.length > 0 || message.level !== 'INFO'
    case 'failures':
      return message.level !== 'INFO' || changes.includes('recovery') || isCopyNews(report, history)
    case 'changes': {
      const isNews = changes.some(change => change !== 'none' && change !== 'still-failing')
      const shrunk = news.some(each => each.shrunkFrom !== null)
      const isOther =
        report.interrupted || report.mode === 'restore' || hasServerNews(report) || hasOtherProblems(report, history)
      return isNews || shrunk || isOther || isCopyNews(report, history)
    }
  }
}

function hasServerNews(report: RunReport): boolean {
  return serverLines(report).length > 0
}

/** A problem that came, or went, since the last run of this mode. */
function hasOtherProblems(report: RunReport, history: readonly RunReport[]): boolean {
  const before = history.findLast(past => past.mode === report.mode)?.problems ?? []
  return [...before].sort().join('\n') !== [...report.problems].sort().join('\n')
}

/**
 * A run that did all it should resolves even when nothing is known to be open: what was known may be lost, and resolving
 * twice does no harm. Interruptions and locks say nothing, either way, and a backup of a few databases that were named, or of
 * which hooks have left out some, says nothing good of the others.
 */
function alertAction(report: RunReport): 'trigger' | 'resolve' | null {
  if (report.mode !== 'backup' && report.mode !== 'verify') return null
  const isOfSome = report.mode === 'backup' && (report.only !== undefined || report.skipped !== undefined)
  if (report.exitCode === 0) return isOfSome ? null : 'resolve'
  return report.interrupted || report.exitCode === 11 ? null : 'trigger'
}

function testNotices(message: Message, at: string): readonly Notice[] {
  return [
    { kind: 'message', at, message },
    { kind: 'alert', at, action: 'trigger', subject: 'test', message },
    { kind: 'alert', at, action: 'resolve', subject: 'test', message },
    ping('test', 'log', message, at),
  ]
}

function ping(runId: string, state: 'start' | 'success' | 'fail' | 'log', message: Message, at: string): Notice {
  return { kind: 'ping', at, state, runId, message }
}

function startText(runId: string): Message {
  return { level: 'INFO', title: [`Backup started: run ${runId}`], lines: [] }
}
