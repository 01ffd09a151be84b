import { availableParallelism } from 'node:os'
import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { Remark } from '../../../events.ts'
import type { Clock } from '../../../system/clock.ts'
import type { ConnectOptions } from '../connection/connection.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { DumpInventory, type InventoryResult } from '../fingerprint/inventory.ts'
import type { KnownItems } from '../fingerprint/known-items.ts'
import { type LoadReport, loadDump } from '../load/load-dump.ts'
import type { DispatchOptions, LoadStep } from '../load/statement-dispatcher.ts'
import type { DumpSession } from './expectation.ts'

/**
 * One archive on its way into a database and back. A proof goes this way on a scratch server, a restore beside the live
 * database; what differs between the two is data here.
 */
export interface RoundTrip
  extends Pick<DispatchOptions, 'missingRoles' | 'superuserObjects' | 'isTrusted' | 'searchPath'> {
  readonly content: ArchiveContent
  readonly expected: DumpSession
  /** Of every inventory that is taken on the way: all of them are compared. */
  readonly known: KnownItems
  /** Go on behind statements that the server refuses, and list them. */
  readonly ignoreErrors: boolean
  readonly clock: Clock
  /** What pg_dump says while it dumps what was loaded. */
  onStderr(line: string): void
  /** How many bytes of the dump have passed in this step. */
  onStep(step: LoadStep | 'comparing', bytes: number): void
  /** One more database like the first, for the archive's statements alone. */
  makeAgain(signal: AbortSignal): Promise<LoadableDatabase>
}

/** An empty database and who loads it. Disposing of it drops both, unless somebody has kept it. */
export interface LoadableDatabase extends AsyncDisposable {
  readonly name: string
  /** Whose session makes what the loader may not. */
  readonly admin: DatabaseTarget
  readonly loader: DatabaseTarget
  /** Of the sessions that load. */
  readonly connect: ConnectOptions
  /** It is loaded: it goes to whom it shall belong. Returns what could not be given. */
  handOver(signal: AbortSignal): Promise<readonly Remark[]>
}

/** More sessions than this gain nothing: they build indexes on the same disk. */
const MOST_JOBS = 4

/** What is loaded, and whom it concerns. */
export interface ArchiveLoad {
  readonly database: Pick<LoadableDatabase, 'admin' | 'loader' | 'connect'>
  readonly data: 'with-rows' | 'statements-only'
  /** Gather the planner's statistics. */
  readonly analyze?: boolean
  /** Called once, when all rows, indexes, keys and unique constraints are in place, with how much was read until then. */
  readonly afterIndexes?: (bytes: number) => void
}

/** What was loaded, as data, and the inventory of the text that it was loaded from. */
export interface LoadedArchive {
  readonly report: LoadReport
  readonly inventory: InventoryResult
}

/**
 * Loads the dump of an archive into an empty database, and takes its inventory from the same bytes. Rejects at the first
 * error, or with `ignoreErrors` only for one that ends everything.
 */
export async function loadArchive(
  trip: Omit<RoundTrip, 'makeAgain' | 'onStderr'>,
  { database, data, analyze = false, afterIndexes }: ArchiveLoad,
  signal: AbortSignal,
): Promise<LoadedArchive> {
  const {
    content,
    expected,
    known,
    ignoreErrors,
    missingRoles,
    superuserObjects,
    isTrusted = false,
    searchPath = [],
  } = trip
  const { clientEncoding, parameters } = expected
  const inventory = new DumpInventory({ clientEncoding: clientEncoding ?? 'UTF8', known })
  let bytes = 0
  const report = await loadDump(
    {
      ...{ admin: database.admin, loader: database.loader },
      connect: { ...database.connect, parameters: { ...database.connect.parameters, ...parameters } },
      dump: content.dump(signal),
      ...{ clientEncoding, data, analyze, ignoreErrors, missingRoles, superuserObjects, isTrusted, searchPath },
      jobs: Math.min(MOST_JOBS, Math.max(2, availableParallelism())),
      observe(chunk) {
        inventory.write(chunk)
        bytes += chunk.length
        trip.onStep('loading', bytes)
      },
      onStep: step => trip.onStep(step, bytes),
      ...(afterIndexes === undefined ? {} : { afterIndexes: () => afterIndexes(bytes) }),
    },
    signal,
  )
  return { report, inventory: inventory.end() }
}
