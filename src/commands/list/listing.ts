import { type ArchiveEntry, type Catalog, entriesByStem, type Leftover, orphanStems } from '../../catalog/catalog.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import type { Goodness } from '../../catalog/goodness.ts'
import { isFutureDated, latestOf } from '../../catalog/latest.ts'
import { provedAt } from '../../catalog/manifest-head.ts'
import type { Tier } from '../../catalog/naming/archive-folder.ts'
import { isProtected, protectionText } from '../../catalog/retention/protection.ts'
import type { VolumeSpace } from '../../catalog/space.ts'
import { isUsable } from '../../catalog/usable.ts'

/** One archive as `-l` shows it. Times are ISO 8601 in UTC, the path is below the volume. */
export interface ListedArchive {
  readonly path: string
  readonly tier: Tier | null
  readonly takenAt: string
  readonly bytes: number
  readonly goodness: Goodness
  /** When it was last proved; null if never, or if it has failed since. */
  readonly provedAt: string | null
  /** What somebody has called it; null if nobody did. */
  readonly label: string | null
  /** Until when it was to be kept; null if nobody has asked for it. It may be over. */
  readonly protectedUntil: string | null
  /** What a person should know of this archive; mostly empty. */
  readonly notes: readonly string[]
}

/** One configured database as `-l` shows it. */
export interface ListedDatabase {
  readonly database: string
  readonly stem: string
  /** The size of the database now; null when it could not be had in time. */
  readonly databaseBytes: number | null
  /** The newest archive that can be restored as far as is known, and is not dated in the future. */
  readonly last: { readonly takenAt: string; readonly ageSeconds: number; readonly bytes: number } | null
  /** The size of the archive before the last one. */
  readonly previousBytes: number | null
  readonly kept: number
  /** When one of its archives was last proved. */
  readonly provedAt: string | null
  readonly archives: readonly ListedArchive[]
}

/** Archives of a database that is not configured. */
export interface ListedOrphan {
  readonly stem: string
  readonly archives: number
  readonly bytes: number
  readonly lastTakenAt: string | null
}

/** All that `-l` shows, as data; `--json` prints it as it is. */
export interface Listing {
  readonly backupDir: string
  readonly databases: readonly ListedDatabase[]
  readonly orphans: readonly ListedOrphan[]
  readonly leftovers: readonly string[]
  /** What bears a name of ours and is no folder, or no plain file. */
  readonly notLookedInto: Catalog['notLookedInto']
  /** What could not be read of what earlier runs found out. */
  readonly warnings: readonly string[]
  readonly volume: VolumeSpace & { readonly archiveBytes: number }
}

export interface ListingInput {
  readonly catalog: Catalog
  /** In the order of the configuration. */
  readonly databases: readonly { readonly name: string; readonly stem: string; readonly bytes: number | null }[]
  readonly volume: VolumeSpace
  readonly warnings: readonly string[]
  readonly now: Date
  goodnessOf(entry: ArchiveEntry): Goodness
}

/** Puts together what `-l` shows. */
export function createListing(input: ListingInput): Listing {
  const { catalog, databases } = input
  const byStem = entriesByStem(catalog.entries)
  const orphans = orphanStems(catalog.entries, new Set(databases.map(database => database.stem)))
  return {
    backupDir: catalog.backupDir,
    databases: databases.map(database => listDatabase(database, byStem.get(database.stem) ?? [], input)),
    orphans: orphans.map(stem => listOrphan(stem, byStem.get(stem) ?? [], input.now)),
    leftovers: catalog.leftovers.map((leftover: Leftover) => pathBelowVolume(leftover)),
    notLookedInto: catalog.notLookedInto,
    warnings: input.warnings,
    volume: { ...input.volume, archiveBytes: sumOf(catalog.entries) },
  }
}

function listDatabase(
  database: ListingInput['databases'][number],
  entries: readonly ArchiveEntry[],
  input: ListingInput,
): ListedDatabase {
  const usable = entries.filter(entry => isUsable({ ...entry, goodness: input.goodnessOf(entry) }, input.now))
  const [last = null, previous] = usable
  const archives = entries.map(entry => listArchive(entry, input))
  return {
    database: database.name,
    stem: database.stem,
    databaseBytes: database.bytes,
    last:
      last === null
        ? null
        : { takenAt: last.takenAt.toISOString(), ageSeconds: ageOf(last, input.now), bytes: last.bytes },
    previousBytes: previous?.bytes ?? null,
    kept: entries.length,
    provedAt: newestOf(archives.flatMap(archive => (archive.provedAt === null ? [] : [archive.provedAt]))),
    archives,
  }
}

function listArchive(entry: ArchiveEntry, input: ListingInput): ListedArchive {
  const goodness = input.goodnessOf(entry)
  return {
    path: pathBelowVolume(entry),
    tier: entry.tier,
    takenAt: entry.takenAt.toISOString(),
    bytes: entry.bytes,
    goodness,
    provedAt: entry.manifest === null ? null : provedAt(entry.manifest),
    label: entry.manifest?.label ?? null,
    protectedUntil: entry.manifest?.protectedUntil ?? null,
    notes: notesOf(entry, goodness, input.now),
  }
}

function notesOf(entry: ArchiveEntry, goodness: Goodness, now: Date): string[] {
  const notes: string[] = []
  const protection = { protectedUntil: entry.manifest?.protectedUntil ?? null }
  if (isProtected(protection, now)) notes.push(protectionText(protection))
  if (goodness === 'bad') notes.push('not a whole backup')
  if (isFutureDated(entry, now)) notes.push('dated in the future')
  if (entry.manifestProblem !== null) notes.push(`its manifest cannot be used: ${entry.manifestProblem}`)
  else if (entry.manifest === null) notes.push('no manifest')
  const uncopied = entry.manifest?.copies.filter(({ state }) => state !== 'done') ?? []
  if (uncopied.length > 0) notes.push(`not copied to ${uncopied.map(({ destination }) => destination).join(' and ')}`)
  const omitted = entry.manifest?.omitted.length ?? 0
  if (omitted > 0) notes.push(`without ${omitted} ${omitted === 1 ? 'object' : 'objects'}`)
  return notes
}

function listOrphan(stem: string, entries: readonly ArchiveEntry[], now: Date): ListedOrphan {
  const last = latestOf(entries, now)
  return { stem, archives: entries.length, bytes: sumOf(entries), lastTakenAt: last?.takenAt.toISOString() ?? null }
}

function ageOf(entry: ArchiveEntry, now: Date): number {
  return Math.max(0, Math.round((now.getTime() - entry.takenAt.getTime()) / 1000))
}

function sumOf(entries: readonly ArchiveEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.bytes, 0)
}

function newestOf(instants: readonly string[]): string | null {
  return instants.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null
}
