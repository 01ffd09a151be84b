import { readDumpHeader } from '../../archive/dump-header.ts'
import { openArchive } from '../../archive/read-archive.ts'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { readManifest } from '../../catalog/update-manifest.ts'
import type { Context } from '../context.ts'
import type { PlannedVerification } from './plan-verification.ts'

/** The verifications of one major stand together, so that one scratch server serves them all; else in their order. */
export async function inOrderOfMajors(
  planned: readonly PlannedVerification[],
  context: Pick<Context, 'env'>,
  signal: AbortSignal,
): Promise<readonly PlannedVerification[]> {
  const majors = new Map<PlannedVerification, number>()
  for (const item of planned) {
    // Those that can't be told come last.
    const major = item.entry === null ? null : await sourceMajor(item.entry, context, signal)
    majors.set(item, major ?? Number.MAX_SAFE_INTEGER)
  }
  return planned.toSorted((a, b) => (majors.get(a) ?? 0) - (majors.get(b) ?? 0))
}

/** The major of the server that an archive was dumped from; null also for one that can't be read: the proof will say why. */
async function sourceMajor(
  entry: ArchiveEntry,
  { env }: Pick<Context, 'env'>,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const version =
      entry.manifest === null
        ? (await readDumpHeader(openArchive(entry.path, null, { env }).dump(signal)))?.serverVersion
        : (await readManifest(entry.path)).server.version
    const major = Number.parseInt(version ?? '', 10)
    return Number.isNaN(major) ? null : major
  } catch {
    return null
  }
}
