import type { NamedDatabase } from '../../config/source-id.ts'
import { quoteWord } from '../../terminal/quote-word.ts'
import type { TableChange } from './compare-snapshots.ts'
import type { LeftOut } from './read-snapshots.ts'
import type { HistoryStep, LostTable, SnapshotName } from './table-history.ts'
import type { TablePoint } from './table-line.ts'

/** What `--changes --json` prints. Times are ISO 8601 in UTC, archives are paths below the volume, from the oldest on. */
export interface ChangesReport {
  readonly schemaVersion: 1
  /** `host[:port]/database`. */
  readonly database: string
  readonly archives: readonly {
    readonly archive: string
    readonly takenAt: string
    readonly tables: number
    readonly rows: number
    readonly changes: readonly TableChange[]
  }[]
  readonly lost: readonly {
    readonly table: string
    /** How it is now. */
    readonly state: 'gone' | 'emptied' | 'shrank'
    readonly rows: number | null
    readonly before: number
    readonly since: ReportedName
    readonly wholeIn: ReportedName
    /** What restores that archive into a database of its own, beside the live one. */
    readonly command: string
  }[]
  readonly leftOut: readonly LeftOut[]
  /** With `--table`. */
  readonly line: {
    readonly table: string
    readonly points: readonly (Omit<TablePoint, 'takenAt'> & ReportedName)[]
  } | null
}

interface ReportedName {
  readonly archive: string
  readonly takenAt: string
}

interface Found {
  readonly database: NamedDatabase
  /** The names, `host[:port]/database`, of all that are configured or have archives. */
  readonly taken: ReadonlySet<string>
  readonly steps: readonly HistoryStep[]
  readonly lost: readonly LostTable[]
  readonly leftOut: readonly LeftOut[]
  readonly line: { readonly table: string; readonly points: readonly TablePoint[] } | null
}

/** Puts together what was found; of the losses those of the one table where only that was asked for. */
export function changesReport(found: Found): ChangesReport {
  const { database, steps, lost, leftOut, line } = found
  return {
    schemaVersion: 1,
    database: database.id.name,
    archives: steps.map(step => ({ ...step, ...reported(step) })),
    lost: lost
      .filter(({ table }) => line === null || line.table === table)
      .map(each => ({
        table: each.table,
        state: each.rows === null ? 'gone' : each.rows === 0 ? 'emptied' : 'shrank',
        rows: each.rows,
        before: each.before,
        since: reported(each.since),
        wholeIn: reported(each.wholeIn),
        command: commandFor(found, each.wholeIn),
      })),
    leftOut,
    line: line === null ? null : { ...line, points: line.points.map(point => ({ ...point, ...reported(point) })) },
  }
}

function reported({ archive, takenAt }: SnapshotName): ReportedName {
  return { archive, takenAt: takenAt.toISOString() }
}

/** PostgreSQL cuts the names of databases after so many bytes. */
const LONGEST_NAME_BYTES = 63

/** Into a database of its own: the live one has rows that this archive has not. Nothing known has that name. */
function commandFor({ database: { id, database }, taken }: Found, { archive, takenAt }: SnapshotName): string {
  const named = /_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(?=\.)/.exec(archive)?.[0]
  const time = (named ?? `_${takenAt.toISOString().slice(0, 19).replace('T', '_')}`).replaceAll(/[-:]/g, '')
  const host = id.name.slice(0, id.name.length - database.length)
  const fits = Buffer.byteLength(database + time) <= LONGEST_NAME_BYTES - 3
  const target = host + (fits ? database : 'restored') + time
  const numbers = [...taken].map((_, index) => `_${index + 2}`)
  const free = ['', ...numbers].map(number => target + number).find(name => !taken.has(name)) ?? target
  return ['backup', '-r', free, '--of', id.name, '-f', archive].map(quoteWord).join(' ')
}
