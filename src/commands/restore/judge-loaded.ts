import type { ArchiveContent } from '../../archive/read-archive.ts'
import type { DatabaseTarget } from '../../config/database-target.ts'
import type { Remark } from '../../events.ts'
import { againName } from '../../postgres/made/made-things.ts'
import type { InventoryResult } from '../../proof/inventory.ts'
import { compareSide } from './compare-side.ts'
import type { LoadedSide } from './load-side.ts'
import type { Restoring } from './restoring.ts'
import { readAllTables } from './sane-tables.ts'
import type { Side } from './side.ts'
import { finishLoaded, loadArchive, makePlannedSide } from './side-steps.ts'

/** What was found in the side database before the swap. */
export interface Judged {
  readonly tables: number
  readonly rows: number
  readonly differences: readonly Remark[]
  readonly notes: readonly string[]
}

export interface LoadedInput {
  readonly content: ArchiveContent
  readonly loaded: LoadedSide
  readonly side: Side
}

/** Compares what was loaded with the manifest's fingerprint; without a manifest its tables are only read. */
export async function judgeLoaded(restoring: Restoring, given: LoadedInput, signal: AbortSignal): Promise<Judged> {
  const { context, source, state, target, tools } = restoring
  const { content, loaded, side } = given
  const admin = target.adminOf(side.name)
  if (source.manifest === null || tools === null) {
    return { ...(await readAllTables(admin, state.connect, signal)), differences: [], notes: [] }
  }
  const { tables } = loaded.inventory.fingerprint
  const comparison = await compareSide(
    {
      ...{ content, loaded, tools },
      manifest: source.manifest,
      side: admin,
      connect: state.connect,
      clock: context.clock,
      sortFolder: context.configuration.settings.verificationDir,
      reload: dump => reload(restoring, { ...given, dump }, signal),
      onStderr: line => context.log.debug('pg_dump', { line }),
    },
    signal,
  )
  return { tables: tables.length, rows: tables.reduce((sum, table) => sum + table.rows, 0), ...comparison }
}

/** A second side database, without the data, that goes through all that the first one went through. */
async function reload(
  restoring: Restoring,
  given: LoadedInput & { dump(database: DatabaseTarget): Promise<InventoryResult> },
  signal: AbortSignal,
): Promise<InventoryResult> {
  await using again = await makePlannedSide(restoring, againName(restoring.context.runId), signal)
  const loaded = await loadArchive(restoring, { side: again, content: given.content, data: 'statements-only' }, signal)
  await finishLoaded(restoring, { side: again, loaded }, signal)
  return await given.dump(restoring.target.adminOf(again.name))
}
