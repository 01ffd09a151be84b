import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { CappedLines } from '../../../../src/sources/postgres/round-trip/capped-lines.ts'
import { sortRows, sortTables } from '../../../../src/sources/postgres/round-trip/sorted-rows.ts'
import { chunksOf } from '../sql/record-dump.ts'
import { chunkSizes } from '../sql/tricky-dump.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sorted-rows-'))
afterAll(() => rmSync(folder, { recursive: true }))

const signal = new AbortController().signal
const options = { env: { PATH: process.env.PATH }, folder }
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

async function* stream(text: string | Buffer, sizes: readonly number[] = [65_536]): AsyncGenerator<Buffer> {
  yield* chunksOf(Buffer.from(text), sizes)
}

describe('rows as a multiset', () => {
  test('have the digest of their sorted bytes, whatever their order', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => `${(n * 7919) % 20_011}\trow é ${n % 3}\n`)
    const inBytes = rows.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))

    const one = await sortRows(stream(rows.join('')), options, signal)
    const other = await sortRows(stream(rows.toReversed().join(''), [1_000, 77]), options, signal)

    expect(one).toBe(sha256(inBytes.join('')))
    expect(other).toBe(one)
  })

  test('differ when one byte, one repetition or one row does', async () => {
    const digest = async (text: string): Promise<string> => await sortRows(stream(text), options, signal)
    const base = await digest('b\na\na\n')

    expect(await digest('a\nb\na\n')).toBe(base)
    for (const other of ['a\nb\n', 'a\nb\nb\n', 'a\na\nc\n', 'a\na\nb\n\n', '', 'a a\nb\n']) {
      expect(await digest(other)).not.toBe(base)
    }
  })

  test('of no rows are the digest of nothing', async () => {
    expect(await sortRows(stream(''), options, signal)).toBe(sha256(''))
  })

  test('leave no file behind when the reading is stopped', async () => {
    const stopping = new AbortController()
    async function* endless(): AsyncGenerator<Buffer> {
      for (let n = 0; ; n += 1) {
        if (n === 2_000) stopping.abort(new Error('enough'))
        yield Buffer.from(`${'x'.repeat(100_000)}${n}\n`)
      }
    }

    const sorting = sortRows(endless(), options, stopping.signal)

    await expect(sorting).rejects.toThrow('enough')
    expect(readdirSync(folder).filter(name => name.startsWith('sort'))).toEqual([])
  })

  test('a sort that fails says where, and that space may be the reason', async () => {
    const bin = mkdtempSync(path.join(folder, 'bin-'))
    writeFileSync(path.join(bin, 'sort'), '#!/bin/sh\nread x\nexit 2\n')
    chmodSync(path.join(bin, 'sort'), 0o755)

    const sorting = sortRows(stream('x\n'.repeat(1_000_000)), { env: { PATH: bin }, folder }, signal)

    await expect(sorting).rejects.toMatchObject({ kind: 'space' })
    await expect(sortRows(stream('x\n'), { env: { PATH: folder }, folder }, signal)).rejects.toMatchObject({
      kind: 'tools',
    })
  })
})

describe('tables of a dump', () => {
  const DUMP = `CREATE TABLE a ();
COPY public.a (x) FROM stdin;
2
1
\\.
COPY public.b (x) FROM stdin;
z
\\.
COPY public.c (x) FROM stdin;
4
\\.
COPY public.b (x) FROM stdin;
y
\\.
COPY public.c (x) FROM stdin;
3
\\.
`

  test('are digested one by one, those in several blocks too', async () => {
    const wanted = new Map([
      ['public.a', 2],
      ['public.c', 2],
      ['public.missing', 1],
    ])

    for (const sizes of [[65_536], [3]]) {
      const result = await sortTables(stream(DUMP, sizes), { ...options, wanted }, signal)

      expect(result).toEqual(
        new Map([
          ['public.a', sha256('1\n2\n')],
          ['public.c', sha256('3\n4\n')],
        ]),
      )
    }
  })

  test('with fewer rows than expected have no digest', async () => {
    expect(await sortTables(stream(DUMP), { ...options, wanted: new Map([['public.a', 3]]) }, signal)).toEqual(
      new Map(),
    )
  })
})

describe('a long line', () => {
  const capped = (text: string, sizes: readonly number[]): string => {
    const lines = new CappedLines(5)
    return [...chunksOf(Buffer.from(text), sizes)]
      .flatMap(chunk => lines.write(chunk))
      .map(String)
      .join('')
  }

  test('is cut, and what was behind it is digested', () => {
    expect(capped('abc\nabcdefgh\nabcde\n', [100])).toBe(`abc\nabcde${sha256('fgh')}\nabcde\n`)
  })

  test('comes out the same however it is cut into chunks', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
    fc.assert(
      fc.property(fc.array(line), chunkSizes, (lines, sizes) => {
        const text = lines.map(each => `${each}\n`).join('')
        const expected = lines.map(each => (each.length > 5 ? each.slice(0, 5) + sha256(each.slice(5)) : each))

        expect(capped(text, sizes)).toBe(expected.map(each => `${each}\n`).join(''))
      }),
    )
  })
})
