import { formatAge, formatBytes, formatChange, formatLocalTime, formatPercentage } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import { type Column, formatTable } from '../../terminal/table.ts'
import { verdictText } from '../../terminal/verdict-text.ts'
import type { ListedArchive, ListedDatabase, ListedOrphan, ListedVerdict, Listing } from './listing.ts'

export interface ListingTextOptions {
  readonly timeZone: string
  /** Columns of the terminal; null where nothing limits a line. */
  readonly width: number | null
  /** Whether lines of the configuration could not be read, so that a database may be missing in it by mistake. */
  readonly configurationHasProblems: boolean
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

/** What `-l` prints for a person: the databases, their archives, what belongs to none of them, and the volume. */
export function listingText(listing: Listing, options: ListingTextOptions): readonly string[] {
  return paragraphs([
    databasesText(listing.databases, options),
    ...listing.databases
      .filter(database => database.archives.length > 0)
      .map(database => archivesText(database, options)),
    keptText(listing.databases, options),
    orphansText(listing.orphans, options),
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

/** File names are never cut: they are there to be copied. */
function archivesText(database: ListedDatabase, options: ListingTextOptions): readonly string[] {
  const rows = database.archives.map(archive => archiveRow(archive, options))
  return [database.database, ...formatTable(ARCHIVE_COLUMNS, rows, { width: null, indent: '  ' })]
}

function archiveRow(archive: ListedArchive, { timeZone }: ListingTextOptions): string[] {
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

const KEPT_COLUMNS: readonly Column[] = [
  { title: 'DATABASE' },
  { title: 'SIZE', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'SEEN' },
  { title: 'TO DROP IT' },
]

/** Statements are never cut, as file names are not. */
function keptText(databases: readonly ListedDatabase[], { timeZone }: ListingTextOptions): readonly string[] {
  const rows = databases.flatMap(({ database, keptByRestores }) =>
    (keptByRestores?.databases ?? []).map(({ bytes, ageSeconds, dropWith }) => [
      database,
      bytes === null ? 'unknown' : formatBytes(bytes),
      formatAge(ageSeconds * 1000),
      formatLocalTime(new Date(keptByRestores?.seenAt ?? ''), timeZone),
      dropWith,
    ]),
  )
  if (rows.length === 0) return []
  return [
    'What was live before a restore, and is kept on its server, as the last backup saw it:',
    ...formatTable(KEPT_COLUMNS, rows, { width: null, indent: '  ' }),
  ]
}

function orphansText(orphans: readonly ListedOrphan[], options: ListingTextOptions): readonly string[] {
  if (orphans.length === 0) return []
  const rows = orphans.map(orphan => [
    orphan.name,
    String(orphan.archives),
    formatBytes(orphan.bytes),
    orphan.lastTakenAt === null ? '' : formatLocalTime(new Date(orphan.lastTakenAt), options.timeZone),
    orphan.name === orphan.stem ? `backup -p -f ${orphan.stem}` : 'backup -p -f FILE for each',
  ])
  const columns: Column[] = [
    { title: 'NAME' },
    { title: 'ARCHIVES', align: 'right' },
    { title: 'SIZE', align: 'right' },
    { title: 'LAST BACKUP' },
    { title: 'TO REMOVE THEM' },
  ]
  const doubt = options.configurationHasProblems ? ['  Some may be missing there by mistake: see backup -c first.'] : []
  const table = formatTable(columns, rows, { width: null, indent: '  ' })
  return [
    'Archives of databases that are not configured; nothing removes them (the last good one goes only with --force):',
    ...doubt,
    ...table,
  ]
}

function leftoversText(leftovers: readonly string[]): readonly string[] {
  if (leftovers.length === 0) return []
  const lines = leftovers.map(path => `  ${path}`)
  return ['Being written now, or left by a run that died (the next backup of that database removes those):', ...lines]
}

function notLookedIntoText(found: Listing['notLookedInto']): readonly string[] {
  if (found.length === 0) return []
  return [
    'Not looked into, since no link inside the volume is followed (mount what it leads to in its place, or move the files):',
    ...found.map(each => `  ${each.path}: ${each.found}`),
  ]
}

function volumeText({ backupDir, volume }: Listing): string {
  const used = volume.totalBytes - volume.freeBytes
  const share = volume.totalBytes === 0 ? '' : ` (${formatPercentage(used / volume.totalBytes)})`
  const size = `${formatBytes(used)} of ${formatBytes(volume.totalBytes)} used${share}, ${formatBytes(volume.freeBytes)} free`
  return `${backupDir}: ${size}; the archives take ${formatBytes(volume.archiveBytes)}`
}

/** `FAILED on 2026-11-20`. */
export function verdictOnDay({ verdict, at }: ListedVerdict, timeZone: string): string {
  return `${verdictText(verdict)} on ${dayOf(at, timeZone)}`
}

function dayOf(instant: string, timeZone: string): string {
  return formatLocalTime(new Date(instant), timeZone).slice(0, 10)
}
