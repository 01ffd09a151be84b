import { Command as Parser } from 'commander'
import { DESTINATION_NAMES } from './config/destination-settings.ts'
import { didYouMean, nearest, slipsBetween } from './config/did-you-mean.ts'

interface Flag {
  readonly name: string
  readonly short?: string
  /** The name of its value in the usage text. */
  readonly value?: string
  /** Null: accepted, and not shown in the usage text. */
  readonly help: string | null
}

/** The flags of the bash tool with long names beside them, and ours. */
export const FLAGS = [
  {
    name: '--once',
    short: '-1',
    help: 'Back up every database once, or only those whose SPEC stands on the line; does not wait for another run',
  },
  { name: '--scheduled', short: '-s', help: 'As -1, but waits for another run (LOCK_WAIT); with -p, -r: do not ask' },
  { name: '--label', value: 'TEXT', help: 'With -1, -s: a word for these backups, which -l shows' },
  {
    name: '--protect',
    value: 'AGE',
    help: 'With -1, -s: keep these backups for 30d, 4w, 12m or 3y, whatever the retention counts say',
  },
  {
    name: '--list',
    short: '-l',
    help: 'Show how every database stands, first what needs a person; with SPEC the backups of these',
  },
  { name: '--all', help: 'With -l: every backup of every database' },
  {
    name: '--changes',
    value: 'SPEC',
    help: 'Show what changed from backup to backup of one database, and which tables are not what they were',
  },
  {
    name: '--accept',
    value: 'SPEC',
    help: 'What the alarm of its newest backup says is right: hold later ones against it, and prune as before',
  },
  {
    name: '--table',
    value: 'TABLE',
    help: 'With --changes: one table through all backups; with --accept: only this one, and from now on',
  },
  { name: '--live', help: 'With --changes: the rows of the newest backup beside those that are there now' },
  { name: '--config', short: '-c', help: 'Show settings, databases, schedules and every problem with them' },
  { name: '--prune', short: '-p', help: 'Remove the backups that the retention counts do not keep' },
  {
    name: '--verify',
    short: '-v',
    value: 'SPEC',
    help: 'Prove that the last backup of host[:port]/database, or of "all", restores to what was dumped',
  },
  {
    name: '--restore',
    short: '-r',
    value: 'SPEC',
    help: 'Restore the last good backup into host[:port]/database; what was there is kept under another name',
  },
  {
    name: '--filter',
    short: '-f',
    value: 'FILTER',
    help: 'With -l, -p, -r, -v, --changes: only backups of this path, file name or part of it',
  },
  {
    name: '--of',
    value: 'SPEC',
    help: 'With -r: the content of this other database goes into the one that -r names',
  },
  {
    name: '--from',
    value: 'PLACE',
    help: `With -l, -r, -v: the copies at ${DESTINATION_NAMES.join(' or ')} instead of the volume, which -l and -r then do not need`,
  },
  {
    name: '--check',
    help: 'With -c: log in to every database and destination, write and remove a small file there; with -l: exit 6 where a person is needed',
  },
  { name: '--adopt', help: 'With -v: write a manifest for a backup of the bash tool, from its own bytes' },
  { name: '--dry-run', help: 'With -p, -r: show what would be done, and do nothing' },
  { name: '--force', help: 'With -p -f: remove even the last good backup, and what --protect keeps' },
  {
    name: '--admin-password',
    short: '-a',
    value: 'PASSWORD',
    help: 'With -r: password of the admin, which other users of this machine can see; <HOST>_ADMIN_PASSWORD is safer',
  },
  { name: '--in-place', help: 'With -r: drop the live database first, where the server cannot hold both' },
  {
    name: '--no-analyze',
    help: 'With -r: leave out the ANALYZE before the swap; queries may be slow until the server has caught up',
  },
  {
    name: '--unproved',
    help: 'With -r --in-place: do so even for a backup that was never proved, or whose proof has failed',
  },
  {
    name: '--own-search-path',
    help: 'With -r: find names as the database did, for a backup that does not load with an empty search_path',
  },
  {
    name: '--with-superuser-objects',
    help: 'With -r: make C functions, base types and the like of the archive too, which can give it the rights of the admin',
  },
  {
    name: '--with-role-rights',
    help: 'With -r: roles that it makes may log in, be superusers and what else they were beyond this database',
  },
  {
    name: '--locale',
    value: 'LOCALE',
    help: 'With -r: of the database, where neither its archive nor a live database says it',
  },
  { name: '--icu-locale', value: 'LOCALE', help: 'With -r: the same, of ICU (from PostgreSQL 15 on)' },
  { name: '--builtin-locale', value: 'LOCALE', help: 'With -r: the same, of PostgreSQL itself (from 17 on)' },
  { name: '--encoding', value: 'ENCODING', help: 'With -r: the same for the encoding' },
  { name: '--owner', value: 'ROLE', help: 'With -r: the same for the owner' },
  { name: '--yes', help: 'With -p, -r: do not ask' },
  { name: '--json', help: 'With every mode that reports: print JSON' },
  { name: '--test-notifications', help: 'Send one message of each kind, and show what came back' },
  { name: '--help', short: '-h', help: 'Show this text' },
  { name: '--version', help: 'Show the version' },
  { name: '--ignore-errors', short: '-I', help: 'With -v, -r: load past errors and list them; proves nothing' },
  { name: '-n', help: null },
] as const satisfies readonly Flag[]

export type FlagName = (typeof FLAGS)[number]['name']

/** The given flags in the order in which they stand, with their values. */
export type GivenFlags = ReadonlyMap<FlagName, string | true>

/** What a command line says; `operands` belong to no flag. */
export interface GivenArguments {
  readonly flags: GivenFlags
  readonly operands: readonly string[]
}

/** A wrong command line; its message quotes no value, since any of them may be a misplaced password. */
export class UsageFault extends Error {}

/** Reads arguments by the table, bundled as getopts allows (`-1I`, `-fname`). Throws a UsageFault. */
export function readFlags(argv: readonly string[]): GivenArguments {
  const given = new Map<FlagName, string | true>()
  const parser = new Parser().helpOption(false).allowExcessArguments().exitOverride()
  parser.configureOutput({ writeErr: () => {} })
  for (const flag of FLAGS as readonly (Flag & { readonly name: FlagName })[]) {
    const names = flag.short === undefined ? flag.name : `${flag.short}, ${flag.name}`
    parser.option(flag.value === undefined ? names : `${names} <${flag.value}>`)
    parser.on(`option:${flag.name.replace(/^-+/, '')}`, (value: string | null) => add(given, flag.name, value ?? true))
  }
  try {
    parser.parse(argv, { from: 'user' })
  } catch (error) {
    throw error instanceof UsageFault ? error : faultOf(error, argv)
  }
  if (parser.args.includes('')) throw new UsageFault('an empty argument; expected a text')
  return { flags: given, operands: parser.args }
}

function add(given: Map<FlagName, string | true>, name: FlagName, value: string | true): void {
  if (value === '') throw new UsageFault(`${name}: an empty value; expected a text`)
  // The parser takes whatever stands there: of "-v -f wallet" the -f.
  if (FLAGS.some(flag => flag.name === value || ('short' in flag && flag.short === value))) throw withoutValue(name)
  if (value !== true && given.has(name)) throw new UsageFault(`${name}: given twice; expected it once`)
  given.set(name, value)
}

function withoutValue(name: string): UsageFault {
  return new UsageFault(`${name}: no value; expected one behind it`)
}

/** A sentence about a wrong command line, and the flags that are nearest to the word of it that is none. */
export function withLikeFlags(text: string, argv: readonly string[]): string {
  const question = didYouMean(likeFlags(argv))
  return question === null ? text : `${text}; ${question}`
}

/** A long flag behind one hyphen is a bundle of short ones, one without any an argument: neither is what was meant. */
function likeFlags(argv: readonly string[]): readonly FlagName[] {
  const names = FLAGS.map(({ name }) => name).filter(name => name.startsWith('--'))
  const wrong = argv.filter(word => /^-?-?[a-z]{3}/i.test(word) && !(names as readonly string[]).includes(word))
  const like = wrong
    .map(word => word.replace(/^-+|=.*$/gs, ''))
    .map(word => nearest(names, name => [slipsBetween(word, name.slice(2))]))
  return like.find(found => found.length > 0) ?? []
}

/** Commander's own messages quote arguments; of these only a flag's name is safe to repeat. */
function faultOf(error: unknown, argv: readonly string[]): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message: string }
  if (code === 'commander.optionMissingArgument') {
    return withoutValue(/--[a-z-]+/.exec(message)?.[0] ?? 'a flag')
  }
  if (code !== 'commander.unknownOption') return error
  const name = /'(--[^'=\s]+|-[^'\s-])/.exec(message)?.[1] ?? 'a flag'
  if (FLAGS.some(flag => flag.name === name)) return new UsageFault(`${name}: a value; expected none`)
  return new UsageFault(withLikeFlags(`${name}: an unknown flag; -h shows those that exist`, argv))
}
