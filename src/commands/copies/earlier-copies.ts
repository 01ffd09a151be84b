import { type ArchiveEntry, readCatalog } from '../../catalog/catalog.ts'
import { isCopiedManifestOld, isCopyMissing } from '../../catalog/copies.ts'
import { goodnessByManifest } from '../../catalog/goodness.ts'
import { isInShard } from '../../config/shard.ts'
import type { Context } from '../context.ts'

/** The archives of the configured databases of this shard, newest first. Throws an OperatorError of kind `volume`. */
export async function configuredArchives({
  configuration,
}: Pick<Context, 'configuration'>): Promise<readonly ArchiveEntry[]> {
  const { backupDir, timeZone, shard } = configuration.settings
  const own = configuration.databases.filter(({ id }) => isInShard(id.stem, shard))
  const stems = new Set(own.map(({ id }) => id.stem))
  return (await readCatalog(backupDir, { timeZone, stems })).entries
}

/** The good archives that are not there although they should be: they were taken since the destination is set. */
export function missingCopies(entries: readonly ArchiveEntry[], destination: string): readonly ArchiveEntry[] {
  return entries.filter(
    entry =>
      entry.manifest !== null && goodnessByManifest(entry) === 'good' && isCopyMissing(entry.manifest, destination),
  )
}

/** The archives that are there with a manifest that has changed since it was sent. */
export function outdatedCopies(entries: readonly ArchiveEntry[], destination: string): readonly ArchiveEntry[] {
  return entries.filter(({ manifest }) => manifest !== null && isCopiedManifestOld(manifest, destination))
}
