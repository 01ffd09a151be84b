import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ArchiveEntry, entriesByStem } from '../../catalog/catalog.ts'
import { namedArchives } from '../../catalog/filter.ts'
import { type ManifestHead, readManifestHead } from '../../catalog/manifest-head.ts'
import { manifestName } from '../../catalog/naming/names.ts'
import type { DestinationName } from '../../config/destination-settings.ts'
import { recordedName } from '../../config/source-id.ts'
import type { Destination } from '../../destinations/destination.ts'
import { openDestinationNamed } from '../../destinations/destinations.ts'
import { OperatorError } from '../../errors.ts'
import type { ExitCode } from '../../exit-codes.ts'
import { ignoringFault } from '../../system/file-fault.ts'
import { readPlainFile } from '../../system/plain-file.ts'
import { MOST_BYTES } from '../../system/size-limits.ts'
import type { Context } from '../context.ts'
import { listRemoteArchives, type RemoteArchives } from '../copies/remote-archives.ts'
import { type CopyListing, copyListingText, type ListedCopies } from './copy-listing-text.ts'
import { listedVerdict } from './listing.ts'

/** Of so many databases the newest manifest is fetched and read; a listing must not take minutes. */
const MOST_MANIFESTS = 25

export interface ListCopiesOptions {
  readonly from: DestinationName
  /** Shows only the archives that it names; null for all. */
  readonly filter: string | null
  readonly json: boolean
}

type ListContext = Pick<Context, 'configuration' | 'clock' | 'env' | 'screen'>

/**
 * `-l --from`: what lies at a destination, of every database, whether it is configured or not. The volume is not touched,
 * so that it works when that is lost. Throws an OperatorError when the destination can't be listed, of kind
 * `usage` when the filter names nothing there.
 */
export async function listCopies(
  context: ListContext,
  { from, filter, json }: ListCopiesOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { configuration, screen } = context
  const { timeZone } = configuration.settings
  await using destination = openDestinationNamed(from, configuration.settings, context)
  const there = await listRemoteArchives(destination, timeZone, signal)
  const entries = filter === null ? there.entries : namedArchives(there.entries, { filter, backupDir: '/' })
  const heads = await newestManifests(destination, { ...there, entries }, signal)
  const databases = [...entriesByStem(entries)].map(([stem, archives]) =>
    listed({ ...there, from, stem, archives, head: heads.get(stem) ?? null }),
  )
  const partial = filter === null ? there.partial : []
  const listing: CopyListing = { from, place: destination.place, databases, partial }
  if (json) screen.printJson(listing)
  else screen.print(copyListingText(listing, { timeZone, now: context.clock.now() }))
  return 0
}

interface Stem {
  readonly from: DestinationName
  readonly stem: string
  readonly archives: readonly ArchiveEntry[]
  readonly manifestBytes: RemoteArchives['manifestBytes']
  /** Of the newest archive. */
  readonly head: ManifestHead | null
}

function listed({ stem, archives, manifestBytes, head, from }: Stem): ListedCopies {
  const newestVerdict = head === null ? null : listedVerdict(head, from)
  return {
    stem,
    database: head?.database === undefined ? null : recordedName(head.database),
    newestProvedAt: newestVerdict?.verdict === 'proved' ? newestVerdict.at : null,
    newestVerdict,
    archives: archives.map(({ name, takenAt, bytes }) => {
      return { name, takenAt: takenAt.toISOString(), bytes, hasManifest: manifestBytes.has(name) }
    }),
  }
}

/** The heads of the manifests of the newest archives, by stem; one that can't be read is left out. */
async function newestManifests(
  destination: Destination,
  { entries, manifestBytes }: Pick<RemoteArchives, 'entries' | 'manifestBytes'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ManifestHead>> {
  const newest = [...entriesByStem(entries).values()].flatMap(([first]) => first ?? [])
  const heads = new Map<string, ManifestHead>()
  const folder = await mkdtemp(join(tmpdir(), 'backup-list-'))
  try {
    const readable = newest.filter(
      ({ name }) => (manifestBytes.get(name) ?? Number.POSITIVE_INFINITY) <= MOST_BYTES.manifest,
    )
    for (const { name, stem } of readable.slice(0, MOST_MANIFESTS)) {
      const head = await readHead({ destination, name, folder }, signal)
      if (head !== null) heads.set(stem, head)
    }
    return heads
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Null for one that is gone by now, or is no manifest of that archive. */
async function readHead(
  { destination, name, folder }: { readonly destination: Destination; readonly name: string; readonly folder: string },
  signal: AbortSignal,
): Promise<ManifestHead | null> {
  const path = join(folder, manifestName(name))
  try {
    await destination.get({ name: manifestName(name), path, mostBytes: MOST_BYTES.manifest }, signal)
  } catch (error) {
    if (error instanceof OperatorError && /^(missing|incomplete)$/.test(error.kind)) return null
    throw error
  }
  const bytes = await readPlainFile(path, { mostBytes: MOST_BYTES.manifest, links: 'refuse' }).catch(ignoringFault)
  const head = bytes === undefined ? 'too large' : readManifestHead(bytes.toString('utf8'), name)
  return typeof head === 'string' ? null : head
}
