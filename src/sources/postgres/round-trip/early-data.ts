import { type InventoryResult, mergeInventories } from '../fingerprint/inventory.ts'
import { type DumpBackOptions, dumpBack, type LoadedDatabase } from './dump-back.ts'

/**
 * The dump of a database whose rows, indexes and keys are in place, while the rest of the archive is still being loaded.
 * Disposing of it ends what is under way.
 */
export interface EarlyData extends AsyncDisposable {
  /** Begins to dump the data; to be called once, or never. */
  start(): void
  /**
   * The inventory of the whole database: of the data that was dumped early, and of everything else, dumped now. With
   * `isStale` nothing of the early dump is used, nor is it if it failed.
   */
  finish(isStale: (early: InventoryResult) => boolean): Promise<InventoryResult>
}

/** Starts nothing yet. */
export function createEarlyData(loaded: LoadedDatabase, options: DumpBackOptions, signal: AbortSignal): EarlyData {
  const ending = new AbortController()
  const working = AbortSignal.any([signal, ending.signal])
  let running: Promise<InventoryResult | null> | null = null
  return {
    start() {
      running ??= dumpBack(loaded, { ...options, sections: ['data'] }, working).catch(() => null)
    },
    async finish(isStale) {
      const data = await running
      signal.throwIfAborted()
      if (data === null || isStale(data)) return await dumpBack(loaded, options, signal)
      return mergeInventories(data, await dumpBack(loaded, { sections: ['pre-data', 'post-data'] }, signal))
    },
    async [Symbol.asyncDispose]() {
      ending.abort(new Error('the early dump is not needed any more'))
      await running
    },
  }
}
