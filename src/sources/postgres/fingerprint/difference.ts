import type { Remark } from '../../../events.ts'

/** One thing in which what came back is not what the archive says. Names are as the dump writes them; nothing is row data. */
export type Difference =
  | {
      readonly what: 'table'
      readonly name: string
      readonly problem: 'missing' | 'unexpected' | 'rows' | 'columns' | 'data'
      /** Null where that side has no such table. */
      readonly expectedRows: number | null
      readonly foundRows: number | null
    }
  | {
      readonly what: 'statement' | 'sequence' | 'large object'
      readonly kind: string
      readonly name: string
      readonly problem: ItemProblem
    }
  /** A fingerprint says that some differ, not which. */
  | {
      readonly what: 'statements' | 'sequences' | 'large objects'
      readonly expected: number
      readonly found: number
    }

/** `missing`: the archive has it and the database has not; `unexpected`: the other way round. */
export type ItemProblem = 'missing' | 'unexpected' | 'changed'

/** A difference in words that may leave the pod. */
export function remarkOfDifference(difference: Difference): Remark {
  switch (difference.what) {
    case 'table':
      return { kind: 'table', name: difference.name, sqlstate: null, text: tableText(difference) }
    case 'statement':
      return { kind: 'statement', name: nameOf(difference), sqlstate: null, text: itemText(difference) }
    case 'sequence':
    case 'large object':
      return { kind: difference.what, name: difference.name, sqlstate: null, text: itemText(difference) }
    case 'statements':
    case 'sequences':
    case 'large objects':
      return { kind: difference.what, name: null, sqlstate: null, text: countText(difference) }
  }
}

type TableDifference = Extract<Difference, { what: 'table' }>
type ItemDifference = Extract<Difference, { problem: ItemProblem }>
type CountDifference = Extract<Difference, { expected: number }>

function tableText(difference: TableDifference): string {
  const rows = `${rowsText(difference.foundRows)}; expected ${rowsText(difference.expectedRows)}`
  switch (difference.problem) {
    case 'missing':
    case 'unexpected':
    case 'rows':
      return rows
    case 'columns':
      return `other columns than expected (${rows})`
    case 'data':
      return `other data than expected (${rows})`
  }
}

function rowsText(rows: number | null): string {
  if (rows === null) return 'no such table'
  return rows === 1 ? '1 row' : `${rows} rows`
}

function nameOf({ kind, name }: ItemDifference): string {
  return name === '' ? kind : `${kind} ${name}`
}

function itemText(difference: ItemDifference): string {
  const what = difference.what === 'sequence' ? 'the value' : 'it'
  switch (difference.problem) {
    case 'missing':
      return `${what} is in the archive and did not come back`
    case 'unexpected':
      return `${what} came back and is not in the archive`
    case 'changed':
      return `${what} came back as another one than the archive says`
  }
}

function countText({ what, expected, found }: CountDifference): string {
  return expected === found
    ? `${found} ${what}, but not the ones that are expected`
    : `${found} ${what}; expected ${expected}`
}
