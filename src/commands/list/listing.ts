import { groupOf, type OrphanGroup, orphanGroups } from '../../catalog/archive-group.ts'
import { type ArchiveEntry, type Catalog, entriesByStem, type Leftover } from '../../catalog/catalog.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import type { Goodness } from '../../catalog/goodness.ts'
import { isFutureDated, latestOf } from '../../catalog/latest.ts'
import { type ManifestHead, provedAt, standingVerdict } from '../../catalog/manifest-head.ts'
import type { Tier } from '../../catalog/naming/archive-folder.ts'
import { isProtected, protectionText } from '../../catalog/retention/protection.ts'
import type { VolumeSpace } from '../../catalog/space.ts'
import { isUsable } from '../../catalog/usable.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import type { ArchiveSource, KeptDatabase } from '../../events.ts'
import type { SourceState } from '../../status/source-state.ts'
import type { SeenKept } from '../last-seen-kept.ts'
import type { SourceStanding } from '../source-standing.ts'
import type { Attention } from './attention.ts'

/** What a verification has said, and when. */
export type ListedVerdict = Pick<ManifestHead['verifications'][number], 'verdict' | 'at'>

/** One archive as `-l` shows it. Times are ISO 8601 in UTC, the path is below the volume. */
export interface ListedArchive {
  readonly path: string
  readonly tier: Tier | null
  readonly takenAt: string
  readonly bytes: number
  readonly goodness: Goodness
  /** When it was last proved; null if never, or if it has failed since. */
  readonly provedAt: string | null
  /** The verdict that stands; null if nobody has tried. */
  readonly verdict: ListedVerdict | null
  /** What somebody has called it; null if nobody did. */
  readonly label: string | null
  /** Until when it was to be kept; null if nobody has asked for it. It may be over. */
  readonly protectedUntil: string | null
  /** What a person should know of this archive; mostly empty. */
  readonly notes: readonly string[]
}

/** One configured database, or one that was asked for and has archives only, as `-l` shows it. */
export interface ListedDatabase {
  readonly database: string
  readonly stem: string
  /** How it stands, by all of its archives, also those that are not shown; `not-listed`: nothing backs it up any more. */
  readonly state: SourceState | 'not-listed'
  /** Since when; null where that says nothing. */
  readonly since: string | null
  /** Why it needs a person, and what to type; null where it does not. */
  readonly need: Attention | null
  /** How old its newest backup may be; null where nothing backs it up. */
  readonly allowedAgeSeconds: number | null
  /** How long its last proof took to load: a restore takes that long at least; null where none was loaded. */
  readonly restoreSeconds: number | null
  /** The size of the database now; null when it could not be had in time. */
  readonly databaseBytes: number | null
  /** The newest archive that can be restored as far as is known, and is not dated in the future. */
  readonly last: { readonly takenAt: string; readonly ageSeconds: number; readonly bytes: number } | null
  /** The size of the archive before the last one. */
  readonly previousBytes: number | null
  readonly kept: number
  /** When one of its archives was last proved. */
  readonly provedAt: string | null
  /** What restores have kept beside it, as its last backup saw it; null where none has looked. */
  readonly keptByRestores: ListedKept | null
  /** That of its newest archive that has one. */
  readonly verdict: ListedVerdict | null
  readonly archives: readonly ListedArchive[]
}

export interface ListedKept {
  readonly seenAt: string
  readonly databases: readonly (KeptDatabase & { readonly ageSeconds: number })[]
}

/** Archives of a database that is not configured. */
export interface ListedOrphan {
  readonly stem: string
  /** Whose they are, where a configured database has files of the same names; else the stem. */
  readonly name: string
  readonly archives: number
  readonly bytes: number
  readonly lastTakenAt: string | null
  /** The newest that is not dated in the future. */
  readonly last: ListedDatabase['last']
}

/** All that `-l` shows, as data; `--json` prints it as it is. */
export interface Listing {
  readonly schemaVersion: 1
  readonly backupDir: string
  /** Problems of the configuration: lines that can't be read may be databases that nothing backs up. */
  readonly configurationProblems: number
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
  /** In the order in which they are shown. */
  readonly databases: readonly {
    readonly named: NamedDatabase
    readonly bytes: number | null
    readonly kept: SeenKept | null
    /** Null for one that is not configured. */
    readonly standing: SourceStanding | null
    readonly need: Attention | null
  }[]
  readonly configurationProblems: number
  /** All configured databases, also those that are not shown; null: archives of others are not asked for. */
  readonly configured: readonly NamedDatabase[] | null
  readonly volume: VolumeSpace
  readonly warnings: readonly string[]
  readonly now: Date
  goodnessOf(entry: ArchiveEntry): Goodness
}

/** Puts together what `-l` shows. */
export function createListing(input: ListingInput): Listing {
  const { catalog, databases } = input
  const byStem = entriesByStem(catalog.entries)
  const inStem = (stem: string): readonly ArchiveEntry[] => byStem.get(stem) ?? []
  return {
    schemaVersion: 1,
    backupDir: catalog.backupDir,
    configurationProblems: input.configurationProblems,
    databases: databases.map(database => {
      const group = groupOf(database.named)
      return listDatabase(database, inStem(group.stem).filter(group.has), input)
    }),
    orphans: (input.configured === null ? [] : orphanGroups(catalog.entries, input.configured)).map(group =>
      listOrphan(group, inStem(group.stem).filter(group.has), input.now),
    ),
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
  const usable = entries.filter(entry =>
    isUsable({ ...entry, goodness: input.goodnessOf(entry), failed: false }, input.now),
  )
  const [last = null, previous] = usable
  const archives = entries.map(entry => listArchive(entry, input))
  return {
    database: database.named.id.name,
    stem: database.named.id.stem,
    state: database.standing?.state ?? 'not-listed',
    since: database.standing?.since?.toISOString() ?? null,
    need: database.need,
    allowedAgeSeconds: database.standing === null ? null : database.standing.allowedAge.ms / 1000,
    restoreSeconds: database.standing?.restoreSeconds ?? null,
    databaseBytes: database.bytes,
    last: last === null ? null : listLast(last, input.now),
    previousBytes: previous?.bytes ?? null,
    kept: entries.length,
    provedAt: newestOf(archives.flatMap(archive => (archive.provedAt === null ? [] : [archive.provedAt]))),
    keptByRestores: database.kept === null ? null : listKept(database.kept, input.now),
    verdict: archives.find(({ verdict }) => verdict !== null)?.verdict ?? null,
    archives,
  }
}

function listLast({ takenAt, bytes }: ArchiveEntry, now: Date): NonNullable<ListedDatabase['last']> {
  return { takenAt: takenAt.toISOString(), ageSeconds: ageOf(takenAt, now), bytes }
}

function listKept({ seenAt, databases }: SeenKept, now: Date): ListedKept {
  return { seenAt, databases: databases.map(each => ({ ...each, ageSeconds: ageOf(new Date(each.since), now) })) }
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
    verdict: entry.manifest === null ? null : listedVerdict(entry.manifest),
    label: entry.manifest?.label ?? null,
    protectedUntil: entry.manifest?.protectedUntil ?? null,
    notes: notesOf(entry, goodness, input.now),
  }
}

/** As it stands for an archive that is read from that place. */
export function listedVerdict({ verifications }: ManifestHead, place: ArchiveSource = 'volume'): ListedVerdict | null {
  const standing = standingVerdict(verifications, place)
  return standing === null ? null : { verdict: standing.verdict, at: standing.at }
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

function listOrphan({ stem, name }: OrphanGroup, entries: readonly ArchiveEntry[], now: Date): ListedOrphan {
  const last = latestOf(entries, now)
  return {
    stem,
    name,
    archives: entries.length,
    bytes: sumOf(entries),
    lastTakenAt: last?.takenAt.toISOString() ?? null,
    last: last === null ? null : listLast(last, now),
  }
}

function ageOf(time: Date, now: Date): number {
  return Math.max(0, Math.round((now.getTime() - time.getTime()) / 1000))
}

function sumOf(entries: readonly ArchiveEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.bytes, 0)
}

function newestOf(instants: readonly string[]): string | null {
  return instants.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null
}
