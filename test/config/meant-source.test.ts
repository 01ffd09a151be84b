import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type KnownSources, meantSource } from '../../src/config/meant-source.ts'
import { databaseId, type NamedDatabase } from '../../src/config/source-id.ts'

function source(host: string, database: string, port = 5432): NamedDatabase {
  const spec = { host, port, database }
  return { ...spec, id: databaseId(spec) }
}

const KNOWN: KnownSources = {
  configured: [source('wallet-db', 'tob', 5433), source('forms-db', 'old data'), source('forms-db', 'a/b')],
  unlisted: [source('old-db', 'tob_holder')],
  stems: ['bash-db-app'],
}

function meant(text: string, given: { readonly known?: KnownSources; readonly whole?: boolean } = {}): string {
  const found = meantSource(text, given.known ?? KNOWN, { place: '-v', whole: given.whole ?? false })
  if ('source' in found) return found.source.id.name
  return 'unknown' in found ? `unknown ${found.unknown.id.name}` : 'fault'
}

describe('what a SPEC means', () => {
  test.each([
    ['wallet-db/tob', 'wallet-db:5433/tob'],
    ['wallet-db:5433/tob', 'wallet-db:5433/tob'],
    ['wallet-db:5432/tob', 'unknown wallet-db/tob'],
    ['postgres=wallet-db/tob', 'wallet-db:5433/tob'],
    ['tob', 'wallet-db:5433/tob'],
    ['postgres=tob', 'wallet-db:5433/tob'],
    ['old data', 'forms-db/old data'],
    ['tob_holder', 'old-db/tob_holder'],
    ['bash-db/app', 'bash-db/app'],
    ['app', 'fault'],
    ['ob', 'fault'],
    ['db/tob', 'unknown db/tob'],
    ['', 'fault'],
    ['mongo=tob', 'fault'],
  ])('FM139 %s: %s', (text, name) => {
    expect(meant(text)).toBe(name)
  })

  test.each([
    ['db/app', [5433, 5432], [], 'db/app'],
    ['db/app', [5433], [5432], 'db:5433/app'],
    ['db/app', [5433, 5434], [5432], 'fault'],
    ['db/app', [], [5433, 5432], 'db/app'],
    ['db/app', [], [5433, 5434], 'fault'],
    ['db/app', [], [5434], 'db:5434/app'],
    ['db:5432/app', [5433], [5432], 'db/app'],
    ['db:5434/app', [5433], [5432, 5434], 'db:5434/app'],
    ['db:5434/app', [5433], [5432], 'unknown db:5434/app'],
    ['app', [5433, 5434], [], 'fault'],
    ['app', [5433], [5434], 'fault'],
  ])('FM169 %s, with the ports %j configured and %j only of archives: %s', (text, configured, unlisted, name) => {
    const on = (port: number): NamedDatabase => source('db', 'app', port)
    const known = { configured: configured.map(on), unlisted: unlisted.map(on), stems: [] }

    expect([meant(text, { known }), meant(text, { known, whole: true })]).toEqual([
      name,
      text === 'app' ? 'fault' : name,
    ])
  })

  test('FM169 a name that leaves out a port of several says which there are', () => {
    const known = { configured: [source('db', 'app', 5433), source('db', 'app', 5434)], unlisted: [], stems: [] }

    expect(meantSource('db/app', known, { place: '-r', whole: true })).toMatchObject({
      fault: '-r: this may mean db:5433/app, or db:5434/app; expected the whole name, host[:port]/database',
    })
  })

  test('FM139 where only whole names count, no other means a database', () => {
    const words = fc.constantFrom('tob', 'old data', 'tob_holder', 'app', 'b')

    fc.assert(fc.property(words, text => meant(text, { whole: true }) === 'fault'))
  })

  test('FM139 whatever is typed, it means the one of that name, the only one that ends so, or none', () => {
    const sources = fc.array(fc.tuple(fc.constantFrom('a', 'b-a'), fc.constantFrom('x', 'y', 'a-x', 'x/y')), {
      maxLength: 6,
    })

    fc.assert(
      fc.property(sources, fc.constantFrom('x', 'y', 'a-x', 'a/x', 'b-a/x', 'x/y'), (names, text) => {
        const configured = names.map(([host, database]) => source(host, database))
        const once = [...new Map(configured.map(each => [each.id.name, each])).values()]
        const ending = once.filter(({ id }) => id.name === text || id.name.endsWith(`/${text}`))

        const found = meant(text, { known: { configured: once, unlisted: [], stems: [] } })

        if (found !== 'fault' && !found.startsWith('unknown')) expect(ending.map(({ id }) => id.name)).toContain(found)
        if (ending.length > 1 && !once.some(({ id }) => id.name === text)) expect(found).not.toMatch(/^[ab]/)
      }),
    )
  })

  test('FM12 a text that means nothing is not repeated, however near it is', () => {
    for (const text of ['hunter2', 'tobb', 'postgres://a:hunter2@b/tob', 'hunter2 x', 'a b/hunter2']) {
      const found = meantSource(text, KNOWN, { place: '-v', whole: false })

      expect(JSON.stringify(found)).not.toMatch(/hunter2|tobb/)
    }
  })
})
