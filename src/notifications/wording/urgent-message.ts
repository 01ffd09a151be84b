import type { DatabaseNews } from '../database-news.ts'
import type { DatabaseResult } from '../occurrence.ts'
import { backupLines, verificationLines } from './database-lines.ts'
import { type Line, type Message, shown, worst } from './message.ts'

/** A result that is told before its run ends. */
export interface Urgent {
  readonly result: DatabaseResult
  readonly news: DatabaseNews
}

/** Several urgent results as one message, so that fifty failures are no fifty posts. */
export function urgentMessage(urgent: readonly Urgent[]): Message {
  return {
    level: worst(urgent.map(({ news }) => news.level)),
    title: titleOf(urgent),
    lines: [...urgent.flatMap(linesOf), ['the run goes on']],
  }
}

function titleOf(urgent: readonly Urgent[]): Line {
  const [first] = urgent
  if (urgent.length === 1 && first !== undefined) {
    const what = first.result.mode === 'backup' ? 'Backup' : 'Verification'
    return [`${what} of `, shown(first.news.database), ` ${wordOf(first)}`]
  }
  const count = (change: DatabaseNews['change']): number => urgent.filter(({ news }) => news.change === change).length
  const [recovered, alarms] = [count('recovery'), count('alarm')]
  const failed = urgent.length - recovered - alarms
  const parts = [
    failed > 0 ? `${failed} ${failed === 1 ? 'database' : 'databases'} failed` : '',
    alarms > 0 ? `${alarms} ${alarms === 1 ? 'lacks' : 'lack'} what was there before` : '',
    recovered > 0 ? `${recovered} ${recovered === 1 ? 'works' : 'work'} again` : '',
  ]
  return [parts.filter(part => part !== '').join(', ')]
}

function wordOf({ news }: Urgent): string {
  if (news.change === 'alarm') return 'lacks what was there before'
  if (news.change === 'recovery') return 'works again'
  return news.level === 'ERROR' ? 'FAILED' : 'could not be done'
}

function linesOf({ result, news }: Urgent): readonly Line[] {
  return result.mode === 'backup' ? backupLines(result.outcome, news) : verificationLines(result.outcome)
}
