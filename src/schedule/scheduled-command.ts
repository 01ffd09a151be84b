import { type Command, parseArguments } from '../cli.ts'
import { parseSpecArgument } from '../config/spec-argument.ts'

/** What a schedule can start. Restoring is for a person; listing and checking have nobody who reads them. */
export type ScheduledCommand = Extract<Command, { readonly mode: ScheduledMode }>

const SCHEDULED_MODES = ['backup', 'prune', 'verify'] as const
type ScheduledMode = (typeof SCHEDULED_MODES)[number]

const PROGRAMS: readonly string[] = ['backup', 'backup.sh', './backup.sh', '/backup.sh']

/** What the command of a schedule line asks for, or what is wrong with it, without quoting it: it may hold a password. */
export function scheduledCommand(text: string): { readonly command: ScheduledCommand } | { readonly fault: string } {
  const words = splitWords(text)
  if (words === null) return { fault: 'a quotation mark without its partner; expected both' }
  const [program = '', ...argv] = words
  if (!PROGRAMS.includes(program)) return { fault: 'a command that is not this program; expected backup or backup.sh' }
  if (argv.length === 0) return { fault: 'no mode; expected -1, -s, -v or -p' }
  const { command } = parseArguments(argv)
  if (command.mode === 'usage-error') return { fault: command.message }
  if (!isScheduled(command)) return { fault: `a mode that cannot be scheduled; expected -1, -s, -v or -p` }
  if (command.mode === 'prune' && command.filter !== null && !command.yes && !command.dryRun)
    return { fault: '-p -f asks before it removes, and here nobody answers; expected -s beside it' }
  return isReadable(command) ? { command } : { fault: NO_SPEC }
}

const NO_SPEC =
  'an argument that is no flag and no whole name of a database; expected [postgres=]host[:port]/database behind -1, -s or -v, all behind -v, or nothing'

/** The databases that it names, as they are written; none where it is for every one. */
export function namedBy(command: ScheduledCommand): readonly string[] {
  if (command.mode === 'backup') return command.specs
  return command.mode === 'verify' && command.spec !== 'all' ? [command.spec] : []
}

/** What a shell would do with the rest of a line is no name of a database; nor is the end of one, which may come to mean another. */
function isReadable(command: ScheduledCommand): boolean {
  return namedBy(command).every(spec => 'spec' in parseSpecArgument(spec))
}

/** Words as a shell splits them, as far as one needs for flags: quotes keep blanks together; null where one stands alone. */
function splitWords(command: string): readonly string[] | null {
  if (/["']/.test(command.replace(/"[^"]*"|'[^']*'/g, ''))) return null
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []
  return words.map(word => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

function isScheduled(command: Command): command is ScheduledCommand {
  return (SCHEDULED_MODES as readonly string[]).includes(command.mode)
}
