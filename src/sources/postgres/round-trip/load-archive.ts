import { availableParallelism } from 'node:os'
import { DumpInventory, type InventoryResult } from '../fingerprint/inventory.ts'
import { type LoadReport, loadDump } from '../load/load-dump.ts'
import type { LoadableDatabase, RoundTrip } from './round-trip.ts'

/** More sessions than this gain nothing: they build indexes on the same disk. */
const MOST_JOBS = 4

/** What is loaded, and whom it concerns. */
export interface ArchiveLoad {
  readonly database: Pick<LoadableDatabase, 'admin' | 'loader' | 'connect'>
  readonly data: 'with-rows' | 'statements-only'
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
  { database, data, afterIndexes }: ArchiveLoad,
  signal: AbortSignal,
): Promise<LoadedArchive> {
  const { content, expected, known, ignoreErrors, missingRoles, superuserObjects } = trip
  const { clientEncoding, parameters } = expected
  const inventory = new DumpInventory({ clientEncoding: clientEncoding ?? 'UTF8', known })
  let bytes = 0
  const report = await loadDump(
    {
      ...{ admin: database.admin, loader: database.loader },
      connect: { ...database.connect, parameters: { ...database.connect.parameters, ...parameters } },
      dump: content.dump(signal),
      ...{ clientEncoding, data, ignoreErrors, missingRoles, superuserObjects },
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
