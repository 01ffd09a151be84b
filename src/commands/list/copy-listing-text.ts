import type { DestinationName } from '../../config/destination-settings.ts'
import { formatAge, formatBytes, formatLocalTime } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import { formatTable } from '../../terminal/table.ts'
import type { ListedVerdict } from './listing.ts'
import { verdictOnDay } from './listing-text.ts'

/** What a destination holds; `--json` prints it as it is. Times are ISO 8601 in UTC, those of archives by their names. */
export interface CopyListing {
  readonly from: DestinationName
  readonly place: string
  /** The database of the newest archive first. */
  readonly databases: readonly ListedCopies[]
  /** Names of uploads that did not come to their end. */
  readonly partial: readonly string[]
}

export interface ListedCopies {
  readonly stem: string
  /** As the newest manifest names it; null where none was read. */
  readonly database: string | null
  /** When the newest archive was last proved. */
  readonly newestProvedAt: string | null
  /** The verdict that stands for the newest archive; null if there is none, or nobody has read it. */
  readonly newestVerdict: ListedVerdict | null
  /** Newest first. An archive without a manifest is one of the bash tool, or its upload did not come to its end. */
  readonly archives: readonly {
    readonly name: string
    readonly takenAt: string
    readonly bytes: number
    readonly hasManifest: boolean
  }[]
}

interface TextOptions {
  readonly timeZone: string
  readonly now: Date
}

/** What `-l --from` prints for a person. */
export function copyListingText(listing: CopyListing, options: TextOptions): readonly string[] {
  const { databases, partial, place } = listing
  const bytes = databases.flatMap(({ archives }) => archives).reduce((sum, archive) => sum + archive.bytes, 0)
  const half = partial.map(name => `  ${name}`)
  return paragraphs([
    databases.length === 0 ? ['No archives there.'] : summaryTable(databases, options),
    ...databases.map(database => archivesText(database, options)),
    half.length === 0 ? [] : ['Being sent now, or left by a run that died:', ...half],
    [`${place}: the archives take ${formatBytes(bytes)}`],
  ])
}

function summaryTable(databases: readonly ListedCopies[], { timeZone, now }: TextOptions): readonly string[] {
  const rows = databases.map(({ stem, database, archives, newestVerdict }) => {
    const taken = new Date(archives[0]?.takenAt ?? 0)
    return [
      database ?? stem,
      formatLocalTime(taken, timeZone),
      formatAge(now.getTime() - taken.getTime()),
      formatBytes(archives[0]?.bytes ?? 0),
      String(archives.length),
      newestVerdict === null ? '-' : verdictOnDay(newestVerdict, timeZone),
    ]
  })
  return formatTable(
    [
      { title: 'DATABASE' },
      { title: 'LAST BACKUP' },
      { title: 'AGE', align: 'right' },
      { title: 'BACKUP', align: 'right' },
      { title: 'KEPT', align: 'right' },
      { title: 'VERIFIED' },
    ],
    rows,
  )
}

function archivesText({ stem, database, archives }: ListedCopies, { timeZone }: TextOptions): readonly string[] {
  const rows = archives.map(({ name, takenAt, bytes, hasManifest }) => [
    formatLocalTime(new Date(takenAt), timeZone),
    formatBytes(bytes),
    hasManifest ? name : `${name}  (no manifest)`,
  ])
  const columns = [{ title: 'TAKEN' }, { title: 'SIZE', align: 'right' as const }, { title: 'FILE' }]
  return [database ?? stem, ...formatTable(columns, rows, { width: null, indent: '  ' })]
}
