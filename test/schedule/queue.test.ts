import fc from 'fast-check'
import { expect, test } from 'vitest'
import { enqueue, type QueuedRun, withoutGone } from '../../src/schedule/queue.ts'

function queued(key: string): QueuedRun {
  const run = {
    key,
    schedule: '@daily',
    timeZone: 'UTC',
    command: { mode: 'backup', specs: [], label: null, protect: null, waitForLocks: true, json: false },
  } as const
  return { run, dueAt: new Date(0), trigger: 'schedule' }
}

test('the queue holds every run once, in the order in which they came', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd')), keys => {
      const queue = keys.reduce<readonly QueuedRun[]>((all, key) => enqueue(all, queued(key)), [])

      expect(queue.map(({ run }) => run.key)).toEqual([...new Set(keys)])
    }),
  )
})

test('a run whose schedule is gone leaves the queue', () => {
  const queue = ['a', 'b'].map(queued)

  expect(withoutGone(queue, new Set(['b', 'c'])).map(({ run }) => run.key)).toEqual(['b'])
})
