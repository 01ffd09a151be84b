import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inParallel } from '../../src/system/parallel.ts'

interface Job {
  readonly id: number
  readonly group: string
  /** How many turns of the event loop it takes. */
  readonly turns: number
}

const jobs = fc
  .array(fc.record({ group: fc.constantFrom('a', 'b', 'c'), turns: fc.integer({ min: 0, max: 5 }) }), { maxLength: 20 })
  .map(all => all.map((job, id): Job => ({ ...job, id })))
const limit = fc.integer({ min: 1, max: 5 })

describe('inParallel', () => {
  test('never has more under way than the limits allow, and gives all results in the order of the items', async () => {
    await fc.assert(
      fc.asyncProperty(jobs, limit, limit, async (all, total, perGroup) => {
        const running: Job[] = []
        const groupOf = (job: Job): string => job.group

        const results = await inParallel(all, { total, perGroup, groupOf }, async job => {
          running.push(job)
          expect(running.length).toBeLessThanOrEqual(total)
          expect(running.filter(each => each.group === job.group).length).toBeLessThanOrEqual(perGroup)
          for (let turn = 0; turn < job.turns; turn += 1) await new Promise(setImmediate)
          running.splice(running.indexOf(job), 1)
          return job.id
        })

        expect(results).toEqual(all.map(job => job.id))
      }),
      { numRuns: 200 },
    )
  })

  test('starts the items of one group in their order', async () => {
    await fc.assert(
      fc.asyncProperty(jobs, limit, limit, async (all, total, perGroup) => {
        const started: Job[] = []

        await inParallel(all, { total, perGroup, groupOf: job => job.group }, async job => {
          started.push(job)
          await new Promise(setImmediate)
        })

        for (const group of ['a', 'b', 'c']) {
          const ids = started.filter(job => job.group === group).map(job => job.id)
          expect(ids).toEqual(ids.toSorted((a, b) => a - b))
        }
      }),
    )
  })

  test('a slow item of one group does not hold up the other groups', async () => {
    const slow = Promise.withResolvers<void>()
    const done: string[] = []
    const items = ['slow host', 'slow host', 'other host']

    const run = inParallel(items, { total: 2, perGroup: 1, groupOf: host => host }, async host => {
      if (host === 'slow host') await slow.promise
      else slow.resolve()
      done.push(host)
    })

    await run
    expect(done).toEqual(['other host', 'slow host', 'slow host'])
  })
})
