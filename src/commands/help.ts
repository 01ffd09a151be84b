import { SETTING_GROUPS, type SettingDefinition, settingRows } from '../config/settings-table.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { FLAGS } from '../flags.ts'

const EXAMPLES = [
  ['backup -1', 'back up every database of backup.conf now'],
  [
    'backup -1 wallet-db/tob --label "before 2.0" --protect 30d',
    'back up this one, and keep that backup for thirty days',
  ],
  ['backup -l', 'list what there is'],
  ['backup -l -f wallet-db-tob', 'only files with this in their name'],
  ['backup -c', 'what is configured, from where, and what is wrong with it'],
  ['backup -v all', 'restore the last backup of every database into a throw-away server, and compare'],
  [
    'backup -r wallet-db/tob --dry-run',
    'what a restore of its last backup would do; without --dry-run it asks, and does it',
  ],
  ['backup --changes wallet-db/tob', 'since when a table is empty or gone, and which backup has it whole'],
  ['backup -p --dry-run', 'what the retention counts would remove'],
] as const

/** The whole usage text, with its last newline: flags, examples, exit codes and the environment. */
export function usageText(): string {
  const flags = FLAGS.flatMap(flag => (flag.help === null ? [] : [[flagTerm(flag), flag.help] as const]))
  const codes = EXIT_CODES.map(({ code, meaning }) => [String(code), meaning] as const)
  return [
    'Usage: backup MODE [FLAGS] [SPEC …]',
    'Backs up the PostgreSQL databases that backup.conf lists, one per line: [postgres=]host[:port]/database',
    section('Flags', flags),
    '  -n is accepted without effect. Short flags can be bundled: -pf NAME.',
    section('Examples', EXAMPLES),
    section('Exit codes', codes),
    '  When several apply: the first of 2, 130 or 143, 1, 4, 3, 11, 10, 5, 6.',
    environmentText(),
    '',
  ].join('\n')
}

/** What is said about a wrong command line, with its last newline: what is wrong, and where to read on. */
export function usageErrorText(message: string): string {
  return `backup: ${message}\nUsage: backup -1 [SPEC …] | -s [SPEC …] | -l | -c | -p | -r SPEC | -v SPEC | --changes SPEC [FLAGS]; backup -h shows all of them\n`
}

function environmentText(): string {
  const groups = SETTING_GROUPS.map(group => {
    const rows = settingRows().filter(row => row.group === group)
    return section(
      `Environment, ${group}`,
      rows.map(row => [row.name, settingHelp(row)] as const),
    )
  })
  return [
    ...groups,
    '',
    '<HOST> is the name of a database host in upper case, other characters as _: WALLET_DB for wallet-db.',
    'An empty variable is an unset one. <NAME>_FILE names a file that holds the secret <NAME>.',
  ].join('\n')
}

function settingHelp(row: SettingDefinition): string {
  const fallback = row.default ?? row.computedDefault
  return fallback === undefined ? row.help : `${row.help} [${fallback}]`
}

function flagTerm(flag: { readonly name: string; readonly short?: string; readonly value?: string }): string {
  const name = flag.short === undefined ? `    ${flag.name}` : `${flag.short}, ${flag.name}`
  return flag.value === undefined ? name : `${name} ${flag.value}`
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([term]) => term.length))
  return ['', `${title}:`, ...rows.map(([term, help]) => `  ${term.padEnd(width)}  ${help}`)].join('\n')
}
