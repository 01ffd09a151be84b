import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInShard } from '../../src/config/shard.ts'
import { configure, problemPlaces } from './read.ts'

describe('the shard of this process', () => {
  test.each([
    ['nothing set', {}, null],
    ['one pod that has all', { SHARD_COUNT: '1', SHARD_INDEX: '0' }, null],
    ['an Indexed Job of one pod that knows nothing of shards', { JOB_COMPLETION_INDEX: '0' }, null],
    ['count and index', { SHARD_COUNT: '4', SHARD_INDEX: '3' }, { index: 3, count: 4 }],
    ['an Indexed Job', { SHARD_COUNT: '4', JOB_COMPLETION_INDEX: '2' }, { index: 2, count: 4 }],
    ['both indexes', { SHARD_COUNT: '4', SHARD_INDEX: '1', JOB_COMPLETION_INDEX: '2' }, { index: 1, count: 4 }],
  ])('%s', (_, env, shard) => {
    const configuration = configure({ conf: 'a/x', env })

    expect(configuration.settings.shard).toEqual(shard)
    expect(problemPlaces(configuration)).toEqual([])
  })

  test.each([
    ['no index', { SHARD_COUNT: '3' }, 'SHARD_INDEX'],
    ['an index beyond the count', { SHARD_COUNT: '3', SHARD_INDEX: '3' }, 'SHARD_INDEX'],
    ['an Indexed Job of more pods than shards', { SHARD_COUNT: '', JOB_COMPLETION_INDEX: '1' }, 'JOB_COMPLETION_INDEX'],
    ['a count of none', { SHARD_COUNT: '0', SHARD_INDEX: '0' }, 'SHARD_COUNT'],
    ['an index that is no number, beside a good one', { SHARD_INDEX: 'x', JOB_COMPLETION_INDEX: '0' }, 'SHARD_INDEX'],
  ])('%s is one problem, and every database is taken', (_, env, place) => {
    const configuration = configure({ conf: 'a/x', env: { SHARD_COUNT: '3', ...env } })

    expect(problemPlaces(configuration)).toEqual([`problem ${place}`])
    expect(configuration.settings.shard).toBeNull()
  })
})

describe('the databases of a shard', () => {
  test('every database is in exactly one, whatever else is listed', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2, max: 50 }), (stem, count) => {
        const shards = Array.from({ length: count }, (_, index) => ({ index, count }))

        expect(shards.filter(shard => isInShard(stem, shard))).toHaveLength(1)
      }),
    )
  })

  test('many databases are spread over all of them', () => {
    const stems = Array.from({ length: 400 }, (_, number) => `wallet-db-${number}`)

    const sizes = [0, 1, 2, 3].map(index => stems.filter(stem => isInShard(stem, { index, count: 4 })).length)

    expect(Math.min(...sizes)).toBeGreaterThan(70)
  })

  test('a database does not move when the program is updated', () => {
    const stems = ['wallet-db-tob', 'forms-db-chefs', 'audit.example.net-audit']

    expect(stems.map(stem => [0, 1, 2].find(index => isInShard(stem, { index, count: 3 })))).toEqual([2, 2, 1])
  })
})
