import type { ArchiveContent } from '../../archive/read-archive.ts'
import type { Remark } from '../../events.ts'
import { againName } from '../../postgres/made/made-things.ts'
import { openReader, type Reader } from '../../postgres/reader-role.ts'
import type { InventoryResult } from '../../proof/inventory.ts'
import { compareSide } from './compare-side.ts'
import type { LoadedSide } from './load-side.ts'
import type { Restoring } from './restoring.ts'
import { readAllTables } from './sane-tables.ts'
import type { Side } from './side.ts'
import { handOverLoaded, loadArchive, makePlannedSide, markerFor, tellLeftBehind } from './side-steps.ts'

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
  const { context, source, tools } = restoring
  const { content, loaded, side } = given
  await using reader = await openSideReader(restoring, side, signal)
  await using _admitted = await reader.admit(side.name, signal)
  if (source.manifest === null || tools === null) {
    return { ...(await readAllTables(reader.target(side.name), reader.connect, signal)), differences: [], notes: [] }
  }
  const { tables } = loaded.inventory.fingerprint
  const comparison = await compareSide(
    {
      ...{ content, loaded, tools, reader },
      manifest: source.manifest,
      side: side.name,
      clock: context.clock,
      sortFolder: context.configuration.settings.verificationDir,
      reload: dump => reload(restoring, { ...given, reader, dump }, signal),
      onStderr: line => context.log.debug('pg_dump', { line }),
    },
    signal,
  )
  return { tables: tables.length, rows: tables.reduce((sum, table) => sum + table.rows, 0), ...comparison }
}

/** Who reads what was loaded. Nobody reads it as a superuser where that can be helped: an archive is somebody else's text. */
async function openSideReader(restoring: Restoring, side: Side, signal: AbortSignal): Promise<Reader> {
  const { maintenance, connect } = restoring.state
  return await openReader(
    {
      ...{ admin: maintenance, connect, marker: markerFor(restoring, side.name) },
      onLeftBehind: (statement, reason) => tellLeftBehind(restoring, { statements: [statement], reason }),
    },
    signal,
  )
}

/** A second side database, without the data, that goes through all that the first one went through. */
async function reload(
  restoring: Restoring,
  given: LoadedInput & { readonly reader: Reader; dump(database: string): Promise<InventoryResult> },
  signal: AbortSignal,
): Promise<InventoryResult> {
  await using again = await makePlannedSide(restoring, againName(restoring.context.runId), signal)
  await loadArchive(restoring, { side: again, content: given.content, data: 'statements-only' }, signal)
  await handOverLoaded(restoring, again, signal)
  await using _admitted = await given.reader.admit(again.name, signal)
  return await given.dump(again.name)
}
