import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { manifestName } from '../../catalog/naming/names.ts'
import { lookAtManifest } from '../../catalog/update-manifest.ts'
import type { Destination } from '../../destinations/destination.ts'
import { OperatorError } from '../../errors.ts'
import { contentProblem } from '../../sources/sources.ts'
import { MOST_BYTES } from '../../system/size-limits.ts'
import type { Context } from '../context.ts'
import { makeCopyFolder } from './copy-folder.ts'

export interface FetchInput {
  readonly destination: Destination
  /** As `listRemoteArchives` gives it. */
  readonly entry: ArchiveEntry
  readonly context: Pick<Context, 'configuration' | 'clock' | 'runId'>
}

/** A copy that lies here until it is disposed of. */
export interface FetchedCopy extends AsyncDisposable {
  readonly path: string
  readonly bytes: number
  /** Null where there is none; a text where it can't be used. */
  readonly manifest: Manifest | string | null
}

/**
 * Brings a copy and its manifest into a private folder in VERIFICATION_DIR, from which they go when it is disposed of.
 * Whether what came is the archive, its reader finds out by the manifest, as with one on the volume. Rejects with an
 * OperatorError or the signal's reason; nothing is left then.
 */
export async function fetchCopy(
  { destination, entry, context }: FetchInput,
  signal: AbortSignal,
): Promise<FetchedCopy> {
  const { runId, clock } = context
  const parent = context.configuration.settings.verificationDir
  const folder = await makeCopyFolder({ parent, bytes: entry.bytes, runId, clock })
  try {
    const path = join(folder.path, entry.name)
    const manifest = await fetchManifest({ destination, entry, path }, signal)
    await destination.get({ name: entry.name, path, mostBytes: entry.bytes }, signal)
    const { size: bytes } = await stat(path)
    return { path, bytes, manifest, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

async function fetchManifest(
  { destination, entry, path }: Pick<FetchInput, 'destination' | 'entry'> & { readonly path: string },
  signal: AbortSignal,
): Promise<FetchedCopy['manifest']> {
  try {
    const name = manifestName(entry.name)
    await destination.get({ name, path: manifestName(path), mostBytes: MOST_BYTES.manifest }, signal)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    if (error.kind === 'missing') return null
    if (error.kind === 'incomplete') return error.message
    throw error
  }
  return await lookAtManifest(path, contentProblem)
}
