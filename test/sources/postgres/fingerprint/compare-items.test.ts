import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  areEqual,
  compareItems,
  compareLargeObjects,
  compareSequences,
  differencesOf,
} from '../../../../src/sources/postgres/fingerprint/compare-items.ts'
import { compareStatements, judgeReload } from '../../../../src/sources/postgres/fingerprint/compare-statements.ts'
import { unmatched } from '../../../../src/sources/postgres/fingerprint/multiset.ts'
import { inventoryOf } from './inventories.ts'

const statementsOf = (...statements: readonly string[]) => inventoryOf(statements.join('\n')).statements
const sequencesOf = (dump: string) => inventoryOf(dump).sequences
const largeObjectsOf = (dump: string) => inventoryOf(dump).largeObjects

const TABLE = 'CREATE TABLE shop.t (a integer);'
const OTHER_TABLE = 'CREATE TABLE shop.t (a bigint);'
const INDEX = 'CREATE INDEX t_a ON shop.t USING btree (a);'
const GRANT = 'GRANT SELECT ON TABLE shop.t TO reader;'

describe('statements', () => {
  test('are the same in any order', () => {
    expect(compareStatements(statementsOf(TABLE, INDEX), statementsOf(INDEX, TABLE), { sameTool: true })).toEqual({
      outcome: 'same',
    })
  })

  test.each([
    ['a missing one', [TABLE, INDEX], [TABLE], { kind: 'INDEX', name: 'shop.t t_a', problem: 'missing' }],
    ['one that is new', [TABLE], [TABLE, GRANT], { name: 'SELECT ON TABLE shop.t TO reader', problem: 'unexpected' }],
    ['one that came twice', [TABLE], [TABLE, TABLE], { kind: 'TABLE', name: 'shop.t', problem: 'unexpected' }],
    ['one that came once instead of twice', [TABLE, TABLE], [TABLE], { name: 'shop.t', problem: 'missing' }],
  ] as const)('FM70 differ by %s, which is named', (_, archive, back, expected) => {
    const verdict = compareStatements(statementsOf(...archive), statementsOf(...back), { sameTool: true })

    expect(verdict).toMatchObject({ outcome: 'different', differences: [{ what: 'statement', ...expected }] })
  })

  test('FM79 with another text for the same object have to be loaded again', () => {
    const verdict = compareStatements(statementsOf(TABLE, INDEX), statementsOf(OTHER_TABLE, INDEX), { sameTool: true })

    expect(verdict).toEqual({ outcome: 'reload', respelled: 1 })
  })

  test('name what is missing before what may be a matter of spelling', () => {
    const verdict = compareStatements(statementsOf(TABLE, INDEX), statementsOf(OTHER_TABLE), { sameTool: true })

    expect(verdict).toMatchObject({
      outcome: 'different',
      differences: [
        { kind: 'INDEX', problem: 'missing' },
        { kind: 'TABLE', problem: 'changed' },
      ],
    })
  })

  test('of another major of pg_dump are judged by loading them again alone', () => {
    expect(compareStatements(statementsOf(TABLE), statementsOf(TABLE, GRANT), { sameTool: false })).toEqual({
      outcome: 'reload',
      respelled: 1,
    })
    expect(compareStatements(statementsOf(TABLE), statementsOf(TABLE), { sameTool: false }).outcome).toBe('same')
  })

  test('FM79 after the reload are proved if they are what came back, and named if not', () => {
    expect(judgeReload(statementsOf(OTHER_TABLE), statementsOf(OTHER_TABLE))).toEqual([])
    expect(judgeReload(statementsOf(OTHER_TABLE), statementsOf(TABLE))).toEqual([
      { what: 'statement', kind: 'TABLE', name: 'shop.t', problem: 'changed' },
    ])
  })
})

describe('sequences and large objects', () => {
  const setval = (value: number) => `SELECT pg_catalog.setval('shop.s', ${value}, true);`
  const object = (oid: number, hex: string) =>
    `SELECT pg_catalog.lo_open('${oid}', 131072);\nSELECT pg_catalog.lowrite(0, '\\x${hex}');\nSELECT pg_catalog.lo_close(0);\n`

  test('FM70 a sequence with another value is named', () => {
    expect(compareSequences(sequencesOf(setval(1)), sequencesOf(setval(1)))).toEqual([])
    expect(compareSequences(sequencesOf(setval(1)), sequencesOf(setval(2)))).toEqual([
      { what: 'sequence', kind: 'SEQUENCE SET', name: 'shop.s', problem: 'changed' },
    ])
    expect(compareSequences(sequencesOf(setval(1)), sequencesOf(''))).toMatchObject([{ problem: 'missing' }])
  })

  test('FM70 a large object with other bytes, or under another OID, is named', () => {
    const archive = largeObjectsOf(object(7, 'aa') + object(8, 'bb'))

    expect(compareLargeObjects(archive, largeObjectsOf(object(8, 'bb') + object(7, 'aa')))).toEqual([])
    expect(compareLargeObjects(archive, largeObjectsOf(object(7, 'aa') + object(8, 'bc')))).toEqual([
      { what: 'large object', kind: 'BLOB DATA', name: '8', problem: 'changed' },
    ])
    expect(compareLargeObjects(archive, largeObjectsOf(object(7, 'aa') + object(9, 'bb')))).toMatchObject([
      { name: '8', problem: 'missing' },
      { name: '9', problem: 'unexpected' },
    ])
  })
})

describe('items as multisets', () => {
  const statement = fc
    .record({ table: fc.nat({ max: 4 }), text: fc.nat({ max: 2 }) })
    .map(({ table, text }) => `ALTER TABLE t${table} SET (fillfactor = ${text});`)
  const statements = fc.array(statement, { maxLength: 30 })

  test('are equal to every permutation of themselves, and to nothing else', () => {
    fc.assert(
      fc.property(statements, statements, (left, right) => {
        const isSame = left.toSorted().join() === right.toSorted().join()

        expect(areEqual(compareItems(statementsOf(...left), statementsOf(...right)))).toBe(isSame)
        expect(areEqual(compareItems(statementsOf(...left), statementsOf(...left.toReversed())))).toBe(true)
      }),
    )
  })

  test('leave over exactly what the other side has not', () => {
    fc.assert(
      fc.property(statements, statements, (left, right) => {
        const over = unmatched(statementsOf(...left), statementsOf(...right))

        expect(over.left.map(index => left[index]).toSorted()).toEqual(without(left, right))
        expect(over.right.map(index => right[index]).toSorted()).toEqual(without(right, left))
        expect(over.left).toEqual(over.left.toSorted((a, b) => a - b))
      }),
    )
  })

  test('are compared alike whether or not their inventories know the same items', () => {
    fc.assert(
      fc.property(statements, statements, (left, right) => {
        const archive = inventoryOf(left.join('\n'))
        const sharing = inventoryOf(right.join('\n'), [65_536], archive.known).statements

        expect(compareItems(archive.statements, sharing)).toEqual(
          compareItems(archive.statements, statementsOf(...right)),
        )
        expect([...sharing]).toEqual([...statementsOf(...right)])
        expect(sharing.summary()).toEqual(statementsOf(...right).summary())
        expect([...archive.statements.concat(statementsOf(...right))]).toEqual([...statementsOf(...left, ...right)])
      }),
    )
  })

  test('count a difference once: as many as the items that are left over on the longer side, by label', () => {
    fc.assert(
      fc.property(statements, statements, (left, right) => {
        const comparison = compareItems(statementsOf(...left), statementsOf(...right))
        const { missing, unexpected, changed } = comparison

        expect(missing.length + changed.length).toBe(without(left, right).length)
        expect(unexpected.length + changed.length).toBe(without(right, left).length)
        expect(differencesOf('statement', comparison)).toHaveLength(missing.length + unexpected.length + changed.length)
        const missed = new Set(missing.map(({ identity }) => identity))
        expect(unexpected.filter(({ identity }) => missed.has(identity))).toEqual([])
      }),
    )
  })
})

/** Sorted. */
function without(all: readonly string[], some: readonly string[]): readonly string[] {
  const rest = [...all]
  for (const each of some) if (rest.includes(each)) rest.splice(rest.indexOf(each), 1)
  return rest.toSorted()
}
