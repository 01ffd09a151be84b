import type { Settings } from '../../config/settings.ts'
import { type DestinationOptions, openDestination } from '../../destinations/destinations.ts'
import { failureOf } from '../../errors.ts'
import type { BackupEvent, CopyOutcome, DestinationOutcome } from '../../events.ts'
import type { Context } from '../context.ts'
import { type ArchiveToCopy, type CopyLane, createCopyLane } from './copy-lane.ts'

/** What became of all copies of a run. */
export interface FinishedCopies {
  /** By the path of the archive; one outcome for each destination. */
  readonly outcomes: ReadonlyMap<string, readonly CopyOutcome[]>
  readonly destinations: readonly DestinationOutcome[]
}

/** The copies of one backup run. Nobody waits for them before the end: not the next dump, and not the lock of a database. */
export interface CopyRun extends AsyncDisposable {
  /** Sends an archive of this run to every destination, in the background. */
  send(archive: ArchiveToCopy): void
  /**
   * Waits for these, then makes up for what earlier runs left behind. Never rejects; after an abort it only counts what
   * is missing.
   */
  finish(signal: AbortSignal): Promise<FinishedCopies>
}

/** Connects to nothing before there is something to send. Copies stop when the signal is aborted. */
export function createCopyRun(context: Context, report: (event: BackupEvent) => void, signal: AbortSignal): CopyRun {
  const lanes = lanesOf(context, report)
  const sent = new Map<string, Promise<readonly CopyOutcome[]>>()
  return {
    send(archive) {
      sent.set(archive.entry.path, Promise.all(lanes.map(lane => lane.copy(archive, signal))))
    },
    async finish(stop) {
      const outcomes = new Map<string, readonly CopyOutcome[]>()
      for (const [path, copies] of sent) outcomes.set(path, await copies)
      await Promise.all(lanes.map(lane => lane.catchUp(stop)))
      // Only now, since a manifest also says where the other copies are.
      const destinations = await Promise.all(lanes.map(lane => lane.finish(stop)))
      for (const outcome of destinations) report({ type: 'destination-finished', outcome })
      return { outcomes, destinations }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(lanes.map(lane => lane[Symbol.asyncDispose]()))
    },
  }
}

function lanesOf(context: Context, report: (event: BackupEvent) => void): readonly CopyLane[] {
  return context.configuration.settings.destinations.map(settings => {
    const { name, retention } = settings
    const onRetry: DestinationOptions['onRetry'] = ({ error, waitMs }) =>
      report({ type: 'copy-retried', destination: name, failure: failureOf(error), waitSeconds: waitMs / 1000 })
    const destination = openDestination(settings, { clock: context.clock, env: context.env, onRetry })
    return createCopyLane({ destination, retention, context, report })
  })
}

/** What is said of the copies of an archive before any of them was tried. */
export function waitingOutcomes({ destinations }: Pick<Settings, 'destinations'>): readonly CopyOutcome[] {
  return destinations.map(({ name }) => ({ destination: name, state: 'waiting', seconds: 0, failure: null }))
}
