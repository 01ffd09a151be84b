import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DigestList } from '../../../../src/sources/postgres/fingerprint/digest-list.ts'

/** Digests that differ in any one of their bytes, the last ones included. */
const digest = fc
  .tuple(fc.nat({ max: 31 }), fc.integer({ min: 0, max: 255 }))
  .map(([at, byte]) => Buffer.alloc(32).fill(byte, at, at + 1))

test('the summary is over the digests in the order of their bytes, repetitions included', () => {
  fc.assert(
    fc.property(fc.array(digest, { maxLength: 200 }), digests => {
      const list = new DigestList()

      for (const each of digests) list.add(each)

      const sorted = Buffer.concat(digests.toSorted((left, right) => left.compare(right)))
      expect(list.summary()).toEqual({
        count: digests.length,
        sha256: createHash('sha256').update(sorted).digest('hex'),
      })
    }),
  )
})
