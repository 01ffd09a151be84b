import { formatLocalTime } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import { type Column, formatTable } from '../../terminal/table.ts'
import type { ChangesReport } from './changes-report.ts'
import type { TableChange } from './compare-snapshots.ts'

interface TextOptions {
  readonly timeZone: string
}

const ARCHIVE_COLUMNS: readonly Column[] = [
  { title: 'TAKEN' },
  { title: 'ROWS', align: 'right' },
  { title: 'TABLES', align: 'right' },
  { title: 'CHANGED', align: 'right' },
]

const POINT_COLUMNS: readonly Column[] = [
  { title: 'TAKEN' },
  { title: 'ROWS', align: 'right' },
  { title: 'WHAT' },
  { title: 'FILE' },
]

/** Of one archive so many tables are named; `--json` has all. */
const MOST_NAMED = 8

/** What `--changes` prints for a person: archive after archive, or the line of one table; then what is lost, and where it is whole. */
export function changesText(report: ChangesReport, options: TextOptions): readonly string[] {
  const { line } = report
  return paragraphs([
    [line === null ? report.database : `${report.database}, table ${line.table}`],
    line === null ? archivesText(report, options) : pointsText(line.points, options),
    lostText(report, options),
    report.leftOut.map(({ archive, reason }) => `left out   ${archive}: ${reason}`),
  ])
}

function archivesText({ archives }: ChangesReport, { timeZone }: TextOptions): readonly string[] {
  const rows = archives.map(({ takenAt, rows: count, tables, changes }, index) => [
    formatLocalTime(new Date(takenAt), timeZone),
    String(count),
    String(tables),
    index === 0 ? '-' : String(changes.length),
  ])
  const [titles = '', ...lines] = formatTable(ARCHIVE_COLUMNS, rows, { width: null, indent: '  ' })
  return [titles, ...lines.flatMap((text, index) => [text, ...namedText(archives[index]?.changes ?? [])])]
}

function namedText(changes: readonly TableChange[]): readonly string[] {
  const named = changes.filter(({ kind }) => kind !== 'changed')
  const more = named.length - MOST_NAMED
  const texts = named.slice(0, MOST_NAMED).map(change => `    ${change.table} ${changeText(change)}`)
  return more > 0 ? [...texts, `    and ${more} more tables that came, went or shrank`] : texts
}

function changeText({ kind, from, before, rows }: TableChange): string {
  switch (kind) {
    case 'came':
      return `came, with ${rowsText(rows)}`
    case 'gone':
      return `is gone, with ${rowsText(before)}`
    case 'renamed':
      return `was ${from} before`
    case 'emptied':
      return `was emptied of ${rowsText(before)}`
    case 'shrank':
      return `shrank from ${before} to ${rowsText(rows)}`
    case 'changed':
      return 'changed'
  }
}

function pointsText(
  points: NonNullable<ChangesReport['line']>['points'],
  { timeZone }: TextOptions,
): readonly string[] {
  const rows = points.map(({ takenAt, archive, rows: count, change, otherName }) => [
    formatLocalTime(new Date(takenAt), timeZone),
    count === null ? '-' : String(count),
    otherName === null ? change : `renamed ${count === null ? 'to' : 'from'} ${otherName}`,
    archive,
  ])
  return formatTable(POINT_COLUMNS, rows, { width: null, indent: '  ' })
}

function lostText({ lost, line }: ChangesReport, options: TextOptions): readonly string[] {
  const at = (time: string): string => formatLocalTime(new Date(time), options.timeZone).slice(0, 16)
  if (lost.length === 0) {
    const which = line === null ? 'No table has' : 'It has not'
    return [`${which} more than a tenth fewer rows in the newest of these archives than in any other.`]
  }
  return [
    'Not what it was:',
    ...lost.flatMap(({ table, state, rows, before, since, wholeIn, command }) => [
      `  ${table} ${state === 'shrank' ? `has ${rowsText(rows)}` : `is ${state}`}, since ${at(since.takenAt)}; the archive of ${at(wholeIn.takenAt)} has ${rowsText(before)}:`,
      `    ${command}`,
    ]),
    'Each command restores that archive into a database of its own, beside the live one.',
  ]
}

function rowsText(count: number | null): string {
  return count === 1 ? '1 row' : `${count ?? 0} rows`
}
