import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Command, parseArguments } from '../src/cli.ts'
import { usageErrorText, usageText } from '../src/commands/help.ts'
import { FLAGS } from '../src/flags.ts'

function parse(...argv: readonly string[]): Command {
  return parseArguments(argv).command
}

const BACKUP = { mode: 'backup', specs: [], label: null, protect: null, waitForLocks: false, json: false }
const LIST = { mode: 'list', specs: [], filter: null, from: null, all: false, check: false, json: false }
const PRUNE = { mode: 'prune', filter: null, dryRun: false, force: false, yes: false, json: false }
const VERIFY = {
  mode: 'verify',
  spec: 'all',
  filter: null,
  ignoreErrors: false,
  adopt: false,
  scheduled: false,
  from: null,
  json: false,
}
const RESTORE = {
  mode: 'restore',
  spec: 'wallet-db/tob',
  of: null,
  filter: null,
  adminPassword: null,
  ignoreErrors: false,
  inPlace: false,
  analyze: true,
  unproved: false,
  withSuperuserObjects: false,
  withOwnSearchPath: false,
  withRoleRights: false,
  newDatabase: { encoding: null, locale: null, icuLocale: null, builtinLocale: null, owner: null },
  from: null,
  dryRun: false,
  yes: false,
  json: false,
}

describe('modes', () => {
  test.each<readonly [string, Command | object]>([
    ['-1', BACKUP],
    ['--once --json', { ...BACKUP, json: true }],
    ['-s', { ...BACKUP, waitForLocks: true }],
    ['-1s', { ...BACKUP, waitForLocks: true }],
    ['-1I', BACKUP],
    ['-n1', BACKUP],
    ['-1 wallet-db/tob', { ...BACKUP, specs: ['wallet-db/tob'] }],
    ['-1s wallet-db/tob db/app', { ...BACKUP, specs: ['wallet-db/tob', 'db/app'], waitForLocks: true }],
    [
      '-1 a/b --label x --protect 30d c/d',
      { ...BACKUP, specs: ['a/b', 'c/d'], label: 'x', protect: { count: 30, unit: 'd' } },
    ],
    ['-s --protect=12m --json', { ...BACKUP, protect: { count: 12, unit: 'm' }, waitForLocks: true, json: true }],
    ['-1 -- wallet-db/tob', { ...BACKUP, specs: ['wallet-db/tob'] }],
    ['-l', LIST],
    ['-l --from ftp', { ...LIST, from: 'ftp' }],
    ['-l tob wallet-db/chefs', { ...LIST, specs: ['tob', 'wallet-db/chefs'] }],
    ['tob -l --json', { ...LIST, specs: ['tob'], json: true }],
    ['-l --all', { ...LIST, all: true }],
    ['-l --check', { ...LIST, check: true }],
    ['-lf wallet', { ...LIST, filter: 'wallet', json: false }],
    ['-l -fwallet', { ...LIST, filter: 'wallet', json: false }],
    ['--list --filter=-x', { ...LIST, filter: '-x' }],
    ['-c --json', { mode: 'check-configuration', access: false, json: true }],
    ['-c --check', { mode: 'check-configuration', access: true, json: false }],
    ['--changes tob', { mode: 'changes', spec: 'tob', table: null, filter: null, live: false, json: false }],
    ['--changes tob --live -f x', { mode: 'changes', spec: 'tob', table: null, filter: 'x', live: true, json: false }],
    [
      '--changes db/tob --table a.b --json',
      { mode: 'changes', spec: 'db/tob', table: 'a.b', filter: null, live: false, json: true },
    ],
    ['-v all --from=s3', { ...VERIFY, from: 's3' }],
    [
      '-r wallet-db/tob --locale C --encoding LATIN1 --owner app --icu-locale=en --with-role-rights',
      {
        ...RESTORE,
        withRoleRights: true,
        newDatabase: { encoding: 'LATIN1', locale: 'C', icuLocale: 'en', builtinLocale: null, owner: 'app' },
      },
    ],
    ['-r wallet-db/tob --from ftp', { ...RESTORE, from: 'ftp' }],
    ['--test-notifications', { mode: 'test-notifications' }],
    ['-p', PRUNE],
    ['-p --dry-run', { ...PRUNE, dryRun: true }],
    ['-ps', { ...PRUNE, yes: true }],
    ['-p --yes', { ...PRUNE, yes: true }],
    ['--prune -f a/b.sql.gz --force', { ...PRUNE, filter: 'a/b.sql.gz', force: true }],
    ['-v all', VERIFY],
    ['-sv all', { ...VERIFY, scheduled: true }],
    ['-Iv wallet-db/tob', { ...VERIFY, spec: 'wallet-db/tob', ignoreErrors: true }],
    ['--verify=all --json --adopt -f a', { ...VERIFY, filter: 'a', adopt: true, json: true }],
    ['-r wallet-db/tob', RESTORE],
    ['-sr wallet-db/tob -I', { ...RESTORE, yes: true, ignoreErrors: true }],
    [
      '--restore=wallet-db/tob --yes --json --in-place -f a',
      { ...RESTORE, yes: true, json: true, inPlace: true, filter: 'a' },
    ],
    ['-r wallet-db/tob --of wallet-db/forms', { ...RESTORE, of: 'wallet-db/forms' }],
    ['-r wallet-db/tob --dry-run --json', { ...RESTORE, dryRun: true, json: true }],
    ['-h', { mode: 'help' }],
    ['--help -1', { mode: 'help' }],
    ['--version', { mode: 'version' }],
  ])('%s', (line, expected) => {
    expect(parse(...line.split(' '))).toEqual(expected)
  })

  test('of the bash tool keep their precedence', () => {
    expect(parse('-1', '-p')).toMatchObject({ mode: 'prune' })
    expect(parse('-p', '-c')).toMatchObject({ mode: 'check-configuration' })
    expect(parse('-l', '-c')).toMatchObject({ mode: 'list' })
    expect(parse('-c', '-l')).toMatchObject({ mode: 'check-configuration' })
  })

  test("FM12 the admin's password is a secret from the start", () => {
    const command = parse('-r', 'wallet-db/tob', '-a', 'hunter2')

    expect(command.mode === 'restore' && command.adminPassword?.reveal()).toBe('hunter2')
    expect(JSON.stringify(command)).not.toContain('hunter2')
  })

  test('flags without effect are accepted with a note', () => {
    expect(parseArguments(['-1In']).notes).toHaveLength(2)
    expect(parseArguments(['-1', '-p']).notes).toEqual(['--once is left out, because --prune comes first'])
    expect(parseArguments(['-1']).notes).toEqual([])
  })
})

describe('FM38 wrong usage', () => {
  test.each([
    'wallet-db/tob',
    '-l --all wallet-db/tob',
    '-l --from s3 wallet-db/tob',
    '-l --from s3 --all',
    '-l --from s3 --check',
    '-c --all',
    '-p wallet-db/tob',
    '-1 -v all wallet-db/tob',
    '-p --protect 30d',
    '-l --label x',
    '-1 --protect 30',
    '-1 --protect 0d',
    '-1 --protect 101y',
    '-1 --protect -30d',
    '-1 --label',
    '-- -1',
    '-x',
    '-1x',
    '--lis',
    '--json=1 -1',
    '-f x',
    '-1 -f x',
    '-l -f',
    '-p -f a -f b',
    '-1 --dry-run',
    '-l --force',
    '-p --force',
    '-1 --yes',
    '-1 --adopt',
    '-s -a hunter2',
    '-r',
    '-r wallet-db/tob --json',
    '-r wallet-db/tob --force',
    '-1 --in-place',
    '-r a/b --unproved',
    '-v all --of wallet-db/tob',
    '-r wallet-db/tob --of',
    '-v',
  ])('"%s" says what to do', line => {
    const command = parse(...line.split(' ').filter(word => word !== ''))

    expect(command).toMatchObject({
      mode: 'usage-error',
      message: expect.stringMatching(/expected|leave it out|-h shows/),
    })
  })

  test('without a mode it is the service, and -n and -I do not change that', () => {
    expect([parse(), parse('-n'), parse('-I')].map(({ mode }) => mode)).toEqual(['service', 'service', 'service'])
    expect(parse('--json')).toMatchObject({ mode: 'usage-error' })
  })

  test('an empty filter never means every backup', () => {
    expect(parse('-p', '-f', '')).toMatchObject({ mode: 'usage-error' })
  })

  test('FM133 a label is a text that a listing can show in one line, and is not repeated', () => {
    for (const label of ['a\nb', '\u001b[31m', '\u202e', ' ', ' a', 'x'.repeat(101)]) {
      expect(parse('-1', '--label', label)).toMatchObject({
        mode: 'usage-error',
        message: '--label: not a text of one line; expected up to 100 characters that can be shown',
      })
    }
    expect(parse('-1', '--label', 'before «2.0», für Zoë 🎉')).toMatchObject({ label: 'before «2.0», für Zoë 🎉' })
  })

  test('FM134 an empty SPEC never means every database', () => {
    expect(parse('-1', '')).toMatchObject({ mode: 'usage-error' })
  })

  test.each([
    ['-1 --lbel x', '--lbel: an unknown flag; -h shows those that exist; did you mean --label?'],
    ['--prnue', '--prnue: an unknown flag; -h shows those that exist; did you mean --prune?'],
    ['-r a/b --with-superuser-object', / did you mean --with-superuser-objects\?$/],
    ['-once', '-o: an unknown flag; -h shows those that exist; did you mean --once?'],
    ['-restore wallet-db/tob', /^an argument that belongs to no flag; .*; did you mean --restore\?$/],
    ['list', /^an argument that belongs to no flag; .*; did you mean --list\?$/],
    ['verify all', / did you mean --verify\?$/],
    ['--frm s3 -l', / did you mean --from\?$/],
    ['--xyzzy', '--xyzzy: an unknown flag; -h shows those that exist'],
  ] as const)('FM140 %s is answered with the flag that was meant', (line, message) => {
    const expected = typeof message === 'string' ? message : expect.stringMatching(message)

    expect(parse(...line.split(' '))).toEqual({ mode: 'usage-error', message: expected })
  })

  test.each([
    ['-v -f wallet', '--verify'],
    ['-r --dry-run wallet-db/tob', '--restore'],
    ['-p -f --force', '--filter'],
    ['-r wallet-db/tob --of -s', '--of'],
  ])('FM140 "%s" has no value for %s: the flag behind it is none', (line, name) => {
    const message = `${name}: no value; expected one behind it`

    expect(parse(...line.split(' '))).toEqual({ mode: 'usage-error', message })
  })

  test('FM12 no argument is repeated, since any may be a misplaced password', () => {
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(...FLAGS.map(flag => flag.name), '-a', '-p', '-1', '--'),
        fc.constant('hunter2'),
        fc.constant('--pass=hunter2'),
        fc.constant('-pxhunter2'),
      ),
    )

    fc.assert(
      fc.property(words, argv => {
        const { command, notes } = parseArguments(argv)
        const said = command.mode === 'usage-error' ? command.message : ''

        return ![said, ...notes].join().includes('hunter2')
      }),
    )
  })

  test.each(['-pxhunter2', '--pass=hunter2', 'hunter2', '-a hunter2 hunter2'])('FM12 %s is not repeated', line => {
    const command = parse(...line.split(' '))

    expect(command).toMatchObject({ mode: 'usage-error', message: expect.not.stringContaining('hunter2') })
  })

  test('no arguments make parsing fail', () => {
    fc.assert(fc.property(fc.array(fc.string()), argv => parseArguments(argv).command.mode !== undefined))
  })
})

test('the usage text shows every flag that does something', () => {
  const text = usageText()

  expect(FLAGS.filter(flag => flag.help !== null && !text.includes(flag.help))).toEqual([])
  expect(usageErrorText('-x: an unknown flag')).toMatch(/^backup: -x: an unknown flag\nUsage: /)
})
