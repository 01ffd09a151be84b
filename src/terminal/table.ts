import { printable } from '../system/printable.ts'

export interface Column {
  readonly title: string
  /** `right` for numbers; `left` if absent. */
  readonly align?: 'left' | 'right'
  /** Cells of this column are cut, with `...`, when the table would be wider than the terminal. */
  readonly cut?: boolean
}

export interface TableOptions {
  /** Columns of the terminal; null where nothing limits a line, as in a file. */
  readonly width: number | null
  readonly indent?: string
}

const GAP = '  '
const NARROWEST = 12

/**
 * A plain table, line by line: titles, then a line for each row, columns two blanks apart, no blanks at line ends. What a
 * terminal would obey is shown as it is by \`printable\`.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions = { width: null },
): readonly string[] {
  const indent = options.indent ?? ''
  const lines = [columns.map(column => column.title), ...rows].map(row => row.map(printable))
  const widths = columns.map((_, index) => Math.max(...lines.map(line => lengthOf(line[index] ?? ''))))
  if (options.width !== null) shrink(widths, columns, options.width - indent.length)
  return lines.map(line => indent + renderLine(line, columns, widths))
}

function renderLine(cells: readonly string[], columns: readonly Column[], widths: readonly number[]): string {
  const padded = columns.map((column, index) => {
    const width = widths[index] ?? 0
    const cell = cutTo(cells[index] ?? '', width)
    const blanks = ' '.repeat(Math.max(0, width - lengthOf(cell)))
    return column.align === 'right' ? blanks + cell : cell + blanks
  })
  return padded.join(GAP).trimEnd()
}

/** Takes what is too much from the columns that may be cut, the widest first. */
function shrink(widths: number[], columns: readonly Column[], available: number): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - available
  while (excess > 0) {
    const widest = widths.reduce(
      (best, width, index) => (columns[index]?.cut && width > (widths[best] ?? 0) ? index : best),
      -1,
    )
    const width = widths[widest]
    if (width === undefined || width <= NARROWEST) return
    widths[widest] = width - 1
    excess -= 1
  }
}

function cutTo(text: string, width: number): string {
  return lengthOf(text) <= width
    ? text
    : `${Array.from(text)
        .slice(0, width - 3)
        .join('')}...`
}

function lengthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : Array.from(text).length
}
