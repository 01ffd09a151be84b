import { expect, test } from 'vitest'
import { askedFor, marksOf } from '../../../src/commands/backup/asked-for.ts'
import { commandContext } from '../../support/command-context.ts'

const { configuration } = commandContext('/backups', ['db-a', 'db-b', 'db-c', 'db-d', 'db-e', 'db-f']).context

function ofShard(index: number) {
  return { ...configuration, settings: { ...configuration.settings, shard: { index, count: 2 } } }
}

type Trigger = Parameters<typeof askedFor>[2]

function names(
  specs: readonly string[],
  of = configuration,
  given: { readonly waitForLocks?: boolean; readonly trigger?: Trigger } = {},
): readonly string[] {
  const { waitForLocks = false, trigger = 'command' } = given
  return askedFor({ specs, waitForLocks }, of, trigger).map(({ id }) => id.name)
}

test('without a name a run is of the databases of this shard', () => {
  const parts = [0, 1].map(index => names([], ofShard(index)))

  expect(parts.flat().toSorted()).toEqual(['db/a', 'db/b', 'db/c', 'db/d', 'db/e', 'db/f'])
  expect(parts.every(part => part.length > 0)).toBe(true)
})

test('a database that is named is backed up by any shard', () => {
  expect([0, 1].map(index => names(['db/a'], ofShard(index)))).toEqual([['db/a'], ['db/a']])
})

test('several are taken each once, in the order of the configuration', () => {
  expect(names(['db/c', 'postgres=db/a', 'db:5432/c'])).toEqual(['db/a', 'db/c'])
})

const CONFIGURED = 'configured: db/a, db/b, db/c, db/d, db/e, db/f'

test.each([
  ['db/typo', 'db/typo: not configured; expected the whole name of a database that is', CONFIGURED],
  [
    'db:5433/a',
    'db:5433/a: not configured; expected the whole name of a database that is',
    `did you mean db/a? ${CONFIGURED}`,
  ],
  ['hunter2', '-1: no database is called that; expected host[:port]/database', CONFIGURED],
  ['DB/a', 'DB/a: not configured; expected the whole name of a database that is', `did you mean db/a? ${CONFIGURED}`],
])('FM134 a SPEC that means nothing is wrong usage, and says what is configured: %s', (spec, message, hint) => {
  expect(() => names(['db/b', spec])).toThrow(expect.objectContaining({ kind: 'usage', message, hint }))
})

test('FM139 the end of a name is enough for a person, and not where nobody watches', () => {
  const refused = { kind: 'usage', hint: `did you mean db/a? ${CONFIGURED}` }

  expect(names(['c', 'a'])).toEqual(['db/a', 'db/c'])
  expect(() => names(['a'], configuration, { waitForLocks: true })).toThrow(
    expect.objectContaining({ ...refused, message: `-s: ${ONLY_THE_END}` }),
  )
  expect(() => names(['a'], configuration, { trigger: 'schedule' })).toThrow(
    expect.objectContaining({ ...refused, message: `-1: ${ONLY_THE_END}` }),
  )
})

const ONLY_THE_END = 'only the end of a name; expected the whole name, host[:port]/database, where nobody is asked'

test('FM140 all is no database, and -1 alone backs up every one', () => {
  const message = '-1: "all" names no database; expected nothing behind it, as -1 alone backs up every one'

  expect(() => names(['all'])).toThrow(expect.objectContaining({ kind: 'usage', message }))
})

test('FM134 another database whose archives would have the same names is not meant', () => {
  const of = commandContext('/backups', ['a-b-c']).context.configuration
  const [one] = of.databases
  if (one === undefined) throw new Error('there is one')

  const database = { ...one, host: 'a', database: 'b-c' }
  expect(names(['a/b-c'], { ...of, databases: [database] })).toHaveLength(1)
  expect(() => names(['a-b/c'], { ...of, databases: [database] })).toThrow('not configured')
})

test('FM134 a long list of names is cut', () => {
  const stems = Array.from({ length: 25 }, (_, index) => `db-n${index}`)
  const of = commandContext('/backups', stems).context.configuration

  expect(() => names(['db/typo'], of)).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/db\/n19 and 5 more, which backup -c shows$/) }),
  )
})

test('FM133 protection ends on that day of a later month, or on its last one', () => {
  const run = { trigger: 'command', startedAt: new Date('2027-01-31T09:00:00Z'), timeZone: 'UTC' }
  const until = (count: number, unit: 'd' | 'w' | 'm' | 'y') =>
    marksOf({ label: null, protect: { count, unit } }, run).protectedUntil

  expect(until(30, 'd')).toBe('2027-03-02T09:00:00+00:00')
  expect(until(2, 'w')).toBe('2027-02-14T09:00:00+00:00')
  expect(until(1, 'm')).toBe('2027-02-28T09:00:00+00:00')
  expect(until(100, 'y')).toBe('2127-01-31T09:00:00+00:00')
  expect(marksOf({ label: 'x', protect: null }, run)).toEqual({ trigger: 'command', label: 'x' })
})
