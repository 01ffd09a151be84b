import { type FlagName, type GivenFlags, readFlags, UsageFault } from './flags.ts'

/** What the program is asked to do. */
export type Command =
  | { readonly mode: 'backup'; readonly waitForLocks: boolean; readonly json: boolean }
  | { readonly mode: 'list'; readonly filter: string | null; readonly json: boolean }
  | { readonly mode: 'check-configuration'; readonly json: boolean }
  | {
      readonly mode: 'prune'
      readonly filter: string | null
      readonly dryRun: boolean
      readonly force: boolean
      /** Do not ask. */
      readonly yes: boolean
      readonly json: boolean
    }
  | { readonly mode: 'help' }
  | { readonly mode: 'version' }
  | { readonly mode: 'usage-error'; readonly message: string }

/** `notes` are sentences about flags that were accepted without effect; they go to stderr. */
export interface CommandLine {
  readonly command: Command
  readonly notes: readonly string[]
}

type Mode = Exclude<Command['mode'], 'usage-error'>

const READING_FLAGS: ReadonlyMap<FlagName, Mode> = new Map([
  ['--help', 'help'],
  ['--version', 'version'],
  ['--list', 'list'],
  ['--config', 'check-configuration'],
])
const MODE_FLAGS: readonly FlagName[] = ['--list', '--config', '--prune', '--restore', '--verify', '--once']
const MODIFIERS: ReadonlyMap<FlagName, readonly Mode[]> = new Map([
  ['--filter', ['list', 'prune']],
  ['--dry-run', ['prune']],
  ['--force', ['prune']],
  ['--yes', ['prune']],
  ['--json', ['backup', 'list', 'check-configuration', 'prune']],
  ['--admin-password', []],
])

/**
 * Reads the arguments behind the program's name. The first of -h, --version, -l and -c wins over every other mode; then
 * the order is that of the bash tool: prune, restore, verify, once, scheduled.
 */
export function parseArguments(argv: readonly string[]): CommandLine {
  try {
    const given = readFlags(argv)
    const mode = chooseMode(given)
    if (mode !== 'help' && mode !== 'version') checkModifiers(given, mode)
    return { command: commandOf(mode, given), notes: notesOf(given, mode) }
  } catch (error) {
    if (!(error instanceof UsageFault)) throw error
    return { command: { mode: 'usage-error', message: error.message }, notes: [] }
  }
}

function chooseMode(given: GivenFlags): Mode {
  for (const name of given.keys()) {
    const reading = READING_FLAGS.get(name)
    if (reading !== undefined) return reading
  }
  if (given.has('--prune')) return 'prune'
  if (given.has('--restore'))
    throw new UsageFault(
      '--restore: this version cannot restore yet; expected -1, -s, -l, -c or -p; the README shows how to restore with psql',
    )
  if (given.has('--verify'))
    throw new UsageFault('--verify: this version cannot verify yet; expected -1, -s, -l, -c or -p')
  if (given.has('--once') || given.has('--scheduled')) return 'backup'
  throw new UsageFault('no mode: this version does not run schedules by itself yet; expected -1, -s, -l, -c or -p')
}

function checkModifiers(given: GivenFlags, mode: Mode): void {
  for (const [name, modes] of MODIFIERS) {
    if (given.has(name) && !modes.includes(mode)) throw new UsageFault(`${name}: without effect here; leave it out`)
  }
  if (given.has('--force') && !given.has('--filter')) {
    throw new UsageFault('--force: without effect here; expected -f FILTER beside it')
  }
}

function commandOf(mode: Mode, given: GivenFlags): Command {
  const json = given.has('--json')
  const value = given.get('--filter')
  const filter = typeof value === 'string' ? value : null
  switch (mode) {
    case 'help':
    case 'version':
      return { mode }
    case 'backup':
      return { mode, waitForLocks: given.has('--scheduled'), json }
    case 'list':
      return { mode, filter, json }
    case 'check-configuration':
      return { mode, json }
    case 'prune': {
      const yes = given.has('--yes') || given.has('--scheduled')
      return { mode, filter, dryRun: given.has('--dry-run'), force: given.has('--force'), yes, json }
    }
  }
}

function notesOf(given: GivenFlags, mode: Mode): readonly string[] {
  if (mode === 'help' || mode === 'version') return []
  const chosen = { list: '--list', 'check-configuration': '--config', prune: '--prune', backup: '--once' }[mode]
  const others = MODE_FLAGS.filter(name => given.has(name) && name !== chosen)
  return [
    ...(given.has('-n') ? ['-n is accepted and has no effect'] : []),
    ...(given.has('--ignore-errors') ? ['-I has no effect on this mode'] : []),
    ...others.map(name => `${name} is left out, because ${chosen} comes first`),
  ]
}

/** How the program ends, in the words of the reference. */
export const EXIT_CODES = [
  { code: 0, meaning: 'all did what it should' },
  { code: 1, meaning: 'failed' },
  { code: 2, meaning: 'wrong usage' },
  { code: 3, meaning: 'some databases, or some copies, failed' },
  { code: 4, meaning: 'a verification failed' },
  { code: 5, meaning: 'nothing failed, but something could not be verified' },
  { code: 10, meaning: 'configuration problems; every database with a valid line was backed up nevertheless' },
  { code: 11, meaning: 'locked by another run' },
  { code: 130, meaning: 'interrupted by SIGINT' },
  { code: 143, meaning: 'interrupted by SIGTERM' },
] as const

export type ExitCode = (typeof EXIT_CODES)[number]['code']

const STRONGEST_FIRST: readonly ExitCode[] = [2, 130, 143, 1, 4, 3, 11, 10, 5]

/** The one code of a run to which several apply; 0 when none does. */
export function exitCodeOf(codes: readonly ExitCode[]): ExitCode {
  return STRONGEST_FIRST.find(code => codes.includes(code)) ?? 0
}

/** What is wrong with a command line, in one sentence; null when it can be run. */
export function usageFault(argv: readonly string[]): string | null {
  const { command } = parseArguments(argv)
  return command.mode === 'usage-error' ? command.message : null
}
