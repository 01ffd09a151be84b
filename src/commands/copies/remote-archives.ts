import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { newestFirst } from '../../catalog/latest.ts'
import { nameTimeResolver } from '../../catalog/naming/archive-time.ts'
import { classifyFile, manifestName } from '../../catalog/naming/names.ts'
import type { Destination, RemoteFile } from '../../destinations/destination.ts'

/** What of ours lies at a destination. */
export interface RemoteArchives {
  /** Newest first, by the times in their names; `folder` is the destination's name, and there is nothing at `path` yet. */
  readonly entries: readonly ArchiveEntry[]
  /** The sizes of the manifests that lie beside archives, by the name of the archive. */
  readonly manifestBytes: ReadonlyMap<string, number>
  /** Names of half-sent files. */
  readonly partial: readonly string[]
}

/** Lists the archives at a destination. Other files are passed over. Rejects as `Destination.list` does. */
export async function listRemoteArchives(
  destination: Destination,
  timeZone: string,
  signal: AbortSignal,
): Promise<RemoteArchives> {
  const files = await destination.list(signal)
  const sizes = new Map(files.filter(({ state }) => state === 'published').map(({ name, bytes }) => [name, bytes]))
  const timeOf = nameTimeResolver(timeZone)
  const entries = files.flatMap(file => entryOf(file, destination.name, timeOf))
  return {
    entries: entries.toSorted(newestFirst),
    manifestBytes: new Map(
      entries.flatMap(({ name }) => {
        const bytes = sizes.get(manifestName(name))
        return bytes === undefined ? [] : [[name, bytes]]
      }),
    ),
    partial: files.filter(({ state }) => state === 'partial').map(({ name }) => name),
  }
}

function entryOf(
  { name, bytes, state }: RemoteFile,
  destination: string,
  timeOf: ReturnType<typeof nameTimeResolver>,
): readonly ArchiveEntry[] {
  const file = classifyFile(name)
  if (file?.kind !== 'archive' || state !== 'published') return []
  const at = { path: `${destination}/${name}`, folder: destination, name, stem: file.parsed.stem, tier: null }
  return [{ ...at, takenAt: timeOf(file.parsed), bytes, modifiedMs: 0, manifest: null, manifestProblem: null }]
}
