import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { type CopyRecord, type CopyRecordState, copyAt, revisionOf, withCopy } from '../../catalog/copies.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { manifestName } from '../../catalog/naming/names.ts'
import { pinArchive } from '../../catalog/pins.ts'
import { readManifest, updateManifest } from '../../catalog/update-manifest.ts'
import { manifestText } from '../../catalog/write-manifest.ts'
import type { Destination } from '../../destinations/destination.ts'
import { contentProblem } from '../../sources/sources.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { Context } from '../context.ts'

/** One archive on its way to one destination. */
export interface CopyTask {
  readonly entry: Pick<ArchiveEntry, 'path' | 'folder' | 'name' | 'stem'>
  readonly destination: Destination
  readonly context: Pick<Context, 'configuration' | 'clock' | 'runId'>
}

/** What it takes to write down what is known of a copy. */
export type RecordTask = Omit<CopyTask, 'destination'> & { readonly destination: Pick<Destination, 'name'> }

/**
 * Sends an archive, pinned meanwhile, and then its manifest, which is what says that the copy is whole; and records that
 * it is there. No lock of the database is held. Rejects with an OperatorError or the signal's reason; the record then is
 * what it was.
 */
export async function sendCopy(
  task: CopyTask,
  onProgress: (bytes: number, totalBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { entry, destination, context } = task
  const { backupDir } = context.configuration.settings
  await using _pin = await pinArchive(entry, { backupDir, runId: context.runId, clock: context.clock })
  const { sha256, storedBytes: bytes, copies } = await readManifest(entry.path, contentProblem)
  // What is there has the size, and perhaps the recorded hash, of the archive: it would be taken for it again.
  if (copyAt({ copies }, destination.name)?.state === 'damaged') await destination.remove(entry.name, signal)
  const source = { path: entry.path, bytes, sha256 }
  await destination.put({ name: entry.name, source, onProgress: sent => onProgress(sent, bytes) }, signal)
  await sendManifest(task, signal)
}

/** Sends the manifest of an archive that is there, as it is now, and records which revision that was. */
export async function sendManifest(task: CopyTask, signal: AbortSignal): Promise<void> {
  const { entry, destination } = task
  const current = await readManifest(entry.path, contentProblem)
  const manifest = withDoneCopy(current, task)
  const source = { content: Buffer.from(manifestText(manifest)) }
  await destination.put({ name: manifestName(entry.name), source }, signal)
  const record = copyAt(manifest, destination.name)
  if (record !== undefined) await recordCopy(task, record, signal)
}

/** Records what is known of a copy that is not there; nothing is written where that is known already. */
export async function recordMissingCopy(
  task: RecordTask,
  state: Exclude<CopyRecordState, 'done'>,
  signal: AbortSignal,
): Promise<void> {
  const manifest = await readManifest(task.entry.path, contentProblem)
  if (copyAt(manifest, task.destination.name)?.state === state) return
  await recordCopy(task, recordOf(manifest, task, state), signal)
}

function withDoneCopy(current: Manifest, task: CopyTask): Manifest {
  const before = copyAt(current, task.destination.name)
  // A manifest that is sent anew does not change when the archive was.
  const record = before?.state === 'done' ? before : recordOf(current, task, 'done')
  const manifest = withCopy(current, record)
  return withCopy(manifest, { ...record, revision: revisionOf(manifest) })
}

function recordOf(manifest: Manifest, { entry, destination, context }: RecordTask, state: CopyRecordState): CopyRecord {
  const at = isoWithOffset(context.clock.now(), context.configuration.settings.timeZone)
  return { destination: destination.name, state, at, name: entry.name, bytes: manifest.storedBytes }
}

async function recordCopy({ entry, context }: RecordTask, record: CopyRecord, signal: AbortSignal): Promise<void> {
  const { configuration, runId, clock } = context
  const { backupDir } = configuration.settings
  await updateManifest(
    { backupDir, entry, runId, clock, contentProblem },
    manifest => withCopy(manifest, record),
    signal,
  )
}
