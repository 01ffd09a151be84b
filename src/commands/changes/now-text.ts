import { formatAge, formatLocalTime } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import { type Column, formatTable } from '../../terminal/table.ts'
import type { NowReport } from './compare-with-now.ts'
import type { TableDifference } from './live-difference.ts'

const COLUMNS: readonly Column[] = [
  { title: 'TABLE' },
  { title: 'IN THE ARCHIVE', align: 'right' },
  { title: 'NOW', align: 'right' },
  { title: 'DIFFERENCE', align: 'right' },
]

/** What `--changes --live` prints for a person. */
export function nowText(report: NowReport, { timeZone }: { readonly timeZone: string }): readonly string[] {
  const { database, archive, takenAt, ageSeconds, different, same, notCounted } = report
  const tables = same === 1 ? '1 table has' : `${same} tables have`
  return paragraphs([
    [
      `${database} now, beside its archive of ${formatLocalTime(new Date(takenAt), timeZone)}, ${formatAge(ageSeconds * 1000)} ago`,
      `  ${archive}`,
    ],
    different.length === 0 ? [] : differenceTable(different),
    [
      `${tables} as many rows as in the archive, which need not be the same rows.`,
      ...(notCounted === 0
        ? []
        : [`~ is the server's guess: ${notCounted} were not counted for lack of time or rights.`]),
    ],
  ])
}

/** Tables with the rows that an archive has of them, and those that are there now. */
export function differenceTable(different: readonly TableDifference[]): readonly string[] {
  return formatTable(COLUMNS, different.map(rowOf), { width: null, indent: '  ' })
}

function rowOf({ table, inArchive, now, isEstimate }: TableDifference): readonly string[] {
  const about = isEstimate ? '~' : ''
  return [
    table,
    inArchive === null ? '-' : String(inArchive),
    now === null ? 'gone' : now === 'unknown' ? 'unknown' : `${about}${now}`,
    differenceText(inArchive, now, about),
  ]
}

function differenceText(inArchive: number | null, now: TableDifference['now'], about: string): string {
  if (now === 'unknown') return ''
  if (inArchive === null) return 'new'
  const difference = (now ?? 0) - inArchive
  return `${about}${difference > 0 ? '+' : ''}${difference}`
}
