import type { ArchiveEntry } from '../../../catalog/catalog.ts'
import { readManifest } from '../../../catalog/update-manifest.ts'
import type { SourceContext } from '../../source-context.ts'
import { postgresManifest } from '../content.ts'
import { openContent } from '../dump-file/archive-content.ts'
import { readDumpHeader } from '../dump-file/dump-header.ts'

/** The major of the server that an archive was dumped from; null also for one that can't be read: the proof will say why. */
export async function sourceMajor(
  entry: ArchiveEntry,
  { env }: Pick<SourceContext, 'env'>,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const version =
      entry.manifest === null
        ? (await readDumpHeader(openContent(entry.path, null, { env }).dump(signal)))?.serverVersion
        : postgresManifest(await readManifest(entry.path, async () => null))?.server.version
    const major = Number.parseInt(version ?? '', 10)
    return Number.isNaN(major) ? null : major
  } catch {
    return null
  }
}
