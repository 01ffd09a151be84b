import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { manifestName } from '../../catalog/naming/names.ts'
import { lookAtManifest } from '../../catalog/update-manifest.ts'
import type { Destination } from '../../destinations/destination.ts'
import { OperatorError } from '../../errors.ts'
import { MOST_BYTES } from '../../system/size-limits.ts'
import type { Context } from '../context.ts'
import type { OpenedArchive } from './archive-source.ts'
import { makeCopyFolder } from './copy-folder.ts'

export interface FetchInput {
  readonly destination: Destination
  /** As `listRemoteArchives` gives it. */
  readonly entry: ArchiveEntry
  readonly context: Pick<Context, 'configuration' | 'clock' | 'runId'>
}

/**
 * Brings a copy and its manifest into a private folder in VERIFICATION_DIR, from which they go when it is disposed of.
 * Whether what came is the archive, its reader finds out by the manifest, as with one on the volume. Rejects with an
 * OperatorError or the signal's reason; nothing is left then.
 */
export async function fetchCopy(
  { destination, entry, context }: FetchInput,
  signal: AbortSignal,
): Promise<OpenedArchive> {
  const { runId, clock } = context
  const parent = context.configuration.settings.verificationDir
  const folder = await makeCopyFolder({ parent, bytes: entry.bytes, runId, clock })
  try {
    const path = join(folder.path, entry.name)
    const manifest = await fetchManifest({ destination, entry, path }, signal)
    await destination.get({ name: entry.name, path, mostBytes: entry.bytes }, signal)
    const fetched = fetchedEntry({ ...entry, path, bytes: (await stat(path)).size }, manifest)
    return {
      entry: fetched,
      manifest: typeof manifest === 'string' ? null : manifest,
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    }
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

/** Null where there is none; a text where it can't be used. */
async function fetchManifest(
  { destination, entry, path }: Pick<FetchInput, 'destination' | 'entry'> & { readonly path: string },
  signal: AbortSignal,
): Promise<Manifest | string | null> {
  try {
    const name = manifestName(entry.name)
    await destination.get({ name, path: manifestName(path), mostBytes: MOST_BYTES.manifest }, signal)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    if (error.kind === 'missing') return null
    if (error.kind === 'incomplete') return error.message
    throw error
  }
  return await lookAtManifest(path)
}

function fetchedEntry(entry: ArchiveEntry, manifest: Manifest | string | null): ArchiveEntry {
  if (manifest === null) return entry
  if (typeof manifest === 'string') return { ...entry, manifestProblem: manifest }
  return { ...entry, manifest, takenAt: new Date(manifest.startedAt) }
}
