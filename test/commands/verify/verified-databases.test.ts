import { expect, test } from 'vitest'
import { verifiedDatabases } from '../../../src/commands/verify/verified-databases.ts'
import { commandContext } from '../../support/command-context.ts'

const { configuration } = commandContext('/backups', ['db-a', 'db-b', 'db-c', 'db-d']).context

function ofShard(index: number) {
  return { ...configuration, settings: { ...configuration.settings, shard: { index, count: 2 } } }
}

test('all means the databases of this shard', () => {
  const parts = [0, 1].map(index => verifiedDatabases('all', ofShard(index)).map(({ id }) => id.stem))

  expect(parts.flat().toSorted()).toEqual(['db-a', 'db-b', 'db-c', 'db-d'])
  expect(parts.every(part => part.length > 0)).toBe(true)
})

test('a database that is named is verified by any shard', () => {
  const named = [0, 1].map(index => verifiedDatabases('db/a', ofShard(index)))

  expect(named.map(databases => databases.length)).toEqual([1, 1])
})
