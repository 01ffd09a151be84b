import { OperatorError } from '../../../errors.ts'
import type { Remark } from '../../../events.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { changesSince } from '../fingerprint/compare-fingerprints.ts'
import { DumpInventory } from '../fingerprint/inventory.ts'
import type { RestoreRun } from './restore-run.ts'
import { refuseWithheldInPlace } from './superuser-policy.ts'

/**
 * All that the archive itself tells before the live database is dropped for it: whether what is in it is what was dumped, by
 * the manifest, as a verdict may be that of other bytes; and whether all of it may be made. Reads the dump once. Throws an
 * OperatorError: `incomplete` or `rights`; with `-I` neither.
 */
export async function lookBeforeDrop(run: RestoreRun, content: ArchiveContent, signal: AbortSignal): Promise<void> {
  const { manifest } = run.source
  const fingerprint = manifest?.fingerprint ?? null
  const inventory = new DumpInventory({ clientEncoding: fingerprint?.session.clientEncoding ?? 'UTF8' })
  const watched = watch(content.dump(signal), chunk => fingerprint !== null && inventory.write(chunk))
  await refuseWithheldInPlace(run, watched)
  if (fingerprint !== null && !run.ignoreErrors) refuseChanged(run, changesSince(fingerprint, inventory.end()))
}

async function* watch(dump: AsyncIterable<Buffer>, look: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of dump) {
    look(chunk)
    yield chunk
  }
}

function refuseChanged({ plan }: RestoreRun, [first, ...others]: readonly Remark[]): void {
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  throw new OperatorError(
    'incomplete',
    `${plan.archive.path}: it is not what its manifest says: ${first.text}${more}; expected what was dumped`,
    { hint: `${plan.target.name} was not touched; take another archive by -f, and see who could change this one` },
  )
}
