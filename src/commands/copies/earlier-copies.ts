import { type ArchiveEntry, readCatalog } from '../../catalog/catalog.ts'
import { copyAt, isCopiedManifestOld, isCopyMissing } from '../../catalog/copies.ts'
import { goodnessByManifest } from '../../catalog/goodness.ts'
import { manifestName } from '../../catalog/naming/names.ts'
import { isInShard } from '../../config/shard.ts'
import type { Context } from '../context.ts'

/** What is left to do at one destination when the archives of this run have been sent; newest first. */
export interface EarlierCopies {
  /** Archives whose copy failed, or was not come to, in an earlier run. */
  readonly missing: readonly ArchiveEntry[]
  /** Archives whose manifest has changed since it was sent. */
  readonly outdated: readonly ArchiveEntry[]
}

/** The archives of the configured databases of this shard, newest first. Throws an OperatorError of kind `volume`. */
export async function configuredArchives({
  configuration,
}: Pick<Context, 'configuration'>): Promise<readonly ArchiveEntry[]> {
  const { backupDir, timeZone, shard } = configuration.settings
  const own = configuration.databases.filter(({ stem }) => isInShard(stem, shard))
  const stems = new Set(own.map(({ stem }) => stem))
  return (await readCatalog(backupDir, { timeZone, stems })).entries
}

/**
 * Which of these archives need something there: good ones that were taken since the destination is set. `tried` are the
 * paths of those that this run has sent, or could not.
 */
export function earlierCopies(
  entries: readonly ArchiveEntry[],
  destination: string,
  tried: ReadonlySet<string>,
): EarlierCopies {
  return {
    missing: missingCopies(entries, destination).filter(({ path }) => !tried.has(path)),
    outdated: entries.filter(({ manifest }) => manifest !== null && isCopiedManifestOld(manifest, destination)),
  }
}

/** The good archives that are not there although they should be. */
export function missingCopies(entries: readonly ArchiveEntry[], destination: string): readonly ArchiveEntry[] {
  return entries.filter(
    entry =>
      entry.manifest !== null && goodnessByManifest(entry) === 'good' && isCopyMissing(entry.manifest, destination),
  )
}

/** Whether a whole copy of one of these archives is there, by its record and by the listing. */
export function hasCopyThere(
  entries: readonly ArchiveEntry[],
  destination: string,
  sizeThere: (name: string) => number | undefined,
): boolean {
  return entries.some(entry => {
    const isDone = entry.manifest !== null && copyAt(entry.manifest, destination)?.state === 'done'
    const isWhole = sizeThere(entry.name) === entry.bytes && sizeThere(manifestName(entry.name)) !== undefined
    return isDone && isWhole && goodnessByManifest(entry) === 'good'
  })
}
