import { expect, test } from 'vitest'
import { parseCopyHeader } from '../../../../src/sources/postgres/sql/copy-header.ts'

test.each([
  ['COPY public.t (a, b) FROM stdin;', 'public.t', ['a', 'b']],
  ['COPY "My Schema"."a.""b" ("x, y", "(") FROM stdin;', '"My Schema"."a.""b"', ['"x, y"', '"("']],
  ['COPY public.t  FROM stdin;', 'public.t', []],
  ['COPY public.t () FROM stdin;', 'public.t', []],
  ['COPY t(a)FROM/* x */STDIN WITH (FORMAT csv);', 't', ['a']],
  ['COPY "from" ("stdin") FROM stdin;', '"from"', ['"stdin"']],
  ['COPY tëst.größe (naïve, à) FROM stdin;', 'tëst.größe', ['naïve', 'à']],
])('%s', (statement, table, columns) => {
  expect(parseCopyHeader(Buffer.from(statement))).toEqual({ table, columns })
})

test.each([
  `COPY t (a) TO stdout;`,
  `COPY t FROM 'stdin';`,
  `COPY t FROM PROGRAM 'x';`,
  `COPY (SELECT 1 FROM stdin) TO stdout;`,
  `COPY t (a FROM stdin;`,
  `COPY FROM stdin;`,
  `SET a = 1;`,
])('%s takes nothing from stdin', statement => {
  expect(parseCopyHeader(Buffer.from(statement))).toBeNull()
})

test('a name that is no UTF-8 stays distinct, one character per byte', () => {
  const header = parseCopyHeader(Buffer.from('COPY gr\xfcn (\xe4) FROM stdin;', 'latin1'))

  expect(header).toEqual({ table: 'grün', columns: ['ä'] })
})
