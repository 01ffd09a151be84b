import type { Manifest } from './manifest.ts'
import { type UpdateInput, updateManifest } from './update-manifest.ts'

/** One entry of a manifest's list of verifications. */
export type RecordedVerification = Manifest['verifications'][number]

/** A database that is verified every day keeps about three weeks of verdicts. */
const KEPT = 20

/**
 * Adds a verdict to the manifest of an archive, whatever other runs do at the same time. The list keeps its newest
 * entries, and the newest proof besides. Throws what `updateManifest` throws.
 */
export async function recordVerification(
  input: UpdateInput,
  verification: RecordedVerification,
  signal: AbortSignal,
): Promise<void> {
  await updateManifest(
    input,
    manifest => ({ ...manifest, verifications: bounded([...manifest.verifications, verification]) }),
    signal,
  )
}

function bounded(verifications: readonly RecordedVerification[]): readonly RecordedVerification[] {
  const newest = verifications.slice(-KEPT)
  const proved = verifications.findLast(({ verdict }) => verdict === 'proved')
  return proved === undefined || newest.includes(proved) ? newest : [proved, ...newest]
}
