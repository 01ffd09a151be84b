import type { ArchiveEntry } from '../../catalog/catalog.ts'
import type { CopyRetention } from '../../config/read-destination.ts'
import { recordedName } from '../../config/source-id.ts'
import type { Destination } from '../../destinations/destination.ts'
import type { BackupEvent, CopyOutcome, DestinationOutcome } from '../../events.ts'
import type { Context } from '../context.ts'
import { type Attempts, createAttempts } from './attempts.ts'
import { configuredArchives, missingCopies, outdatedCopies } from './earlier-copies.ts'
import { removeCopies } from './remove-copies.ts'
import { recordMissingCopy, sendCopy, sendManifest } from './send-copy.ts'

/** What earlier runs left behind takes no more of one run than this, and the transfer that is under way then. */
const EARLIER_MS = 60 * 60_000

/** An archive that is to be copied. */
export interface ArchiveToCopy {
  /** For people. */
  readonly database: string
  readonly entry: Pick<ArchiveEntry, 'path' | 'folder' | 'name' | 'stem'>
  readonly bytes: number
}

/** One destination during one run. One thing after the other, so that there is never a second connection. None of it rejects. */
export interface CopyLane extends AsyncDisposable {
  /** Sends an archive of this run. */
  copy(archive: ArchiveToCopy, signal: AbortSignal): Promise<CopyOutcome>
  /** Call when every archive of this run was sent: sends those that earlier runs could not, newest first. */
  catchUp(signal: AbortSignal): Promise<void>
  /** At the end: sends manifests that have changed, and removes the copies of archives that retention has removed. */
  finish(signal: AbortSignal): Promise<DestinationOutcome>
}

export interface LaneInput {
  readonly destination: Destination
  readonly retention: CopyRetention
  readonly context: Pick<Context, 'configuration' | 'clock' | 'runId' | 'log'>
  report(event: BackupEvent): void
}

/** What a lane knows. */
interface Lane extends LaneInput {
  readonly attempts: Attempts
  /** Paths of the archives that this run has sent, or could not. */
  readonly tried: Set<string>
  /** Stems of which this run has made an archive and sent it: not of those that were only made up for. */
  readonly copiedStems: Set<string>
}

export function createCopyLane(input: LaneInput): CopyLane {
  const { destination, context } = input
  const attempts = createAttempts(destination, context.log)
  const lane: Lane = { ...input, attempts, tried: new Set(), copiedStems: new Set() }
  let turn: Promise<unknown> = Promise.resolve()
  let caughtUp = 0
  return {
    copy(archive, signal) {
      const mine = turn.then(() => copyFresh(lane, archive, signal))
      turn = mine
      return mine
    },
    async catchUp(signal) {
      await attempts.attempt(async () => {
        caughtUp = await catchUp(lane, signal)
      }, signal)
    },
    async finish(signal) {
      await attempts.attempt(() => refresh(lane, signal), signal)
      // A volume that can't be read is a failure of the step before already.
      const entries = await configuredArchives(context).catch(() => [])
      const missing = missingCopies(entries, destination.name).length
      const removed = await follow(lane, entries, signal)
      const { name, place } = destination
      return { destination: name, place, caughtUp, missing, removed, failure: attempts.failure() }
    },
    [Symbol.asyncDispose]: () => destination[Symbol.asyncDispose](),
  }
}

async function copyFresh(lane: Lane, archive: ArchiveToCopy, signal: AbortSignal): Promise<CopyOutcome> {
  const outcome = await copy(lane, archive, signal)
  if (outcome.state === 'done') lane.copiedStems.add(archive.entry.stem)
  return outcome
}

async function copy(lane: Lane, archive: ArchiveToCopy, signal: AbortSignal): Promise<CopyOutcome> {
  const { destination, context, attempts, report } = lane
  const { database, entry, bytes } = archive
  const { clock } = context
  const startedMs = clock.monotonicMs()
  const seconds = (): number => Math.round(clock.monotonicMs() - startedMs) / 1000
  const onProgress = (sent: number): void =>
    report({
      type: 'copy-progress',
      ...{ database, destination: destination.name, bytes: sent, totalBytes: bytes, seconds: seconds() },
    })
  const task = { entry, destination, context }
  lane.tried.add(entry.path)
  const end = await attempts.attempt(() => sendCopy(task, onProgress, signal), signal)
  // Where it can't be written down, `waiting` stands there, and that is enough for the next run.
  if (end.state === 'failed') await recordMissingCopy(task, 'failed', signal).catch(() => {})
  const outcome: CopyOutcome = { destination: destination.name, seconds: seconds(), ...end }
  report({ type: 'copy-finished', database, archive: entry.name, bytes, outcome })
  return outcome
}

/** How many it sent. */
async function catchUp(lane: Lane, signal: AbortSignal): Promise<number> {
  const { destination, context, attempts, tried } = lane
  const deadline = context.clock.monotonicMs() + EARLIER_MS
  let sent = 0
  const missing = missingCopies(await configuredArchives(context), destination.name)
  for (const entry of missing.filter(({ path }) => !tried.has(path))) {
    if (attempts.isStopped() || signal.aborted || context.clock.monotonicMs() >= deadline) break
    const outcome = await copy(lane, { database: databaseOf(entry), entry, bytes: entry.bytes }, signal)
    if (outcome.state === 'done') sent += 1
  }
  return sent
}

async function refresh({ destination, context, attempts }: Lane, signal: AbortSignal): Promise<void> {
  for (const entry of outdatedCopies(await configuredArchives(context), destination.name)) {
    await attempts.attempt(() => sendManifest({ entry, destination, context }, signal), signal)
  }
}

/** The names of what it removed. */
async function follow(
  { destination, retention, context, attempts, copiedStems }: Lane,
  entries: readonly ArchiveEntry[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { backupDir } = context.configuration.settings
  const removed: string[] = []
  const onRemoved = (name: string): void => void removed.push(name)
  const input = { backupDir, destination, retention, entries, stems: copiedStems, onRemoved }
  await attempts.attempt(() => removeCopies(input, signal), signal)
  return removed
}

function databaseOf({ manifest, stem }: ArchiveEntry): string {
  return manifest?.database === undefined ? stem : recordedName(manifest.database)
}
