import { availableParallelism } from 'node:os'
import type { ArchiveContent } from '../../archive/read-archive.ts'
import { type LoadReport, loadDump } from '../../postgres/load/load-dump.ts'
import { DumpInventory, type InventoryResult } from '../../proof/inventory.ts'
import type { KnownItems } from '../../proof/known-items.ts'
import type { ScratchDatabase } from './scratch-database.ts'
import type { StepReporter } from './verify-database.ts'

/** More sessions than this gain nothing: they build indexes on the same disk. */
const MOST_JOBS = 4

export interface ScratchLoadInput {
  readonly database: ScratchDatabase
  readonly content: ArchiveContent
  /** Null: the dump says it itself. */
  readonly clientEncoding: string | null
  /** Of the inventory that is taken. */
  readonly known: KnownItems
  /** Server parameters of the sessions, beside those of every load. */
  readonly parameters: Readonly<Record<string, string>>
  readonly data: 'with-rows' | 'statements-only'
  readonly ignoreErrors: boolean
  readonly onStep?: StepReporter
  /** Called once, when all rows, indexes, keys and unique constraints are in place, with how much was read until then. */
  readonly afterIndexes?: (bytes: number) => void
}

/** What was loaded, as data, and the inventory of the text that it was loaded from. */
export interface ScratchLoad {
  readonly report: LoadReport
  readonly inventory: InventoryResult
}

/**
 * Loads the dump of an archive into a scratch database, and takes its inventory from the same bytes. Rejects at the first
 * error, or with `ignoreErrors` only for one that ends everything.
 */
export async function loadOnScratch(input: ScratchLoadInput, signal: AbortSignal): Promise<ScratchLoad> {
  const { database, content, clientEncoding, known, parameters, data, ignoreErrors, onStep, afterIndexes } = input
  const inventory = new DumpInventory({ clientEncoding: clientEncoding ?? 'UTF8', known })
  let bytes = 0
  const report = await loadDump(
    {
      admin: database.admin,
      loader: database.loader,
      connect: { ...database.connect, parameters: { ...database.connect.parameters, ...parameters } },
      dump: content.dump(signal),
      ...{ clientEncoding, data, ignoreErrors },
      jobs: Math.min(MOST_JOBS, Math.max(2, availableParallelism())),
      missingRoles: 'create',
      superuserObjects: async () => 'never',
      observe(chunk) {
        inventory.write(chunk)
        bytes += chunk.length
        onStep?.('loading', bytes)
      },
      onStep: step => onStep?.(step === 'loading' ? 'loading' : 'indexes', bytes),
      ...(afterIndexes === undefined ? {} : { afterIndexes: () => afterIndexes(bytes) }),
    },
    signal,
  )
  return { report, inventory: inventory.end() }
}
