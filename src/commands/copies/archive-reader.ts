import { type ArchiveEntry, type Catalog, readCatalog } from '../../catalog/catalog.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { notLookedIntoWarning } from '../../catalog/not-looked-into.ts'
import { pinArchive } from '../../catalog/pins.ts'
import { lookAtManifest } from '../../catalog/update-manifest.ts'
import type { DestinationName } from '../../config/destination-settings.ts'
import { openDestinationNamed } from '../../destinations/destinations.ts'
import type { ArchiveSource } from '../../events.ts'
import { contentProblem } from '../../sources/sources.ts'
import type { Context } from '../context.ts'
import { notRecorded, type Warner } from '../warner.ts'
import { type FetchedCopy, fetchCopy } from './fetch-copy.ts'
import { listRemoteArchives } from './remote-archives.ts'

/** An archive that can be read at `entry.path`, and stays there until it is disposed of. */
export interface OpenedArchive extends AsyncDisposable {
  /** As it was listed, or with the problem of a manifest that turned out not to be usable when all of it was read. */
  readonly entry: ArchiveEntry
  /** Null for an archive of the bash tool, and where its manifest can't be used. */
  readonly manifest: Manifest | null
}

/** What archives there are, and on the volume what may hold more. */
export type ListedArchives = Pick<Catalog, 'entries' | 'notLookedInto'>

/** Where archives are read from: the volume, or the copies at a destination. */
export interface ArchiveReader extends AsyncDisposable {
  readonly from: ArchiveSource
  /** For people: `on the volume`, `at ftp`. */
  readonly place: string
  /** Those of these stems, or of all, newest first. Throws an OperatorError. */
  list(stems: ReadonlySet<string> | null, signal: AbortSignal): Promise<ListedArchives>
  /** Makes one of them readable: pins it on the volume, or fetches it. Throws an OperatorError. */
  open(entry: ArchiveEntry, signal: AbortSignal): Promise<OpenedArchive>
}

type ReaderContext = Pick<Context, 'configuration' | 'clock' | 'env' | 'runId'>

/**
 * `from` null: the volume; `warn` is told when nothing can be written there to say that an archive is being read. Throws an
 * OperatorError of kind `configuration` for a destination that is not set.
 */
export function archiveReader(context: ReaderContext, from: DestinationName | null, warn: Warner): ArchiveReader {
  return from === null ? volumeReader(context, warn) : destinationReader(context, from)
}

function volumeReader({ configuration, runId, clock }: ReaderContext, warn: Warner): ArchiveReader {
  const { backupDir, timeZone } = configuration.settings
  return {
    from: 'volume',
    place: 'on the volume',
    async list(stems) {
      const listed = await readCatalog(backupDir, { timeZone, ...(stems === null ? {} : { stems }) })
      // An archive that is newer than all that are found may lie there.
      const text = notLookedIntoWarning(listed.notLookedInto)
      if (text !== null) warn(text)
      return listed
    },
    async open(entry) {
      const pin = await pinArchive(entry, { backupDir, runId, clock })
      if (pin.problem !== null) warn(notRecorded(PIN, pin.problem), pin.problem)
      const found = await lookAtManifest(entry.path, contentProblem)
      return { ...opened(entry, found), [Symbol.asyncDispose]: () => pin[Symbol.asyncDispose]() }
    },
    async [Symbol.asyncDispose]() {},
  }
}

const PIN = 'that this archive is being read, so that no prune of another pod removes it'

function opened(entry: ArchiveEntry, found: Manifest | string | null): Pick<OpenedArchive, 'entry' | 'manifest'> {
  if (typeof found === 'string') return { entry: { ...entry, manifest: null, manifestProblem: found }, manifest: null }
  if (found === null && entry.manifest !== null)
    return opened(entry, 'it was removed a moment ago; expected a manifest')
  return { entry, manifest: found }
}

function destinationReader(context: ReaderContext, from: DestinationName): ArchiveReader {
  const { settings } = context.configuration
  const destination = openDestinationNamed(from, settings, context)
  return {
    from,
    place: `at ${from}`,
    async list(stems, signal) {
      const { entries } = await listRemoteArchives(destination, settings.timeZone, signal)
      return { entries: stems === null ? entries : entries.filter(({ stem }) => stems.has(stem)), notLookedInto: [] }
    },
    async open(entry, signal) {
      const copy = await fetchCopy({ destination, entry, context }, signal)
      return {
        ...opened(entryOf(entry, copy), copy.manifest),
        [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
      }
    },
    [Symbol.asyncDispose]: () => destination[Symbol.asyncDispose](),
  }
}

/** A listing knows an archive by its name alone. */
function entryOf(listed: ArchiveEntry, { path, bytes, manifest }: FetchedCopy): ArchiveEntry {
  const entry = { ...listed, path, bytes }
  if (manifest === null || typeof manifest === 'string') return entry
  return { ...entry, manifest, takenAt: new Date(manifest.startedAt) }
}
