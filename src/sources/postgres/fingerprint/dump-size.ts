import type { Count } from '../../../events.ts'
import type { Fingerprint } from './fingerprint.ts'

/** How many tables a dump has rows of, be they none, and how many rows. */
export interface DumpSize {
  readonly tables: number
  readonly rows: number
}

/** A table in several blocks counts once. */
export function sizeOfDump({ tables }: Pick<Fingerprint, 'tables'>): DumpSize {
  const names = new Set(tables.map(table => table.name))
  return { tables: names.size, rows: tables.reduce((sum, table) => sum + table.rows, 0) }
}

/** The same, as outcomes carry it. */
export function countsOf({ tables, rows }: DumpSize): readonly Count[] {
  return [
    { what: 'tables', count: tables },
    { what: 'rows', count: rows },
  ]
}

/** `2 tables, 9 rows`, and where an archive holds something else, `1 table, 0 rows of 2 and 9`. */
export function sizeText({ tables, rows }: DumpSize, held: DumpSize): string {
  const text = `${tables} ${tables === 1 ? 'table' : 'tables'}, ${rows} ${rows === 1 ? 'row' : 'rows'}`
  return isSameSize({ tables, rows }, held) ? text : `${text} of ${held.tables} and ${held.rows}`
}

export function isSameSize(one: DumpSize, other: DumpSize): boolean {
  return one.tables === other.tables && one.rows === other.rows
}
