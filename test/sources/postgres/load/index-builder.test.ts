import { expect, test } from 'vitest'
import { IndexBuilder, type IndexJob } from '../../../../src/sources/postgres/load/index-builder.ts'

interface Session extends AsyncDisposable {
  readonly number: number
}

/** A builder whose jobs end when they are told to. */
function building(sessions: number, weights: Readonly<Record<string, number>> = {}) {
  const log: string[] = []
  const running = new Map<string, PromiseWithResolvers<void>>()
  let opened = 0
  const builder = new IndexBuilder<Session>({
    sessions,
    weightOf: table => weights[table] ?? 0,
    open: async () => ({ number: ++opened, [Symbol.asyncDispose]: async () => void log.push('closed') }),
    async run(_session, job) {
      const name = job.statement.toString()
      log.push(name)
      const done = Promise.withResolvers<void>()
      running.set(name, done)
      await done.promise
    },
  })
  const settle = () => new Promise<void>(resolve => setImmediate(resolve))
  const end = async (name: string, error?: Error): Promise<void> => {
    await settle()
    if (error === undefined) running.get(name)?.resolve()
    else running.get(name)?.reject(error)
    await settle()
  }
  return { builder, log, end, settle, opened: () => opened }
}

const job = (table: string, name: string): IndexJob => ({ table, statement: Buffer.from(name), settings: 0 })

test('statements of one table run one after the other, those of others beside them', async () => {
  const { builder, log, end, settle, opened } = building(2)
  for (const name of ['a1', 'a2', 'b1', 'c1']) builder.add(job(name[0] ?? '', name))
  await settle()
  expect(log).toEqual(['a1', 'b1'])

  await end('a1')
  expect(log).toEqual(['a1', 'b1', 'a2'])
  await end('b1')
  await end('a2')
  await end('c1')
  await builder.finish()

  expect(log).toEqual(['a1', 'b1', 'a2', 'c1'])
  expect(opened()).toBe(2)
})

test('the largest of the waiting tables is next', async () => {
  const { builder, log, end, settle } = building(1, { b: 1, c: 9, d: 5 })
  for (const name of ['a', 'b', 'c', 'd']) builder.add(job(name, name))
  await settle()

  for (const name of ['a', 'c', 'd', 'b']) await end(name)
  await builder.finish()

  expect(log).toEqual(['a', 'c', 'd', 'b'])
})

test('after a failure nothing new begins, what runs is waited for, and the sessions are closed', async () => {
  const { builder, log, end } = building(2)
  for (const name of ['a', 'b', 'c']) builder.add(job(name, name))
  await end('a', new Error('refused'))
  const finished = expect(builder.finish()).rejects.toThrow('refused')
  await end('b')

  await finished
  await builder[Symbol.asyncDispose]()

  expect(log).toEqual(['a', 'b', 'closed', 'closed'])
})
