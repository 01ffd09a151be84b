import type { CountedTable } from '../../sources/counted-table.ts'

/** What one archive holds, by its manifest. */
export interface Snapshot {
  /** Path below the volume. */
  readonly archive: string
  readonly takenAt: Date
  readonly tables: ReadonlyMap<string, CountedTable>
}

/** What became of one table from one archive to the next. */
export interface TableChange {
  /** `shrank`: rows are left, and more than a tenth of them went; `changed`: anything else that is not the same. */
  readonly kind: 'came' | 'gone' | 'renamed' | 'emptied' | 'shrank' | 'changed'
  /** The name in the later archive; of one that is gone that in the earlier one. */
  readonly table: string
  /** The name before, of one that was renamed. */
  readonly from: string | null
  /** Rows in the earlier archive; null where the table was not there. */
  readonly before: number | null
  /** Rows in the later one. */
  readonly rows: number | null
}

/** What is left of a table is as good as whole down to this share of its rows. */
const WHOLE_SHARE = 0.9

/** Whether so many rows are no more than a tenth fewer than before. */
export function isWhole(rows: number, before: number): boolean {
  return rows >= before * WHOLE_SHARE
}

/** What differs from one archive to the next, in alphabetical order. One that is gone, while another came with the same columns and rows, was renamed. */
export function compareSnapshots(earlier: Snapshot, later: Snapshot): readonly TableChange[] {
  const gone = [...earlier.tables.values()].filter(({ name }) => !later.tables.has(name))
  const came = [...later.tables.values()].filter(({ name }) => !earlier.tables.has(name))
  const renamed = renamesAmong(gone, came)
  const oldNames = new Set(renamed.map(({ from }) => from))
  const newNames = new Set(renamed.map(({ table }) => table))
  return [
    ...renamed,
    ...gone.filter(({ name }) => !oldNames.has(name)).map(({ name, rows }) => change('gone', name, rows, null)),
    ...came.filter(({ name }) => !newNames.has(name)).map(({ name, rows }) => change('came', name, null, rows)),
    ...[...later.tables.values()].flatMap(table => changeOf(earlier.tables.get(table.name), table)),
  ].toSorted((one, other) => (one.table < other.table ? -1 : 1))
}

/** Empty tables are alike too easily, and where two fit nobody knows which it was. */
function renamesAmong(gone: readonly CountedTable[], came: readonly CountedTable[]): readonly TableChange[] {
  const alike = Map.groupBy(
    came.filter(({ rows }) => rows > 0),
    content,
  )
  const before = Map.groupBy(gone, content)
  return [...alike].flatMap(([key, [table, ...others]]) => {
    const [from, ...more] = before.get(key) ?? []
    if (table === undefined || from === undefined || others.length + more.length > 0) return []
    return { ...change('renamed', table.name, from.rows, table.rows), from: from.name }
  })
}

function content({ columns, rows, digest }: CountedTable): string {
  return JSON.stringify([columns, rows, digest])
}

function changeOf(earlier: CountedTable | undefined, later: CountedTable): readonly TableChange[] {
  if (earlier === undefined || content(earlier) === content(later)) return []
  return [change(kindOf(earlier.rows, later.rows), later.name, earlier.rows, later.rows)]
}

function kindOf(before: number, rows: number): TableChange['kind'] {
  if (isWhole(rows, before)) return 'changed'
  return rows === 0 ? 'emptied' : 'shrank'
}

function change(kind: TableChange['kind'], table: string, before: number | null, rows: number | null): TableChange {
  return { kind, table, from: null, before, rows }
}
