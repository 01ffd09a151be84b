import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PackedList } from '../../../../src/sources/postgres/sql/packed-list.ts'
import { liveBytes } from '../../../support/live-bytes.ts'

function listOf(texts: readonly Buffer[]): PackedList {
  const list = new PackedList()
  for (const text of texts) list.add(text)
  return list
}

test('holds what was added, in its order, whatever it is', () => {
  const text = fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 700, size: 'max' }), fc.nat({ max: 800 }), (texts, index) => {
      const list = listOf(texts)

      expect([...list]).toEqual(texts)
      expect(list.length).toBe(texts.length)
      expect(list.at(index)).toEqual(texts[index])
    }),
  )
})

test('takes texts of any length', () => {
  const texts = Array.from({ length: 130 }, (_, n) => Buffer.alloc(n === 7 ? 5_000_000 : 3, `${n}`))

  expect([...listOf(texts)].every((text, n) => text.equals(texts[n] ?? Buffer.alloc(0)))).toBe(true)
})

test('FM114 statements that wait for the end of a load need a few bytes each', async () => {
  const before = await liveBytes()

  const list = new PackedList()
  for (let oid = 0; oid < 100_000; oid++) list.add(Buffer.from(`ALTER LARGE OBJECT ${oid} OWNER TO somebody;`))

  expect(((await liveBytes()) - before) / list.length).toBeLessThan(20)
})
