import { Cron } from 'croner'
import type { CronLine } from '../config/cron-line.ts'
import { parseDuration } from '../config/duration.ts'
import type { Problem } from '../config/problem.ts'

/** A schedule that will run, and when it does so first. */
export interface UpcomingRun {
  readonly line: CronLine
  readonly timeZone: string
  readonly next: Date
}

export interface ScheduleInput {
  readonly now: Date
  /** For lines without a zone of their own. */
  readonly timeZone: string
  /** What is wrong with the flags behind `backup`, in one sentence; null when they can be run. */
  readonly usageFault: (argv: readonly string[]) => string | null
}

const COMMANDS: readonly string[] = ['backup', 'backup.sh', './backup.sh', '/backup.sh']
const COMMAND_HINT = `the commands are ${COMMANDS.join(', ')}, each with flags of this program and nothing else`

/** Finds every line's next run, and everything that keeps a line from running as somebody means it to. */
export function checkSchedules(
  lines: readonly CronLine[],
  input: ScheduleInput,
): { readonly runs: readonly UpcomingRun[]; readonly problems: readonly Problem[] } {
  const runs: UpcomingRun[] = []
  const problems: Problem[] = []
  for (const line of lines) {
    const timeZone = line.timeZone ?? input.timeZone
    const next = nextRun(line.schedule, { now: input.now, timeZone })
    const commandFault = checkCommand(line.command, input.usageFault)
    if ('fault' in next) problems.push(problemAt(line, next.fault, null))
    if (commandFault !== null) problems.push(problemAt(line, commandFault, COMMAND_HINT))
    if ('at' in next && commandFault === null) runs.push({ line, timeZone, next: next.at })
  }
  return { runs, problems }
}

/**
 * When a schedule runs next after `now`. Day of month and day of week are joined by "or", as in cron. `@every` counts
 * from `now`, as long as no earlier run is known. A time that clocks skip runs right after it; one that they repeat, once.
 */
export function nextRun(
  schedule: string,
  input: { readonly now: Date; readonly timeZone: string },
): { readonly at: Date } | { readonly fault: string } {
  if (schedule.startsWith('@every')) return nextInterval(schedule.slice('@every'.length).trim(), input.now)
  try {
    const at = cronOf(schedule, input.timeZone).nextRun(input.now)
    return at === null ? { fault: 'a schedule that never comes; expected a day that exists' } : { at }
  } catch {
    return {
      fault: 'a schedule that cannot be read; expected minute hour day month weekday, a nickname or @every <duration>',
    }
  }
}

/** What is wrong with a command, without quoting it; null when it is ours with flags that can be run. */
export function checkCommand(command: string, usageFault: ScheduleInput['usageFault']): string | null {
  const [program = '', ...flags] = splitWords(command)
  if (!COMMANDS.includes(program)) return 'a command that is not this program; expected backup or backup.sh'
  return usageFault(flags)
}

function cronOf(schedule: string, timezone: string): Cron {
  return new Cron(schedule, {
    mode: '5-part',
    sloppyRanges: true,
    fixedTimeRule: 'no-wildcard',
    timezone,
    paused: true,
  })
}

function nextInterval(text: string, now: Date): { readonly at: Date } | { readonly fault: string } {
  const interval = parseDuration(text)
  const at = new Date(now.getTime() + (interval ?? 0))
  const usable = interval !== null && interval > 0 && !Number.isNaN(at.getTime())
  return usable ? { at } : { fault: '@every without a usable duration; expected one such as 90s, 10m, 2h or 1d' }
}

/** Words as a shell splits them, as far as one needs for flags: quotes keep blanks together. */
function splitWords(command: string): readonly string[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []
  return words.map(word => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

function problemAt(line: CronLine, text: string, hint: string | null): Problem {
  return { severity: 'problem', place: line.place, text, ...(hint === null ? {} : { hint }) }
}
