import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeaderFilter } from '../../../../src/sources/postgres/sql/header.ts'
import { chunksOf } from './record-dump.ts'

const KNOWN = new Set(['statement_timeout', 'lock_timeout', 'client_encoding', 'DateStyle'])

const HEAD = `--
-- PostgreSQL database dump
--

\\restrict abcDEF

-- Dumped from database version 15.18
-- Dumped by pg_dump version 17.6

SET statement_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET datestyle = 'ISO, MDY';
SET future_setting = 'it''s; new';

--
-- Name: t; Type: TABLE
--

`

function filtered(dump: Buffer, sizes: readonly number[] = [65_536]): { text: string; disarmed: readonly string[] } {
  const filter = new HeaderFilter(KNOWN)
  const pieces = [...chunksOf(dump, sizes)].map(chunk => Buffer.from(filter.write(chunk)))
  const text = Buffer.concat([...pieces, filter.end()]).toString('latin1')
  return { text, disarmed: filter.disarmed }
}

test('FM111 further settings stand once, behind one that each dump has', () => {
  const filter = new HeaderFilter(new Set(), 'SET array_nulls = on;\n')
  const head = "--\nSET standard_conforming_strings = on;\nSELECT pg_catalog.set_config('search_path', '', false);\n"

  const text = [
    filter.write(Buffer.from(`${head}SELECT 1;\nSET standard_conforming_strings = on;\n`)),
    filter.end(),
  ].join('')

  expect(text).toBe(
    `${head}SELECT 1;\nSET standard_conforming_strings = on;\n`.replace('on;\n', 'on;\nSET array_nulls = on;\n'),
  )
})

describe('a dump of a newer pg_dump', () => {
  test('FM82 a SET of a parameter that the server does not know becomes a comment, everything else stays', () => {
    const { text, disarmed } = filtered(Buffer.from(`${HEAD}SELECT 1;\n`))

    expect(disarmed).toEqual(['transaction_timeout', 'future_setting'])
    expect(text).toBe(
      `${HEAD}SELECT 1;\n`
        .replace('SET transaction_timeout = 0;', '-- SET transaction_timeout = 0; (the source server does not know it)')
        .replace(
          "SET future_setting = 'it''s; new';",
          "-- SET future_setting = 'it''s; new'; (the source server does not know it)",
        ),
    )
  })

  test('FM82 nothing behind the first other line is touched, not even what looks like a SET', () => {
    const body = 'CREATE TABLE t (a text);\nSET transaction_timeout = 0;\nCOPY t (a) FROM stdin;\nSET x = 1;\n\\.\n'

    const { text, disarmed } = filtered(Buffer.from(body))

    expect(text).toBe(body)
    expect(disarmed).toEqual([])
  })

  test('a SET that is not a whole, plain line ends the head', () => {
    const body = "SET search_path = 'a\nSET x = 1;\n';\nSET y = 1;\n"

    expect(filtered(Buffer.from(body)).text).toBe(body)
  })

  test('bytes behind the head are passed on without a copy', () => {
    const filter = new HeaderFilter(KNOWN)
    filter.write(Buffer.from('SELECT 1;\n'))
    const chunk = Buffer.from('SET x = 1;\n')

    expect(filter.write(chunk)).toBe(chunk)
  })

  test('a head that goes on for more than 64 KiB is passed on', () => {
    const dump = Buffer.from(`${'-- x\n'.repeat(14_000)}SET x = 1;\n`)

    expect(filtered(dump).disarmed).toEqual([])
    expect(filtered(dump, [999]).text).toBe(dump.toString())
  })

  test('a line without an end is not kept back for ever', () => {
    const filter = new HeaderFilter(KNOWN)

    expect(filter.write(Buffer.alloc(70_000, '-'))).toHaveLength(70_000)
  })

  test('a dump that ends within its head comes out whole', () => {
    expect(filtered(Buffer.from('-- x\nSET x = 1;')).text).toBe('-- x\nSET x = 1;')
  })

  test('the result does not depend on how the dump is cut', () => {
    const lines = [
      'SET a = 1;\n',
      'SET statement_timeout = 0;\n',
      '-- c\n',
      '\n',
      "SELECT pg_catalog.set_config('a', '', false);\n",
      '\\restrict x\n',
      'CREATE TABLE t ();\n',
      'SET b = ',
      `-- ${'x'.repeat(40_000)}\n`,
    ]

    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...lines)),
        fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1 }),
        (pieces, sizes) => {
          const dump = Buffer.from(pieces.join(''))

          expect(filtered(dump, sizes)).toEqual(filtered(dump))
        },
      ),
    )
  })
})
