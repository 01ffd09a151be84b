import { describe, expect, test } from 'vitest'
import { tooLongRow } from '../../../../src/sources/postgres/fingerprint/row-memory.ts'

const MIB = 2 ** 20
const tables = [
  { name: 'public.a', longestRow: 50 * MIB },
  { name: 'public.b', longestRow: 200 * MIB },
  { name: 'public.c' },
]

describe('FM115 a row that is too long for the memory', () => {
  test('is the longest one, with what it needs', () => {
    const found = tooLongRow(tables, 'server and pg_dump', 1024 * MIB)

    expect(found).toEqual({ table: 'public.b', rowBytes: 200 * MIB, neededBytes: 1584 * MIB })
  })

  test('needs less where the server is another machine', () => {
    expect(tooLongRow(tables, 'pg_dump', 1024 * MIB)).toBeNull()
    expect(tooLongRow(tables, 'pg_dump', 512 * MIB)).toMatchObject({ table: 'public.b', neededBytes: 760 * MIB })
  })

  test('is none where there is enough, where nobody knows, and where all rows are short', () => {
    expect(tooLongRow(tables, 'server and pg_dump', 1584 * MIB)).toBeNull()
    expect(tooLongRow(tables, 'server and pg_dump', null)).toBeNull()
    expect(tooLongRow([], 'server and pg_dump', 1)).toBeNull()
    expect(tooLongRow([{ name: 'public.a', longestRow: 15 * MIB }], 'server and pg_dump', MIB)).toBeNull()
  })
})
