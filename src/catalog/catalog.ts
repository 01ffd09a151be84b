import { lstatSync, type Stats } from 'node:fs'
import { basename, join } from 'node:path'
import { recordedName } from '../config/source-id.ts'
import { codeOf } from '../system/error-code.ts'
import { readPlainFileSync } from '../system/plain-file.ts'
import { MOST_BYTES } from '../system/size-limits.ts'
import { volumeFileWords } from '../volume-error.ts'
import { type DatedFolder, readDatedFolders } from './dated-folders.ts'
import { newestFirst } from './latest.ts'
import { type ManifestHead, readManifestHead } from './manifest-head.ts'
import type { Tier } from './naming/archive-folder.ts'
import { nameTimeResolver } from './naming/archive-time.ts'
import { type ArchiveName, classifyFile, manifestName } from './naming/names.ts'
import type { NotLookedInto } from './not-looked-into.ts'

/** One archive on the volume. */
export interface ArchiveEntry {
  /** Absolute path. */
  readonly path: string
  /** Relative to the volume, such as `daily/2026-11-20`. */
  readonly folder: string
  readonly name: string
  readonly stem: string
  /** Null in the dated folders of the daily strategy. */
  readonly tier: Tier | null
  /** When its backup started: by the manifest, else by the name in the zone of the run; never by the file's mtime. */
  readonly takenAt: Date
  /** The size that the file has now. */
  readonly bytes: number
  /** Milliseconds since the epoch; good for noticing that a file was changed, for nothing else. */
  readonly modifiedMs: number
  /** Null for an archive of the original tool, and where the manifest can't be read. */
  readonly manifest: ManifestHead | null
  /** Why a manifest that is there can't be used, `<found>; expected <what>`; null without one, and where all is well. */
  readonly manifestProblem: string | null
  /** Of one without a usable manifest: the only database, `host[:port]/database`, that others of its stem name, if there is one. */
  readonly likelyOwner?: string
}

/** A file of ours that is no backup: one that was being written, or a manifest whose archive is gone. */
export interface Leftover {
  readonly path: string
  readonly folder: string
  readonly name: string
  readonly stem: string
  readonly kind: 'unfinished' | 'manifest'
}

/** What the volume holds. Entries are ordered from the newest to the oldest. */
export interface Catalog {
  readonly backupDir: string
  readonly entries: readonly ArchiveEntry[]
  readonly leftovers: readonly Leftover[]
  /** Folders, archives and manifests that are links, and files that are none. */
  readonly notLookedInto: readonly NotLookedInto[]
}

export interface CatalogOptions {
  /** IANA name of the zone in which the times of names are local. */
  readonly timeZone: string
  /** Only the files of these stems; without it those of all. */
  readonly stems?: ReadonlySet<string>
}

/**
 * Reads the volume: every file in a tier or date folder whose name is exactly stem, time and extension. Foreign files
 * and other folders are not listed; no symbolic link is followed. Throws an OperatorError of kind `volume`.
 */
export async function readCatalog(backupDir: string, options: CatalogOptions): Promise<Catalog> {
  const { folders, notLookedInto } = await readDatedFolders(backupDir)
  const timeOf = nameTimeResolver(options.timeZone)
  const wanted = (stem: string): boolean => options.stems?.has(stem) ?? true
  const parts = folders.map(folder => readFolder(backupDir, folder, { wanted, timeOf }))
  const entries = withLikelyOwners(parts.flatMap(part => part.entries))
  return {
    backupDir,
    entries: entries.sort(newestFirst),
    leftovers: parts.flatMap(part => part.leftovers),
    notLookedInto: [...notLookedInto, ...parts.flatMap(part => part.notLookedInto)],
  }
}

function withLikelyOwners(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  const named = Map.groupBy(entries, entry => entry.stem)
  const owners = new Map(
    [...named].flatMap(([stem, alike]) => {
      const names = new Set(alike.flatMap(({ manifest }) => manifest?.database ?? []).map(recordedName))
      const [only] = names
      return only !== undefined && names.size === 1 ? [[stem, only] as const] : []
    }),
  )
  return entries.map(entry => {
    const likelyOwner = entry.manifest === null ? owners.get(entry.stem) : undefined
    return likelyOwner === undefined ? entry : { ...entry, likelyOwner }
  })
}

/** The archives by stem, each list in the order of `entries`. */
export function entriesByStem(entries: readonly ArchiveEntry[]): ReadonlyMap<string, readonly ArchiveEntry[]> {
  return Map.groupBy(entries, entry => entry.stem)
}

interface Reading {
  wanted(stem: string): boolean
  timeOf(name: ArchiveName): Date
}

function readFolder(
  backupDir: string,
  { folder, tier, files, others }: DatedFolder,
  reading: Reading,
): Omit<Catalog, 'backupDir'> {
  const present = new Set([...files, ...others.map(({ path }) => basename(path))])
  const entries: ArchiveEntry[] = []
  const leftovers: Leftover[] = []
  for (const name of files) {
    // Most files are manifests that lie beside their archive, which is looked at under its own name.
    if (name.endsWith('.json') && present.has(name.slice(0, -'.json'.length))) continue
    const file = classifyFile(name)
    if (file === null || !reading.wanted(file.parsed.stem)) continue
    const { parsed } = file
    const at = { path: join(backupDir, folder, name), folder, name, stem: parsed.stem }
    if (file.kind === 'unfinished') leftovers.push({ ...at, kind: 'unfinished' })
    else if (file.kind === 'archive')
      entries.push(...readArchive({ ...at, tier }, present, () => reading.timeOf(parsed)))
    else leftovers.push({ ...at, kind: 'manifest' })
  }
  const notLookedInto = others.filter(({ path }) => {
    const stem = classifyFile(basename(path))?.parsed.stem
    return stem !== undefined && reading.wanted(stem)
  })
  return { entries, leftovers, notLookedInto }
}

type Place = Pick<ArchiveEntry, 'path' | 'folder' | 'name' | 'stem' | 'tier'>

/** No entry for a file that is gone, or no longer a plain file, since its folder was read. */
function readArchive(place: Place, present: ReadonlySet<string>, nameTime: () => Date): ArchiveEntry[] {
  const stat: Stats | undefined = lstatSync(place.path, { throwIfNoEntry: false })
  if (!stat?.isFile()) return []
  const head = present.has(manifestName(place.name)) ? readHead(place) : null
  const manifest = typeof head === 'string' ? null : head
  const takenAt = manifest === null ? nameTime() : new Date(manifest.startedAt)
  const manifestProblem = typeof head === 'string' ? head : null
  return [{ ...place, takenAt, bytes: stat.size, modifiedMs: stat.mtimeMs, manifest, manifestProblem }]
}

function readHead(place: Place): ManifestHead | string | null {
  try {
    // One small read after the other: on a local disk ten thousand of them cost less than as many promises.
    const bytes = readPlainFileSync(manifestName(place.path), { mostBytes: MOST_BYTES.manifest, links: 'refuse' })
    return readManifestHead(bytes.toString('utf8'), place.name)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : volumeFileWords(error)
  }
}
