import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTable } from '../../src/terminal/table.ts'

const COLUMNS = [{ title: 'name', cut: true }, { title: 'size', align: 'right' as const }, { title: 'why' }]

test('numbers stand to the right, texts to the left, and no line ends in a blank', () => {
  const lines = formatTable(
    COLUMNS,
    [
      ['app', '7 MB', ''],
      ['wallet', '266 MB', 'new'],
    ],
    { width: null, indent: '  ' },
  )

  expect(lines).toEqual(['  name      size  why', '  app       7 MB', '  wallet  266 MB  new'])
})

test('a table that is too wide is cut in the columns that may be', () => {
  const lines = formatTable(COLUMNS, [['a-rather-long-name-of-a-database', '7 MB', 'because']], { width: 40 })

  expect(lines[1]).toBe('a-rather-long-name-of-...  7 MB  because')
})

test('FM112 a cell can neither break its line nor move the cursor', () => {
  const lines = formatTable([{ title: 'name' }], [['a\u001B[2Jb\r\nc']], { width: null })

  expect(lines).toEqual(['name', String.raw`a\x1b[2Jb\r\nc`])
})

test('there is always a line for each row, and cut tables keep within the width as far as they can', () => {
  const rows = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.nat().map(String), fc.string({ maxLength: 9 })), {
    maxLength: 9,
  })
  fc.assert(
    fc.property(rows, fc.integer({ min: 50, max: 120 }), (cells, width) => {
      const lines = formatTable(COLUMNS, cells, { width })

      expect(lines).toHaveLength(cells.length + 1)
      expect(Math.max(...lines.map(line => Array.from(line).length))).toBeLessThanOrEqual(width)
    }),
  )
})
