import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { databaseId, recordedName } from '../../src/config/source-id.ts'

const anyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 63 })
const anyHost = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })

function stemOf(host: string, database: string): string {
  return databaseId({ host, port: 5432, database }).stem
}

describe('the id of a database', () => {
  test.each([
    ['wallet-db', 5432, 'tob', 'wallet-db/tob'],
    ['wallet-db', 5433, 'tob', 'wallet-db:5433/tob'],
    ['::1', 5433, 'a b', '[::1]:5433/a b'],
  ])('of %j, %j, %j has the name %j, also where a manifest records it', (host, port, database, name) => {
    expect(databaseId({ host, port, database })).toMatchObject({ kind: 'postgres', name, lane: host })
    expect(recordedName({ host, port, name: database })).toBe(name)
  })

  test('has a stem and a lane that the port does not change', () => {
    const [one, other] = [5432, 5433].map(port => databaseId({ host: 'db', port, database: 'app' }))

    expect([one?.stem, one?.lane]).toEqual([other?.stem, other?.lane])
  })
})

describe('the stem', () => {
  test.each([
    ['wallet-db', 'tob', 'wallet-db-tob'],
    ['db.example.ca', 'My App', 'db.example.ca-My%20App'],
    ['::1', 'a/b', '%3A%3A1-a%2Fb'],
    ['db', '-rf', 'db-%2Drf'],
    ['db', '..', 'db-%2E.'],
    ['.db', '50%', '%2Edb-50%25'],
    ['db', 'größe', 'db-gr%C3%B6%C3%9Fe'],
  ])('names %j / %j by %j', (host, database, stem) => {
    expect(stemOf(host, database)).toBe(stem)
  })

  test('FM14 any database name gives one safe path segment, from which it can be read back', () => {
    fc.assert(
      fc.property(anyHost, anyName, (host, database) => {
        const stem = stemOf(host, database)
        const half = stem.slice(stemOf(host, '').length)

        expect(stem).toMatch(/^[A-Za-z0-9_%][A-Za-z0-9._%-]*$/)
        expect(decodeURIComponent(half)).toBe(Buffer.from(database).toString())
      }),
    )
  })

  test('FM14 two databases of one host never share a stem', () => {
    fc.assert(
      fc.property(anyHost, anyName, anyName, (host, one, other) => {
        fc.pre(Buffer.from(one).toString() !== Buffer.from(other).toString())

        expect(stemOf(host, one)).not.toBe(stemOf(host, other))
      }),
    )
  })
})
