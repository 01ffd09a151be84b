import type { DatabaseTarget } from '../../config/database-target.ts'
import { OperatorError } from '../../errors.ts'
import type { ClientTools } from '../../postgres/client-tools.ts'
import { type DumpOptions, startDump } from '../../postgres/dump.ts'
import { DumpInventory, type InventoryResult } from '../../proof/inventory.ts'
import type { Clock } from '../../system/clock.ts'

/** A database that an archive was loaded into, and how to dump it. */
export interface LoadedDatabase {
  /** Somebody who may read everything in it. */
  readonly target: DatabaseTarget
  readonly tools: ClientTools
  readonly env: Readonly<Record<string, string | undefined>>
  readonly applicationName: string
  /** Of the dump that was loaded; both must be made with the same. */
  readonly clientEncoding: string
  /** Server parameters of the session, such as those that keep the archive's code from running. */
  readonly parameters: Readonly<Record<string, string>>
  readonly clock: Clock
  onStderr?(line: string): void
}

export interface DumpBackOptions {
  readonly sections?: NonNullable<DumpOptions['sections']>
  onBytes?(bytes: number): void
}

/** Dumps a loaded database as the source was dumped, and takes the inventory. Throws an OperatorError, or the signal's reason. */
export async function dumpBack(
  loaded: LoadedDatabase,
  options: DumpBackOptions,
  signal: AbortSignal,
): Promise<InventoryResult> {
  const inventory = new DumpInventory(loaded)
  const { sections } = options
  const dump = startDump(
    loaded.target,
    { ...loaded, tableLockWaitMs: 0, ...(sections === undefined ? {} : { sections }) },
    signal,
  )
  for await (const chunk of dump.stream) {
    inventory.write(chunk)
    options.onBytes?.(dump.progress().bytes)
  }
  const result = inventory.end()
  if (result.complete) return result
  throw new OperatorError(
    'incomplete',
    'the dump of what was loaded ended without its last line; expected "PostgreSQL database dump complete"',
  )
}
