import { expect, test } from 'vitest'
import { askedFor, marksOf } from '../../../src/commands/backup/asked-for.ts'
import { commandContext } from '../../support/command-context.ts'

const { configuration } = commandContext('/backups', ['db-a', 'db-b', 'db-c', 'db-d', 'db-e', 'db-f']).context

function ofShard(index: number) {
  return { ...configuration, settings: { ...configuration.settings, shard: { index, count: 2 } } }
}

function names(specs: readonly string[], of = configuration): readonly string[] {
  return askedFor(specs, of).map(({ id }) => id.name)
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

test.each([
  ['db/typo', 'db/typo: not configured; expected the whole name of a database that is'],
  ['db:5433/a', 'db:5433/a: not configured; expected the whole name of a database that is'],
  ['a', 'neither a database nor a schedule nor a variable; expected [postgres=]host[:port]/database'],
  ['DB/a', 'DB/a: not configured; expected the whole name of a database that is'],
])('FM134 a SPEC that means nothing is wrong usage, and says what is configured: %s', (spec, message) => {
  expect(() => names(['db/b', spec])).toThrow(
    expect.objectContaining({ kind: 'usage', message, hint: 'configured: db/a, db/b, db/c, db/d, db/e, db/f' }),
  )
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
