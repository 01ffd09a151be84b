import { formatAge, formatBytes, formatChange, formatLocalTime } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import { type Column, formatTable } from '../../terminal/table.ts'
import { verdictText } from '../../terminal/verdict-text.ts'
import type { ListedArchive, ListedDatabase, ListedVerdict, Listing } from './listing.ts'
import { keptText, leftoversText, notLookedIntoText, orphansText, volumeText } from './volume-text.ts'

export interface ListingTextOptions {
  readonly timeZone: string
  /** Columns of the terminal; null where nothing limits a line. */
  readonly width: number | null
}

const DATABASE_COLUMNS: readonly Column[] = [
  { title: 'DATABASE', cut: true },
  { title: 'SIZE NOW', align: 'right' },
  { title: 'LAST BACKUP' },
  { title: 'AGE', align: 'right' },
  { title: 'BACKUP', align: 'right' },
  { title: 'CHANGE', align: 'right' },
  { title: 'KEPT', align: 'right' },
  { title: 'VERIFIED' },
]

const ARCHIVE_COLUMNS: readonly Column[] = [
  { title: 'TIER' },
  { title: 'TAKEN' },
  { title: 'SIZE', align: 'right' },
  { title: 'VERIFIED' },
  { title: 'FILE' },
]

/** What `-l --all` prints for a person: the databases, their archives, what belongs to none of them, and the volume. */
export function listingText(listing: Listing, options: ListingTextOptions): readonly string[] {
  return paragraphs([
    databasesText(listing.databases, options),
    ...listing.databases
      .filter(database => database.archives.length > 0)
      .map(database => archivesText(database, options)),
    keptText(listing.databases, options),
    orphansText(listing, options),
    leftoversText(listing.leftovers),
    notLookedIntoText(listing.notLookedInto),
    listing.warnings.map(text => `warning    ${text}`),
    [volumeText(listing)],
  ])
}

function databasesText(databases: readonly ListedDatabase[], options: ListingTextOptions): readonly string[] {
  if (databases.length === 0) return ['No configured database to show.']
  const rows = databases.map(database => databaseRow(database, options))
  return formatTable(DATABASE_COLUMNS, rows, options)
}

function databaseRow(database: ListedDatabase, { timeZone }: ListingTextOptions): string[] {
  const { last, databaseBytes } = database
  return [
    database.database,
    databaseBytes === null ? 'unknown' : formatBytes(databaseBytes),
    last === null ? 'none' : formatLocalTime(new Date(last.takenAt), timeZone),
    last === null ? '' : formatAge(last.ageSeconds * 1000),
    last === null ? '' : formatBytes(last.bytes),
    last === null ? '' : formatChange(last.bytes, database.previousBytes),
    String(database.kept),
    verifiedText(database, timeZone),
  ]
}

/** Behind a verdict that is no proof, when one of the others was proved. */
function verifiedText({ verdict, provedAt }: ListedDatabase, timeZone: string): string {
  if (verdict === null) return 'never verified'
  const older =
    verdict.verdict === 'proved' || provedAt === null ? '' : `, an older one proved on ${dayOf(provedAt, timeZone)}`
  return verdictOnDay(verdict, timeZone) + older
}

/** The archives of one database under its name. File names are never cut: they are there to be copied. */
export function archivesText(database: ListedDatabase, options: { readonly timeZone: string }): readonly string[] {
  const rows = database.archives.map(archive => archiveRow(archive, options))
  return [database.database, ...formatTable(ARCHIVE_COLUMNS, rows, { width: null, indent: '  ' })]
}

function archiveRow(archive: ListedArchive, { timeZone }: { readonly timeZone: string }): string[] {
  const label = archive.label === null ? '' : `  "${archive.label}"`
  const notes = archive.notes.length === 0 ? '' : `  (${archive.notes.join('; ')})`
  return [
    archive.tier ?? '-',
    formatLocalTime(new Date(archive.takenAt), timeZone),
    formatBytes(archive.bytes),
    archive.verdict === null ? '-' : verdictOnDay(archive.verdict, timeZone),
    archive.path + label + notes,
  ]
}

/** `FAILED on 2026-11-20`. */
export function verdictOnDay({ verdict, at }: ListedVerdict, timeZone: string): string {
  return `${verdictText(verdict)} on ${dayOf(at, timeZone)}`
}

function dayOf(instant: string, timeZone: string): string {
  return formatLocalTime(new Date(instant), timeZone).slice(0, 10)
}
