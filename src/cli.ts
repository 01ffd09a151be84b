import { isLabel } from './catalog/label.ts'
import { type Age, parseAge } from './config/age.ts'
import { DESTINATION_NAMES, type DestinationName } from './config/destination-settings.ts'
import { Secret } from './config/secret.ts'
import { type FlagName, type GivenFlags, readFlags, UsageFault, withLikeFlags } from './flags.ts'

/** What the program is asked to do. */
export type Command =
  /** The long-running container: runs what schedules, or BACKUP_PERIOD, say. */
  | { readonly mode: 'service' }
  | {
      readonly mode: 'backup'
      /** `[postgres=]host[:port]/database`, not read yet: only these databases; empty: every one. */
      readonly specs: readonly string[]
      /** A person's word for the archives. */
      readonly label: string | null
      /** How long retention leaves them alone, whatever the counts say. */
      readonly protect: Age | null
      /** Up to LOCK_WAIT, instead of giving up at once. */
      readonly waitForLocks: boolean
      readonly json: boolean
    }
  | {
      readonly mode: 'list'
      /** `[postgres=]host[:port]/database`, or the end of such a name, not read yet; empty: every one. */
      readonly specs: readonly string[]
      readonly filter: string | null
      /** Every archive, instead of a line for each database. */
      readonly all: boolean
      /** Tell by the exit code whether a person is needed. */
      readonly check: boolean
      readonly from: DestinationName | null
      readonly json: boolean
    }
  | {
      readonly mode: 'changes'
      /** `[postgres=]host[:port]/database`, or the end of such a name, not read yet. */
      readonly spec: string
      /** Only this one through time. */
      readonly table: string | null
      readonly filter: string | null
      /** The newest archive beside the database as it is now. */
      readonly live: boolean
      readonly json: boolean
    }
  | {
      readonly mode: 'accept'
      /** `[postgres=]host[:port]/database`, or the end of such a name, not read yet. */
      readonly spec: string
      /** The table that may lose what it holds; null: all that the alarm says is right. */
      readonly table: string | null
      readonly json: boolean
    }
  /** `access`: try every database and destination too. */
  | { readonly mode: 'check-configuration'; readonly access: boolean; readonly json: boolean }
  | { readonly mode: 'test-notifications' }
  | {
      readonly mode: 'prune'
      /** Only the archives that it names, of any database; null: what the counts of the settings do not keep. */
      readonly filter: string | null
      readonly dryRun: boolean
      /** With a filter: what is protected, and the last good archive of a database, too. */
      readonly force: boolean
      /** Do not ask, and wait for locks. */
      readonly yes: boolean
      readonly json: boolean
    }
  | {
      readonly mode: 'verify'
      /** `[postgres=]host[:port]/database`, not read yet, or `all`. */
      readonly spec: string
      readonly filter: string | null
      /** Loads past errors, to see them all; nothing is proved that way. */
      readonly ignoreErrors: boolean
      /** Writes a manifest for archives that have none. */
      readonly adopt: boolean
      /** Beside -s: `spec` is a whole name. */
      readonly scheduled: boolean
      /** The copy there is proved; null: the archive on the volume. */
      readonly from: DestinationName | null
      readonly json: boolean
    }
  | {
      readonly mode: 'restore'
      /** `[postgres=]host[:port]/database`, not read yet. */
      readonly spec: string
      /** Whose content goes into `spec`, not read yet either; null: its own. */
      readonly of: string | null
      readonly filter: string | null
      readonly adminPassword: Secret | null
      /** Go on past errors of loading and past differences. */
      readonly ignoreErrors: boolean
      /** Drop the live database before the new one is loaded. */
      readonly inPlace: boolean
      /** Gather the planner's statistics before the swap. */
      readonly analyze: boolean
      /** Even for an archive that was never proved, or whose proof has failed. */
      readonly unproved: boolean
      /** Make what only a superuser can make and what code of the archive could misuse. */
      readonly withSuperuserObjects: boolean
      /** Look for names without a schema as sessions of the database did, where the dump by itself does not load. */
      readonly withOwnSearchPath: boolean
      /** Roles that are made get what reaches beyond this database, too: LOGIN, SUPERUSER and the like. */
      readonly withRoleRights: boolean
      /** What the database is to be, where its archive does not say it, in the words of createdb; null: not given. */
      readonly newDatabase: {
        readonly encoding: string | null
        readonly locale: string | null
        readonly icuLocale: string | null
        readonly builtinLocale: string | null
        readonly owner: string | null
      }
      /** Restore the copy there; null: the archive on the volume. */
      readonly from: DestinationName | null
      readonly dryRun: boolean
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
  ['--changes', 'changes'],
  ['--accept', 'accept'],
  ['--test-notifications', 'test-notifications'],
])
const MODE_FLAGS: readonly FlagName[] = ['--list', '--config', '--prune', '--restore', '--verify', '--once']
const MODIFIERS: ReadonlyMap<FlagName, readonly Mode[]> = new Map([
  ['--adopt', ['verify']],
  ['--all', ['list']],
  ['--check', ['check-configuration', 'list']],
  ['--from', ['list', 'restore', 'verify']],
  ['--filter', ['changes', 'list', 'prune', 'restore', 'verify']],
  ['--dry-run', ['prune', 'restore']],
  ['--force', ['prune']],
  ['--label', ['backup']],
  ['--protect', ['backup']],
  ['--yes', ['prune', 'restore']],
  ['--table', ['changes', 'accept']],
  ['--live', ['changes']],
  ['--json', ['accept', 'backup', 'list', 'changes', 'check-configuration', 'prune', 'restore', 'verify']],
  ['--in-place', ['restore']],
  ['--no-analyze', ['restore']],
  ['--unproved', ['restore']],
  ['--of', ['restore']],
  ['--with-superuser-objects', ['restore']],
  ['--own-search-path', ['restore']],
  ['--with-role-rights', ['restore']],
  ['--encoding', ['restore']],
  ['--locale', ['restore']],
  ['--icu-locale', ['restore']],
  ['--builtin-locale', ['restore']],
  ['--owner', ['restore']],
  ['--admin-password', ['restore']],
])

/**
 * Reads the arguments behind the program's name. The first of -h, --version, -l, -c, --changes and --test-notifications wins over every other mode; then
 * the order is that of the bash tool: prune, restore, verify, once, scheduled.
 */
export function parseArguments(argv: readonly string[]): CommandLine {
  try {
    const { flags, operands } = readFlags(argv)
    const mode = chooseMode(flags)
    if (operands.length > 0 && mode !== 'backup' && mode !== 'list')
      throw new UsageFault(
        withLikeFlags(
          'an argument that belongs to no flag; expected only flags, or -1 or -l before the SPEC of a database',
          argv,
        ),
      )
    if (mode !== 'help' && mode !== 'version') checkModifiers(flags, mode)
    return {
      command: commandOf(mode, flags, operands),
      notes: notesOf(flags, mode),
    }
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
  if (given.has('--restore')) return 'restore'
  if (given.has('--verify')) return 'verify'
  if (given.has('--once') || given.has('--scheduled')) return 'backup'
  return 'service'
}

function checkModifiers(given: GivenFlags, mode: Mode): void {
  for (const [name, modes] of MODIFIERS) {
    if (given.has(name) && !modes.includes(mode)) throw new UsageFault(`${name}: without effect here; leave it out`)
  }
  if (given.has('--force') && !given.has('--filter')) {
    throw new UsageFault('--force: without effect here; expected -f FILTER beside it')
  }
  if (given.has('--unproved') && !given.has('--in-place')) {
    throw new UsageFault('--unproved: without effect here; expected --in-place beside it')
  }
  if (given.has('--live') && given.has('--table')) {
    throw new UsageFault('--table: without effect beside --live, which shows every table; leave one of them out')
  }
  if (given.has('--adopt') && given.has('--from')) {
    throw new UsageFault('--adopt: writes beside the archives of the volume; leave --from out')
  }
  const asks = mode === 'restore' && !['--yes', '--scheduled', '--dry-run'].some(name => given.has(name as FlagName))
  if (asks && given.has('--json'))
    throw new UsageFault('--json: with -r nothing can be asked; expected --yes or --dry-run')
}

function commandOf(mode: Mode, given: GivenFlags, operands: readonly string[]): Command {
  const json = given.has('--json')
  const filter = textOf(given, '--filter')
  const from = placeOf(given)
  switch (mode) {
    case 'help':
    case 'version':
    case 'service':
    case 'test-notifications':
      return { mode }
    case 'backup':
      return backupOf(given, operands)
    case 'list':
      return listOf(given, operands)
    case 'verify':
      return { mode, filter, from, json, ...verifyOf(given) }
    case 'restore':
      return { mode, filter, from, json, ...restoreOf(given) }
    case 'changes':
      return {
        ...{ mode, filter, json, spec: String(given.get('--changes')), table: textOf(given, '--table') },
        live: given.has('--live'),
      }
    case 'accept':
      return { mode, spec: String(given.get('--accept')), table: textOf(given, '--table'), json }
    case 'check-configuration':
      return { mode, access: given.has('--check'), json }
    case 'prune': {
      const yes = given.has('--yes') || given.has('--scheduled')
      return { mode, filter, dryRun: given.has('--dry-run'), force: given.has('--force'), yes, json }
    }
  }
}

function backupOf(given: GivenFlags, specs: readonly string[]): Extract<Command, { mode: 'backup' }> {
  return {
    mode: 'backup',
    specs,
    label: labelOf(given.get('--label')),
    protect: ageOf(given.get('--protect')),
    waitForLocks: given.has('--scheduled'),
    json: given.has('--json'),
  }
}

function listOf(given: GivenFlags, specs: readonly string[]): Extract<Command, { mode: 'list' }> {
  const from = placeOf(given)
  const all = given.has('--all')
  const check = given.has('--check')
  if (from !== null && (all || check || specs.length > 0))
    throw new UsageFault(
      '--from: shows every copy that is there; expected no --all, --check or SPEC beside it, but -f for some of them',
    )
  if (all && specs.length > 0)
    throw new UsageFault('--all: without effect beside a SPEC, of which every backup is shown; expected one of them')
  return { mode: 'list', specs, filter: textOf(given, '--filter'), from, all, check, json: given.has('--json') }
}

function labelOf(value: string | true | undefined): string | null {
  if (value === undefined || isLabel(value)) return value ?? null
  throw new UsageFault('--label: not a text of one line; expected up to 100 characters that can be shown')
}

function ageOf(value: string | true | undefined): Age | null {
  if (value === undefined) return null
  const age = parseAge(String(value))
  if (age === null) throw new UsageFault('--protect: no age; expected one from 1d to 100y, such as 30d, 4w, 12m or 3y')
  return age
}

function textOf(given: GivenFlags, name: FlagName): string | null {
  const value = given.get(name)
  return typeof value === 'string' ? value : null
}

function placeOf(given: GivenFlags): DestinationName | null {
  const from = given.get('--from')
  const place = DESTINATION_NAMES.find(name => name === from)
  if (place === undefined && from !== undefined)
    throw new UsageFault(`--from: an unknown place; expected ${DESTINATION_NAMES.join(' or ')}`)
  return place ?? null
}

function verifyOf(given: GivenFlags): Omit<Extract<Command, { mode: 'verify' }>, 'mode' | 'filter' | 'from' | 'json'> {
  return {
    spec: String(given.get('--verify')),
    ignoreErrors: given.has('--ignore-errors'),
    adopt: given.has('--adopt'),
    scheduled: given.has('--scheduled'),
  }
}

function restoreOf(
  given: GivenFlags,
): Omit<Extract<Command, { mode: 'restore' }>, 'mode' | 'filter' | 'from' | 'json'> {
  const password = textOf(given, '--admin-password')
  return {
    spec: String(given.get('--restore')),
    of: textOf(given, '--of'),
    adminPassword: password === null ? null : new Secret(password),
    ignoreErrors: given.has('--ignore-errors'),
    inPlace: given.has('--in-place'),
    analyze: !given.has('--no-analyze'),
    unproved: given.has('--unproved'),
    withSuperuserObjects: given.has('--with-superuser-objects'),
    withOwnSearchPath: given.has('--own-search-path'),
    withRoleRights: given.has('--with-role-rights'),
    newDatabase: newDatabaseOf(given),
    dryRun: given.has('--dry-run'),
    yes: given.has('--yes') || given.has('--scheduled'),
  }
}

function newDatabaseOf(given: GivenFlags): Extract<Command, { mode: 'restore' }>['newDatabase'] {
  if (given.has('--icu-locale') && given.has('--builtin-locale'))
    throw new UsageFault('--builtin-locale: a second kind of locale beside --icu-locale; expected one of them')
  return {
    encoding: textOf(given, '--encoding'),
    locale: textOf(given, '--locale'),
    icuLocale: textOf(given, '--icu-locale'),
    builtinLocale: textOf(given, '--builtin-locale'),
    owner: textOf(given, '--owner'),
  }
}

function notesOf(given: GivenFlags, mode: Mode): readonly string[] {
  if (mode === 'help' || mode === 'version' || mode === 'service') return []
  const chosen = {
    list: '--list',
    accept: '--accept',
    changes: '--changes',
    'check-configuration': '--config',
    'test-notifications': '--test-notifications',
    prune: '--prune',
    restore: '--restore',
    verify: '--verify',
    backup: '--once',
  }[mode]
  const others = MODE_FLAGS.filter(name => given.has(name) && name !== chosen)
  return [
    ...(given.has('-n') ? ['-n is accepted and has no effect'] : []),
    ...(given.has('--ignore-errors') && mode !== 'verify' && mode !== 'restore'
      ? ['-I has no effect on this mode']
      : []),
    ...others.map(name => `${name} is left out, because ${chosen} comes first`),
  ]
}
