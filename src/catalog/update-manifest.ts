import { lstat } from 'node:fs/promises'
import { basename } from 'node:path'
import { OperatorError } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import { codeOf } from '../system/error-code.ts'
import { readPlainFile } from '../system/plain-file.ts'
import { MOST_BYTES } from '../system/size-limits.ts'
import { volumeFileWords } from '../volume-error.ts'
import type { ArchiveEntry } from './catalog.ts'
import { acquireLock } from './locks.ts'
import { type Manifest, parseManifest } from './manifest.ts'
import { otherArchiveText } from './manifest-rules.ts'
import { manifestName } from './naming/names.ts'
import { writeManifest } from './write-manifest.ts'

/** Others hold the lock of a manifest for as long as it takes to write one. */
const WAIT_MS = 30_000
/** A backup that starts sweeps unfinished files of its database, ours among them: then it is written once more. */
const TRIES = 3

/** What is wrong with what a manifest says of its archive's content, which only its kind knows; null where it can be used. */
export type ContentProblem = (manifest: Manifest) => Promise<string | null>

interface AddInput {
  readonly backupDir: string
  readonly entry: Pick<ArchiveEntry, 'path' | 'stem'>
  readonly runId: string
  readonly clock: Clock
}

export interface UpdateInput extends AddInput {
  readonly contentProblem: ContentProblem
}

/**
 * Reads, changes and writes the manifest of an archive under a short lock of its own, so that two writers never lose one
 * another's change and nobody waits for a backup of the same database. Fields that this version does not know are kept.
 * Throws an OperatorError: `volume` or `space`, also when archive or manifest is gone or can't be used, or `locked`.
 */
export async function updateManifest(
  input: UpdateInput,
  change: (manifest: Manifest) => Manifest,
  signal: AbortSignal,
): Promise<Manifest> {
  await using lock = await lockManifest(input, signal)
  const changed = change(await readManifest(input.entry.path, input.contentProblem))
  await lock.check()
  await replaceManifest(input.entry.path, changed)
  return changed
}

/**
 * Writes the first manifest of an archive that has none, under the same lock. False, and nothing is written, if it has
 * one by now.
 */
export async function addManifest(input: AddInput, manifest: Manifest, signal: AbortSignal): Promise<boolean> {
  await using lock = await lockManifest(input, signal)
  if (await exists(manifestName(input.entry.path))) return false
  await lock.check()
  await replaceManifest(input.entry.path, manifest)
  return true
}

/** The manifest beside an archive. Throws an OperatorError of kind `volume` unless it can be used. */
export async function readManifest(archivePath: string, contentProblem: ContentProblem): Promise<Manifest> {
  const manifest = await lookAtManifest(archivePath, contentProblem)
  if (manifest !== null && typeof manifest !== 'string') return manifest
  throw new OperatorError(
    'volume',
    `${manifestName(archivePath)}: ${manifest ?? 'it does not exist; expected a manifest'}`,
  )
}

/**
 * The manifest beside an archive as it lies in the file system, whatever is there: null where there is none, a text where
 * one is there that can't be used. Never rejects.
 */
export async function lookAtManifest(
  archivePath: string,
  contentProblem: ContentProblem,
): Promise<Manifest | string | null> {
  const path = manifestName(archivePath)
  try {
    const bytes = await readPlainFile(path, { mostBytes: MOST_BYTES.manifest, links: 'refuse' })
    const manifest = parseManifest(bytes.toString('utf8'))
    if (typeof manifest === 'string') return manifest
    const problem = await contentProblem(manifest)
    if (problem !== null) return problem
    if (manifest.archive === basename(archivePath)) return manifest
    return otherArchiveText(manifest.archive, basename(archivePath))
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : volumeFileWords(error)
  }
}

/** A stem never holds a `~`, so this is never the lock of another database. */
export function manifestLockStem(stem: string): string {
  return `${stem}~manifest`
}

function lockManifest({ backupDir, entry, runId, clock }: AddInput, signal: AbortSignal): Promise<AsyncLock> {
  return acquireLock({ backupDir, stem: manifestLockStem(entry.stem), runId, waitMs: WAIT_MS, clock }, signal)
}

type AsyncLock = Awaited<ReturnType<typeof acquireLock>>

async function replaceManifest(archivePath: string, manifest: Manifest): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    if (!(await exists(archivePath))) {
      throw new OperatorError('volume', `${archivePath}: it is gone; expected the archive of the manifest`)
    }
    try {
      return await writeManifest(manifestName(archivePath), manifest)
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}
