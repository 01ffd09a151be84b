import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyStatement } from '../../../../src/sources/postgres/sql/copy-target.ts'
import { type DumpItem, DumpReader } from '../../../../src/sources/postgres/sql/dump-reader.ts'
import { chunksOf } from './record-dump.ts'
import { trickyDump } from './tricky-dump.ts'

const itemsOf = (dump: string, size = 65_536): readonly DumpItem[] => {
  const reader = new DumpReader()
  return [...chunksOf(Buffer.from(dump), [size])].flatMap(chunk => [...reader.read(chunk)])
}

describe('the items of a dump', () => {
  test('are statements, blocks of rows and backslash commands, in their order', () => {
    const items = itemsOf(`\\restrict key
CREATE TABLE public.t (a integer);
COPY public."T x" (a, "b c") FROM stdin;
1\tx
2\ty
\\.
-- the end
`)

    expect(items.map(item => item.type)).toEqual(['meta-command', 'statement', 'copy-start', 'copy-data', 'copy-end'])
    expect(items[1]).toMatchObject({ bytes: Buffer.from('CREATE TABLE public.t (a integer);') })
    expect(items[2]).toMatchObject({ target: { table: 'public."T x"', columns: ['a', '"b c"'] } })
    expect(items[3]).toMatchObject({ bytes: Buffer.from('1\tx\n2\ty\n'), rows: 2 })
  })

  test('do not depend on the chunks in which it arrives', () => {
    fc.assert(
      fc.property(trickyDump, fc.integer({ min: 1, max: 40 }), ({ text, events }, size) => {
        const statements = events.flatMap(event => ('statement' in event ? [event.statement] : []))

        const items = itemsOf(text, size)

        expect(items.flatMap(item => (item.type === 'statement' ? [item.bytes.toString('latin1')] : []))).toEqual(
          statements,
        )
      }),
    )
  })

  test('a statement keeps its bytes when its chunk is used again', () => {
    const reader = new DumpReader()
    const chunk = Buffer.from('SELECT 1; SELECT')

    const [item] = reader.read(chunk)
    chunk.fill(0)
    const [next] = reader.read(Buffer.from(' 2;'))

    expect(item).toMatchObject({ bytes: Buffer.from('SELECT 1;') })
    expect(next).toMatchObject({ bytes: Buffer.from('SELECT 2;') })
  })

  test.each([
    'COPY t FROM stdin WITH OIDS;\n',
    'COPY t (a) FROM stdin WHERE (f());\n',
    'COPY t FROM stdin (FORMAT csv);\n',
  ])('%s is refused: it is not what pg_dump writes', text => {
    expect(() => itemsOf(text)).toThrow(/a COPY statement with more than a table and columns/)
  })

  test('a COPY is sent again from its names alone', () => {
    expect(copyStatement({ table: 'a."b;"', columns: ['c', '"d e"'] }).toString()).toBe(
      'COPY a."b;" (c, "d e") FROM stdin;',
    )
    expect(copyStatement({ table: 'a.b', columns: [] }).toString()).toBe('COPY a.b FROM stdin;')
  })
})
