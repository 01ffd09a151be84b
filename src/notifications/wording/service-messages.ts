import { formatBytes } from '../../terminal/format.ts'
import type { Occurrence } from '../occurrence.ts'
import { type Line, type Message, shown, shownReason } from './message.ts'

type RunOccurrence = 'run-started' | 'database-finished' | 'run-finished'
export type ServiceOccurrence = Exclude<Occurrence, { readonly type: RunOccurrence }>

/** What is said about everything that is no run. */
export function serviceMessage(occurrence: ServiceOccurrence): Message {
  switch (occurrence.type) {
    case 'service-started':
      return {
        level: occurrence.problems.length > 0 ? 'WARN' : 'INFO',
        title: [`Backup container started: ${sources(occurrence)}, ${nextRun(occurrence.nextRun)}`],
        lines: problemLines(occurrence.problems),
      }
    case 'missed-run':
      return {
        level: 'WARN',
        title: [`A run was missed: it was due at ${occurrence.expectedAt}, when this container was down`],
        lines: [['command: ', shown(occurrence.command)], [missedText(occurrence.runsNow)]],
      }
    case 'low-space':
      return {
        level: 'WARN',
        title: [`Little space is left for backups: ${spaceText(occurrence)}`],
        lines: [['what to do: enlarge the volume, or keep fewer backups']],
      }
    case 'configuration-changed':
      return {
        level: occurrence.problems.length > 0 ? 'WARN' : 'INFO',
        title: [
          `backup.conf changed and is used now: ${sources(occurrence)}, ${amount(occurrence.schedules, 'schedule')}`,
        ],
        lines: problemLines(occurrence.problems),
      }
    case 'configuration-refused':
      return {
        level: 'ERROR',
        title: ['backup.conf changed and cannot be used: the one before stays in force'],
        lines: problemLines(occurrence.problems),
      }
    case 'test':
      return {
        level: 'INFO',
        title: ['Test: messages of the backup container arrive here'],
        lines: [['nothing has happened, and nothing is to be done']],
      }
  }
}

function missedText(runsNow: boolean): string {
  return runsNow
    ? 'it runs now'
    : 'it is not made up for; backup -1 would do so, and RUN_MISSED=true does so at each start'
}

function spaceText(space: Extract<Occurrence, { readonly type: 'low-space' }>): string {
  const needed = space.neededBytes === null ? '' : `, the next run needs about ${formatBytes(space.neededBytes)}`
  return `${formatBytes(space.freeBytes)} of ${formatBytes(space.totalBytes)} are free${needed}`
}

function nextRun(at: string | null): string {
  return at === null ? 'no schedule' : `next run ${at}`
}

function problemLines(problems: readonly string[]): readonly Line[] {
  return problems.map(problem => ['- ', shownReason(problem)])
}

function sources({ databases, servers = 0 }: { readonly databases: number; readonly servers?: number }): string {
  const whole = `every database of ${amount(servers, 'server')}`
  if (servers === 0) return amount(databases, 'database')
  return databases === 0 ? whole : `${amount(databases, 'database')} and ${whole}`
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
