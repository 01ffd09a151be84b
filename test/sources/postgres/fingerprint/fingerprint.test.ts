import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fingerprinter, type FingerprintResult } from '../../../../src/sources/postgres/fingerprint/fingerprint.ts'
import { chunksOf } from '../sql/record-dump.ts'
import { chunkSizes, trickyDump } from '../sql/tricky-dump.ts'

const TRAILER = '--\n-- PostgreSQL database dump complete\n--\n\n'

const DUMP = `--
-- PostgreSQL database dump
--

\\restrict abc

SET statement_timeout = 0;
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.t (
    a integer,
    b text
);
SELECT pg_catalog.lo_create('16401');
SELECT pg_catalog.lo_create('16402');

COPY public.t (a, b) FROM stdin;
1\tone
2\t-- PostgreSQL database dump complete
\\.

SELECT pg_catalog.setval('public.s', 12, true);

BEGIN;

SELECT pg_catalog.lo_open('16401', 131072);
SELECT pg_catalog.lowrite(0, '\\x0011');
SELECT pg_catalog.lowrite(0, '\\x22');
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('16402', 131072);
SELECT pg_catalog.lo_close(0);

COMMIT;

ALTER TABLE public.t ADD CONSTRAINT c CHECK ((b <> '
-- PostgreSQL database dump complete
'::text));

${TRAILER}\\unrestrict abc

`

describe('a fingerprint', () => {
  test('holds tables, statements, sequences and large objects by the rules of version 1', () => {
    const { fingerprint, complete } = fingerprintOf(DUMP)

    const statements = [
      'CREATE TABLE public.t (\n    a integer,\n    b text\n);',
      "SELECT pg_catalog.lo_create('16401');",
      "SELECT pg_catalog.lo_create('16402');",
      "ALTER TABLE public.t ADD CONSTRAINT c CHECK ((b <> '\n-- PostgreSQL database dump complete\n'::text));",
    ]
    const data = '1\tone\n2\t-- PostgreSQL database dump complete\n'
    expect(complete).toBe(true)
    expect(fingerprint).toEqual({
      version: 1,
      session: { timeZone: 'UTC', clientEncoding: 'UTF8' },
      statements: summaryOf(statements),
      sequences: summaryOf(["SELECT pg_catalog.setval('public.s', 12, true);"]),
      largeObjects: summaryOf(['16401\n001122', '16402\n']),
      tables: [{ name: 'public.t', columns: ['a', 'b'], rows: 2, sha256: sha256(data).toString('hex') }],
    })
  })

  test('does not depend on how the dump is cut into chunks', () => {
    const whole = fingerprintOf(DUMP)

    fc.assert(
      fc.property(chunkSizes, sizes => {
        expect(fingerprintOf(DUMP, sizes)).toEqual(whole)
      }),
    )
  })

  test('is the same for statements in another order, and another one when a statement is there twice', () => {
    const one = fingerprintOf('CREATE A;\nCREATE B;\n').fingerprint
    const other = fingerprintOf('CREATE B;\n-- x\nCREATE A;\n').fingerprint
    const twice = fingerprintOf('CREATE B;\nCREATE A;\nCREATE A;\n').fingerprint

    expect(other).toEqual(one)
    expect(twice.statements).not.toEqual(one.statements)
  })

  test.each([
    ['a value', '1\tone', '1\tonE'],
    ['a row', '1\tone\n', ''],
    ['the order of rows', 'FROM stdin;\n1\tone\n', 'FROM stdin;\n'],
    ['a column', '(a, b)', '(b, a)'],
    ['a statement', 'CHECK ((b <>', 'CHECK ((b ='],
    ['a sequence value', "'public.s', 12", "'public.s', 13"],
    ['large object data', '\\x0011', '\\x0012'],
    ['the OID of a large object', "lo_open('16401'", "lo_open('16403'"],
    ['an empty large object', "SELECT pg_catalog.lo_open('16402', 131072);\nSELECT pg_catalog.lo_close(0);", ''],
  ])('changes with %s', (_, found, replacement) => {
    const changed = DUMP.replace(found, replacement)

    expect(changed).not.toBe(DUMP)
    expect(fingerprintOf(changed).fingerprint).not.toEqual(fingerprintOf(DUMP).fingerprint)
  })

  test.each([
    ['comments', '\nCREATE', '\n-- more\nCREATE'],
    ['the \\restrict key', /restrict abc/g, 'restrict xyz'],
    ['settings', 'SET statement_timeout = 0;', '-- SET statement_timeout = 0;'],
    ['the size of lowrite calls', "'\\x0011');\nSELECT pg_catalog.lowrite(0, '\\x22');", "'\\x001122');"],
  ])('does not change with %s', (_, found, replacement) => {
    const changed = DUMP.replaceAll(found, replacement)

    expect(changed).not.toBe(DUMP)
    expect(fingerprintOf(changed)).toEqual(fingerprintOf(DUMP))
  })

  test('a table with two COPY blocks has two entries', () => {
    const block = 'COPY t (a) FROM stdin;\n1\n\\.\n'

    const { tables } = fingerprintOf(block + block).fingerprint

    expect(tables.map(table => table.rows)).toEqual([1, 1])
  })

  test('a large object written in one huge call equals one written in many', () => {
    const hex = 'ab'.repeat(100_000)
    const call = (data: string): string => `SELECT pg_catalog.lowrite(0, '\\x${data}');\n`
    const object = (calls: string): string =>
      `SELECT pg_catalog.lo_open('1', 131072);\n${calls}SELECT pg_catalog.lo_close(0);\n`

    const one = fingerprintOf(object(call(hex)), [1]).fingerprint
    const many = fingerprintOf(object((hex.match(/.{1,3000}/g) ?? []).map(call).join(''))).fingerprint

    expect(one.largeObjects).toEqual(summaryOf([`1\n${hex}`]))
    expect(many).toEqual(one)
  })

  test('statements count by the ten thousand', () => {
    const statements = Array.from({ length: 20_000 }, (_, index) => `ALTER TABLE t${index} OWNER TO x;`)

    const { fingerprint } = fingerprintOf(statements.join('\n'))

    expect(fingerprint.statements).toEqual(summaryOf(statements))
  })
})

describe('a complete dump', () => {
  test('FM04 a dump without the trailer is not complete', () => {
    expect(fingerprintOf(DUMP.replace(TRAILER, '')).complete).toBe(false)
    expect(fingerprintOf('').complete).toBe(false)
  })

  test.each([
    ['data', `COPY t (a) FROM stdin;\n-- PostgreSQL database dump complete\n\\.\n`],
    ['data that is cut', `COPY t (a) FROM stdin;\n${TRAILER}`],
    ['a string', `SELECT '\n${TRAILER}';\n`],
    ['a string that is cut', `SELECT '\n${TRAILER}`],
    ['a dollar quote', `DO $$\n${TRAILER}$$;\n`],
    ['an identifier', `SELECT "\n${TRAILER}";\n`],
    ['a block comment', `/*\n${TRAILER}*/\n`],
    ['a statement', `SELECT 1\n${TRAILER};\n`],
    ['the text of another comment', `-- -- PostgreSQL database dump complete\n`],
    ['a role dump', `-- PostgreSQL database cluster dump complete\n`],
  ])('FM89 a trailer in %s is none', (_, dump) => {
    expect(fingerprintOf(dump).complete).toBe(false)
  })

  test.each([
    'SELECT 1;\n',
    'COPY t (a) FROM stdin;\n\\.\n',
    'SELECT',
    '\\connect x\n',
    '/* a',
    '\\unrestrict x\n',
    'BEGIN;\n',
  ])('FM04 %j after the trailer means that more was to come', rest => {
    expect(fingerprintOf(TRAILER + rest).complete).toBe(false)
  })

  test('FM04 a large object that was never closed makes a dump incomplete', () => {
    expect(fingerprintOf(`SELECT pg_catalog.lo_open('1', 131072);\n${TRAILER}`).complete).toBe(false)
  })

  test('comments and blank lines may follow the trailer', () => {
    expect(fingerprintOf(`${TRAILER}\n/* x */ -- y\n\n`).complete).toBe(true)
  })

  test('FM04 a dump cut at any byte before its \\unrestrict is not complete', () => {
    const bytes = Buffer.from(DUMP)
    const end = bytes.indexOf('\\unrestrict abc') + '\\unrestrict abc'.length

    for (let cut = 0; cut < end; cut++) expect(fingerprintOf(bytes.subarray(0, cut)).complete).toBe(false)
    for (let cut = end; cut <= bytes.length; cut++) expect(fingerprintOf(bytes.subarray(0, cut)).complete).toBe(true)
  })

  test('FM04 FM89 no dump that was cut before its trailer is complete, whatever stands in it', () => {
    fc.assert(
      fc.property(trickyDump, chunkSizes, fc.nat(), (dump, sizes, seed) => {
        const bytes = Buffer.from(dump.text + TRAILER)
        const trailerEnds = bytes.length - '\n--\n\n'.length
        const cut = seed % bytes.length
        // One dash of the last comment may begin anything.
        const loneDash = cut === trailerEnds + 2

        expect(fingerprintOf(bytes, sizes).complete).toBe(true)
        expect(fingerprintOf(bytes.subarray(0, cut), sizes).complete).toBe(cut >= trailerEnds && !loneDash)
      }),
      { numRuns: 1000 },
    )
  })
})

function fingerprintOf(dump: string | Buffer, sizes: readonly number[] = [65_536]): FingerprintResult {
  const fingerprinter = new Fingerprinter({ clientEncoding: 'UTF8' })
  for (const chunk of chunksOf(Buffer.from(dump), sizes)) {
    fingerprinter.write(chunk)
    // Whoever reads may use the same memory again.
    chunk.fill(0x27)
  }
  return fingerprinter.end()
}

function summaryOf(items: readonly string[]): { count: number; sha256: string } {
  const digests = items.map(sha256).sort((left, right) => left.compare(right))
  return { count: items.length, sha256: sha256(Buffer.concat(digests)).toString('hex') }
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}
