import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { type Manifest, parseManifest } from '../../catalog/manifest.ts'
import { type ManifestHead, readManifestHead } from '../../catalog/manifest-head.ts'
import { manifestName } from '../../catalog/names.ts'
import type { Destination } from '../../destinations/destination.ts'
import { OperatorError } from '../../errors.ts'
import type { Context } from '../context.ts'
import type { OpenedArchive } from './archive-source.ts'
import { makeCopyFolder } from './copy-folder.ts'

/** 100 000 tables with some twenty columns each; what is longer is no manifest, and would have to be in memory as a whole. */
export const MOST_MANIFEST_BYTES = 64 * 2 ** 20

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
      manifest: manifest?.whole ?? null,
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    }
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

interface FetchedManifest {
  readonly whole: Manifest | null
  /** A text says what is wrong with it. */
  readonly head: ManifestHead | string
}

/** Null where there is none. */
async function fetchManifest(
  { destination, entry, path }: Pick<FetchInput, 'destination' | 'entry'> & { readonly path: string },
  signal: AbortSignal,
): Promise<FetchedManifest | null> {
  const into = manifestName(path)
  try {
    await destination.get({ name: manifestName(entry.name), path: into, mostBytes: MOST_MANIFEST_BYTES }, signal)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    if (error.kind === 'missing') return null
    if (error.kind === 'incomplete') return { whole: null, head: error.message }
    throw error
  }
  const text = await readFile(into, 'utf8')
  const whole = parseManifest(text)
  const head = typeof whole === 'string' ? whole : readManifestHead(text, entry.name)
  return { whole: typeof whole === 'string' || typeof head === 'string' ? null : whole, head }
}

function fetchedEntry(entry: ArchiveEntry, manifest: FetchedManifest | null): ArchiveEntry {
  if (manifest === null) return entry
  const { head } = manifest
  if (typeof head === 'string') return { ...entry, manifestProblem: head }
  return { ...entry, manifest: head, takenAt: new Date(head.startedAt) }
}
