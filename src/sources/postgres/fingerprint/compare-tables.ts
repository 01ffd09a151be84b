import type { Difference } from './difference.ts'
import type { TableFingerprint } from './fingerprint.ts'

/**
 * A table that is not byte for byte the same and may be right all the same: its rows must be read again from the database
 * in the archive's order of columns. `sort`: only the order of rows can differ, so both sides are compared as multisets.
 * `columns`: the new reading may already be what the archive says; if not, it too is compared as a multiset.
 */
export interface SecondLook {
  readonly table: string
  /** In the archive's order. */
  readonly columns: readonly string[]
  readonly rows: number
  readonly how: 'sort' | 'columns'
  /** Of the archive's rows in their order; null where they stand in several blocks. */
  readonly sha256: string | null
}

export interface TablesComparison {
  readonly differences: readonly Difference[]
  readonly secondLooks: readonly SecondLook[]
}

/** Compares the COPY blocks of the archive with those of the database that was loaded from it, table by table. */
export function compareTables(
  archive: readonly TableFingerprint[],
  back: readonly TableFingerprint[],
): TablesComparison {
  const expected = byName(archive)
  const found = byName(back)
  const results = [...expected].map(([name, blocks]) => compareTable(name, blocks, found.get(name)))
  const extra = [...found]
    .filter(([name]) => !expected.has(name))
    .map(([name, blocks]) => unexpectedTable(name, blocks))
  return {
    differences: [...results.filter(isDifference), ...extra],
    secondLooks: results.filter(isSecondLook),
  }
}

/** One table's blocks taken together. */
interface Table {
  readonly rows: number
  readonly columns: readonly string[]
  /** Null for several blocks: nothing is known of all their bytes together. */
  readonly sha256: string | null
  /** Every block has the same columns in the same order. */
  readonly isUniform: boolean
}

function compareTable(name: string, blocks: Blocks, foundBlocks: Blocks | undefined): Difference | SecondLook | null {
  if (foundBlocks !== undefined && areSameBlocks(blocks, foundBlocks)) return null
  const expected = tableOf(blocks)
  if (foundBlocks === undefined) return difference(name, 'missing', expected, null)
  const found = tableOf(foundBlocks)
  if (expected.rows !== found.rows) return difference(name, 'rows', expected, found)
  if (!haveSameColumns(expected, found)) return difference(name, 'columns', expected, found)
  const isSameOrder = expected.columns.join('\n') === found.columns.join('\n')
  const how = isSameOrder ? 'sort' : 'columns'
  return { table: name, columns: expected.columns, rows: expected.rows, how, sha256: expected.sha256 }
}

type Blocks = readonly [TableFingerprint, ...TableFingerprint[]]

function tableOf(blocks: Blocks): Table {
  const [first, ...more] = blocks
  return {
    rows: blocks.reduce((sum, block) => sum + block.rows, 0),
    columns: first.columns,
    sha256: more.length === 0 ? first.sha256 : null,
    isUniform: more.every(block => block.columns.join('\n') === first.columns.join('\n')),
  }
}

/** The same set; blocks of one table with different columns can't be read again as one. */
function haveSameColumns(expected: Table, found: Table): boolean {
  const sorted = (table: Table): string => [...table.columns].sort().join('\n')
  return expected.isUniform && found.isUniform && sorted(expected) === sorted(found)
}

function areSameBlocks(left: Blocks, right: Blocks): boolean {
  return left.length === right.length && left.every((block, index) => isSameBlock(block, right[index]))
}

function isSameBlock(left: TableFingerprint, right: TableFingerprint | undefined): boolean {
  const isSameOrder = left.columns.join('\n') === right?.columns.join('\n')
  return isSameOrder && left.sha256 === right?.sha256 && left.rows === right.rows
}

type TableProblem = Extract<Difference, { what: 'table' }>['problem']

function difference(name: string, problem: TableProblem, expected: Table, found: Table | null): Difference {
  return { what: 'table', name, problem, expectedRows: expected.rows, foundRows: found?.rows ?? null }
}

function unexpectedTable(name: string, blocks: Blocks): Difference {
  const { rows } = tableOf(blocks)
  return { what: 'table', name, problem: 'unexpected', expectedRows: null, foundRows: rows }
}

function byName(tables: readonly TableFingerprint[]): ReadonlyMap<string, Blocks> {
  const map = new Map<string, [TableFingerprint, ...TableFingerprint[]]>()
  for (const table of tables) {
    const blocks = map.get(table.name)
    if (blocks === undefined) map.set(table.name, [table])
    else blocks.push(table)
  }
  return map
}

function isDifference(result: Difference | SecondLook | null): result is Difference {
  return result !== null && 'what' in result
}

function isSecondLook(result: Difference | SecondLook | null): result is SecondLook {
  return result !== null && 'how' in result
}
