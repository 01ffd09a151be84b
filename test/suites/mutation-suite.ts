import { afterAll, beforeAll, expect, test } from 'vitest'
import type { VerificationOutcome } from '../../src/events.ts'
import { takeBackup } from '../support/archives.ts'
import { HELD, proofFolder, verifyAll } from '../support/corpus.ts'
import { mutatedName, withMutations } from '../support/mutated-scratch.ts'
import { MUTATED_SCHEMA, type Mutation } from '../support/mutations.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

/**
 * Proves one archive as often as there are mutations, in one run of the whole program, each time with one thing wrong in
 * what was loaded, and once with nothing wrong.
 */
export function mutationSuite(mutations: readonly Mutation[], timeout: number): void {
  const all = [{ name: 'nothing', sql: '', named: /^$/ }, ...mutations]
  let server: PostgresServer
  let code: number | null
  let outcomes: readonly VerificationOutcome[]

  beforeAll(async () => {
    using folder = proofFolder()
    server = await startPostgres()
    await server.createRole('mutant')
    await server.createDatabase('source')
    await server.sql('source', MUTATED_SCHEMA)
    const archive = await takeBackup(server, folder, { database: 'source' })
    ;({ code, outcomes } = await verifyAll(server, folder, withMutations(server, folder, { archive, mutations: all })))
  }, timeout)

  afterAll(() => server?.stop())

  test('FM70 FM79 what came back right is proved, with a note on what is spelled otherwise', () => {
    expect(outcomes).toHaveLength(all.length)
    expect(outcomes[0]).toMatchObject({ verdict: 'proved', facts: HELD, reasons: [] })
    expect(outcomes[0]?.notes).toEqual([expect.stringContaining('5 ')])
    expect(code).toBe(4)
  })

  test.each(mutations.map((mutation, index) => ({ ...mutation, index })))('FM70 $name is found and named', mutation => {
    const outcome = outcomes.find(({ database }) => database.endsWith(`/${mutatedName(mutation.index + 1)}`))
    const words = outcome?.reasons.map(({ kind, name, text }) => `${kind} ${name}: ${text}`) ?? []

    expect(outcome).toMatchObject({ verdict: 'failed', facts: { ...HELD, comesBack: 'broken' } })
    expect(words.filter(each => mutation.named.test(each))).not.toEqual([])
  })
}
