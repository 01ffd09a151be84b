import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareFingerprints } from '../../../../src/sources/postgres/fingerprint/compare-fingerprints.ts'
import { remarkOfDifference } from '../../../../src/sources/postgres/fingerprint/difference.ts'
import type { Fingerprint } from '../../../../src/sources/postgres/fingerprint/fingerprint.ts'

const MANIFEST: Fingerprint = {
  version: 1,
  session: { timeZone: 'UTC', clientEncoding: 'UTF8' },
  statements: { count: 5, sha256: 's' },
  sequences: { count: 1, sha256: 'q' },
  largeObjects: { count: 0, sha256: 'l' },
  tables: [
    { name: 'a', columns: ['x'], rows: 1, sha256: '11' },
    { name: 'b', columns: ['x', 'y'], rows: 2, sha256: '22' },
    { name: 'b', columns: ['x', 'y'], rows: 7, sha256: '77' },
  ],
}
const [A, B, B2] = MANIFEST.tables as [Table, Table, Table]
type Table = Fingerprint['tables'][number]

const found = (change: Partial<Fingerprint>): readonly string[] =>
  compareFingerprints(MANIFEST, { ...MANIFEST, ...change })
    .map(remarkOfDifference)
    .map(({ kind, name, text }) => `${kind} ${name}: ${text}`)

describe('the fingerprint of an archive that is read', () => {
  test("is its manifest's", () => {
    expect(found({})).toEqual([])
  })

  test.each([
    ['a missing table', { tables: [B, B2] }, ['table a: no such table; expected 1 row']],
    ['a missing block', { tables: [A, B] }, ['table b: no such table; expected 7 rows']],
    ['a new table', { tables: [A, B, B2, { ...A, name: 'c' }] }, ['table c: 1 row; expected no such table']],
    ['rows', { tables: [A, { ...B, rows: 3 }, B2] }, ['table b: 3 rows; expected 2 rows']],
    [
      'data',
      { tables: [{ ...A, sha256: '12' }, B, B2] },
      ['table a: other data than expected (1 row; expected 1 row)'],
    ],
    [
      'the order of columns',
      { tables: [A, { ...B, columns: ['y', 'x'] }, B2] },
      ['table b: other columns than expected (2 rows; expected 2 rows)'],
    ],
    [
      'a statement',
      { statements: { count: 5, sha256: 't' } },
      ['statements null: 5 statements, but not the ones that are expected'],
    ],
    ['statements', { statements: { count: 4, sha256: 't' } }, ['statements null: 4 statements; expected 5']],
    ['a sequence', { sequences: { count: 0, sha256: 't' } }, ['sequences null: 0 sequences; expected 1']],
    ['large objects', { largeObjects: { count: 2, sha256: 't' } }, ['large objects null: 2 large objects; expected 0']],
  ])('FM70 differs by %s, in words', (_, change, words) => {
    expect(found(change)).toEqual(words)
  })

  test('is equal only to itself', () => {
    const summary = fc.record({ count: fc.nat({ max: 2 }), sha256: fc.constantFrom('1', '2') })
    const any = fc.record({
      statements: summary,
      sequences: summary,
      largeObjects: summary,
      tables: fc.array(
        fc.record({
          name: fc.constantFrom('a', 'b'),
          columns: fc.constantFrom(['x'], ['x', 'y'], ['y', 'x']),
          rows: fc.nat({ max: 2 }),
          sha256: fc.constantFrom('1', '2'),
        }),
        { maxLength: 3 },
      ),
    })
    const byTable = (tables: readonly Table[]) => ['a', 'b'].map(name => tables.filter(each => each.name === name))
    fc.assert(
      fc.property(any, any, (one, other) => {
        const differences = compareFingerprints({ ...MANIFEST, ...one }, { ...MANIFEST, ...other })

        const isSame =
          JSON.stringify([one.statements, one.sequences, one.largeObjects, byTable(one.tables)]) ===
          JSON.stringify([other.statements, other.sequences, other.largeObjects, byTable(other.tables)])
        expect(differences.length === 0).toBe(isSame)
      }),
      { numRuns: 1_000 },
    )
  })
})
