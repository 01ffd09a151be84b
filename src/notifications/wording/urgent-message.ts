import type { Judgement } from '../database-news.ts'
import type { DatabaseResult } from '../occurrence.ts'
import { backupLines, verificationLines } from './database-lines.ts'
import { worst } from './digest.ts'
import { type Line, type Message, shown } from './message.ts'

/** A result that is told before its run ends. */
export interface Urgent {
  readonly result: DatabaseResult
  readonly judgement: Judgement
}

/** Only what changed is urgent; a database that fails night after night stands in the digest. */
export function isUrgent({ change }: Judgement): boolean {
  return change === 'failure' || change === 'recovery'
}

/** Several urgent results as one message, so that fifty failures are no fifty posts. */
export function urgentMessage(urgent: readonly Urgent[]): Message {
  return {
    level: worst(urgent.map(({ judgement }) => judgement.level)),
    title: titleOf(urgent),
    lines: [...urgent.flatMap(linesOf), ['the run goes on']],
  }
}

function titleOf(urgent: readonly Urgent[]): Line {
  const [first] = urgent
  if (urgent.length === 1 && first !== undefined) {
    const what = first.result.mode === 'backup' ? 'Backup' : 'Verification'
    return [`${what} of `, shown(first.judgement.database), ` ${wordOf(first)}`]
  }
  const recovered = urgent.filter(({ judgement }) => judgement.change === 'recovery').length
  const failed = urgent.length - recovered
  const parts = [
    failed > 0 ? `${failed} ${failed === 1 ? 'database' : 'databases'} failed` : '',
    recovered > 0 ? `${recovered} ${recovered === 1 ? 'works' : 'work'} again` : '',
  ]
  return [parts.filter(part => part !== '').join(', ')]
}

function wordOf({ judgement }: Urgent): string {
  if (judgement.change === 'recovery') return 'works again'
  return judgement.level === 'ERROR' ? 'FAILED' : 'could not be done'
}

function linesOf({ result, judgement }: Urgent): readonly Line[] {
  return result.mode === 'backup' ? backupLines(result.outcome, judgement) : verificationLines(result.outcome)
}
