import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareTables } from '../../../../src/sources/postgres/fingerprint/compare-tables.ts'
import type { TableFingerprint } from '../../../../src/sources/postgres/fingerprint/fingerprint.ts'

const table = (name: string, given: Partial<TableFingerprint> = {}): TableFingerprint => ({
  name,
  columns: ['id', 'name'],
  rows: 3,
  sha256: 'aa',
  ...given,
})

describe('tables of the archive and of what came back', () => {
  test('are the same in any order', () => {
    const [one, two] = [table('a'), table('b', { rows: 0 })]

    expect(compareTables([one, two], [two, one])).toEqual({ differences: [], secondLooks: [] })
  })

  test.each([
    ['missing', [], { problem: 'missing', expectedRows: 3, foundRows: null }],
    ['short of rows', [table('a', { rows: 2 })], { problem: 'rows', expectedRows: 3, foundRows: 2 }],
    ['of too many rows', [table('a', { rows: 4 })], { problem: 'rows', expectedRows: 3, foundRows: 4 }],
    ['of another column', [table('a', { columns: ['id', 'nam'] })], { problem: 'columns', foundRows: 3 }],
    ['of one more column', [table('a', { columns: ['id', 'name', 'x'] })], { problem: 'columns' }],
  ] as const)('FM70 differ by a table that is %s', (_, back, expected) => {
    const { differences, secondLooks } = compareTables([table('a')], back)

    expect(differences).toMatchObject([{ what: 'table', name: 'a', ...expected }])
    expect(secondLooks).toEqual([])
  })

  test('differ by a table that nobody expects', () => {
    expect(compareTables([], [table('a')]).differences).toEqual([
      { what: 'table', name: 'a', problem: 'unexpected', expectedRows: null, foundRows: 3 },
    ])
  })

  test('FM80 with as many rows and other data are to be compared as multisets', () => {
    const { differences, secondLooks } = compareTables([table('a')], [table('a', { sha256: 'bb' })])

    expect(differences).toEqual([])
    expect(secondLooks).toEqual([{ table: 'a', columns: ['id', 'name'], rows: 3, how: 'sort', sha256: 'aa' }])
  })

  test("FM80 with columns in another order are to be read again in the archive's", () => {
    const { secondLooks } = compareTables([table('a')], [table('a', { columns: ['name', 'id'], sha256: 'bb' })])

    expect(secondLooks).toEqual([{ table: 'a', columns: ['id', 'name'], rows: 3, how: 'columns', sha256: 'aa' }])
  })

  test('with columns in another order are no proof even if the bytes are the same', () => {
    const { secondLooks } = compareTables([table('a')], [table('a', { columns: ['name', 'id'] })])

    expect(secondLooks).toMatchObject([{ how: 'columns' }])
  })

  test('may have several blocks of one table', () => {
    const blocks = [table('a', { rows: 1, sha256: '11' }), table('a', { rows: 2, sha256: '22' })]

    expect(compareTables(blocks, blocks)).toEqual({ differences: [], secondLooks: [] })
    expect(compareTables(blocks, [table('a')]).secondLooks).toMatchObject([{ how: 'sort', rows: 3, sha256: null }])
    expect(compareTables(blocks, [table('a', { rows: 1, sha256: '11' })]).differences).toMatchObject([
      { problem: 'rows', expectedRows: 3, foundRows: 1 },
    ])
  })

  test('with blocks of different columns are never taken for one, and are the same where each block is', () => {
    const blocks = [table('a', { rows: 1 }), table('a', { rows: 2, columns: ['name', 'id'] })]

    expect(compareTables(blocks, blocks)).toEqual({ differences: [], secondLooks: [] })
    expect(compareTables(blocks, [table('a')]).differences).toMatchObject([{ name: 'a', problem: 'columns' }])
  })

  test('never pass over anything: a change of one table is a difference or a second look at it', () => {
    const name = fc.constantFrom('a', 'b', 'c')
    const any = fc.record({
      name,
      columns: fc.constantFrom(['x', 'y'], ['y', 'x'], ['x']),
      rows: fc.nat({ max: 2 }),
      sha256: fc.constantFrom('11', '22'),
    })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), fc.array(any, { maxLength: 5 }), (archive, back) => {
        const blocksOf = (tables: readonly TableFingerprint[], of: string) =>
          JSON.stringify(tables.filter(each => each.name === of))

        const { differences, secondLooks } = compareTables(archive, back)

        const named = [
          ...differences.map(each => ('name' in each ? each.name : '')),
          ...secondLooks.map(each => each.table),
        ]
        const differing = ['a', 'b', 'c'].filter(of => blocksOf(archive, of) !== blocksOf(back, of))
        expect(named.toSorted()).toEqual(differing)
      }),
    )
  })
})
