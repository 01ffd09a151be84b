import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countNewlines } from '../../../../src/sources/postgres/sql/copy-data.ts'
import { recordDump } from './record-dump.ts'
import { chunkSizes, trickyDump } from './tricky-dump.ts'

test('FM89 statements, comments and COPY data are told apart whatever stands in them, however the dump is cut', () => {
  fc.assert(
    fc.property(trickyDump, chunkSizes, (dump, sizes) => {
      const recording = recordDump(dump.text, sizes)

      expect(recording).toEqual({ events: dump.events, unfinished: null })
    }),
    { numRuns: 1000 },
  )
})

test('any bytes at all give the same events, however they are cut', () => {
  const soup = fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        '$',
        '$a$',
        '\\',
        '\\.',
        '\n',
        '\r',
        '-',
        '/',
        '*',
        'E',
        'e',
        ';',
        '(',
        ')',
        ' ',
        '1',
        'COPY t FROM stdin;\n',
        'SET standard_conforming_strings=off;',
        'CREATE FUNCTION ',
        'BEGIN ATOMIC',
        ' END',
        ' case ',
        'é',
      ),
    )
    .map(parts => parts.join(''))

  fc.assert(
    fc.property(soup, chunkSizes, (text, sizes) => {
      expect(outcome(text, sizes)).toEqual(outcome(text, [text.length + 1]))
    }),
    { numRuns: 2000 },
  )
})

test('rows are counted rightly at every alignment and length', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 10, 11, 138, 255, 9), { maxLength: 3000 }),
      fc.integer({ min: 0, max: 7 }),
      (bytes, offset) => {
        const memory = Buffer.alloc(bytes.length + offset)
        memory.set(bytes, offset)

        const rows = countNewlines(memory.subarray(offset))

        expect(rows).toBe(bytes.filter(byte => byte === 10).length)
      },
    ),
  )
  expect(countNewlines(Buffer.alloc(100_000, 10))).toBe(100_000)
})

/** The recording; what is refused is refused in any pieces. */
function outcome(text: string, sizes: readonly number[]): unknown {
  try {
    return recordDump(text, sizes)
  } catch (error) {
    return String(error)
  }
}
