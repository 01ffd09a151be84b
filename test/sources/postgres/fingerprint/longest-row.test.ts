import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LongestRow } from '../../../../src/sources/postgres/fingerprint/longest-row.ts'

describe('FM115 the longest row of a table', () => {
  test('is found however the data is cut', () => {
    const widths = fc.array(fc.oneof(fc.nat(40), fc.nat(50_000)), { maxLength: 30 })
    fc.assert(
      fc.property(widths, fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }), (rows, cuts) => {
        const data = Buffer.from(rows.map(width => `${'x'.repeat(width)}\n`).join(''))
        const longest = Math.max(0, ...rows.map(width => width + 1))

        expect(longestOf(data, cuts)).toBe(longest > 16_384 ? longest : undefined)
      }),
    )
  })
})

function longestOf(data: Buffer, cuts: readonly number[]): number | undefined {
  const row = new LongestRow()
  let at = 0
  for (let turn = 0; at < data.length; turn++) {
    const size = cuts[turn % cuts.length] ?? 1
    row.write(data.subarray(at, at + size))
    at += size
  }
  return row.bytes
}
