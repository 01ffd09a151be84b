import type { DatabaseTarget } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import type { ClientTools } from '../client-tools/client-tools.ts'
import { type DumpOptions, startDump } from '../client-tools/dump.ts'
import { DumpInventory, type InventoryResult } from '../fingerprint/inventory.ts'
import type { KnownItems } from '../fingerprint/known-items.ts'
import { hiddenStatements } from '../inspect/hidden-statements.ts'
import type { StatementIdentity } from '../sql/statement-identity.ts'

/** A database that an archive was loaded into, and how to dump it. */
export interface LoadedDatabase {
  /** Somebody who may read everything in it. */
  readonly target: DatabaseTarget
  /**
   * What pg_dump leaves out for everybody but superusers comes from the catalog: for a reader of our own, who may read that.
   * False: as pg_dump has it.
   */
  readonly hiddenFromCatalog: boolean
  readonly tools: ClientTools
  readonly env: Readonly<Record<string, string | undefined>>
  readonly applicationName: string
  /** Of the dump that was loaded; both must be made with the same. */
  readonly clientEncoding: string
  /** Of the archive's inventory, which the dump's is to be compared with. */
  readonly known?: KnownItems
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
  if (result.complete) return isHiddenHere(loaded, sections) ? await withHidden(result, loaded, signal) : result
  throw new OperatorError(
    'incomplete',
    'the dump of what was loaded ended without its last line; expected "PostgreSQL database dump complete"',
  )
}

/** pg_dump writes user mappings before the data, and subscriptions behind it. */
function isHiddenHere({ hiddenFromCatalog }: LoadedDatabase, sections: DumpBackOptions['sections']): boolean {
  return hiddenFromCatalog && (sections === undefined || sections.includes('pre-data'))
}

/** The inventory of what a superuser's pg_dump would have written. */
async function withHidden(
  found: InventoryResult,
  loaded: LoadedDatabase,
  signal: AbortSignal,
): Promise<InventoryResult> {
  const hidden = new DumpInventory(loaded)
  hidden.write(await hiddenStatements(loaded.target, loaded, signal))
  const statements = found.statements.filter(label => !isHidden(label)).concat(hidden.end().statements)
  return { ...found, statements, fingerprint: { ...found.fingerprint, statements: statements.summary() } }
}

function isHidden({ kind, identity }: StatementIdentity): boolean {
  return kind === 'USER MAPPING' || kind === 'SUBSCRIPTION' || identity.startsWith('SUBSCRIPTION ')
}
