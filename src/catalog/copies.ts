import { createHash } from 'node:crypto'
import type { Manifest } from './manifest.ts'
import type { ManifestHead } from './manifest-head.ts'

/** One copy of an archive at a destination, as its manifest records it. */
export type CopyRecord = Manifest['copies'][number]

/** `waiting` until it was tried; `damaged` when a verification found that what is there is not the archive. */
export type CopyRecordState = 'waiting' | 'done' | 'failed' | 'damaged'

type WithCopies = Pick<ManifestHead, 'copies' | 'verifications' | 'alarm'>

/** The record of the copy at a destination; undefined for an archive that was taken before the destination was set. */
export function copyAt<Record extends Pick<CopyRecord, 'destination'>>(
  { copies }: { readonly copies: readonly Record[] },
  destination: string,
): Record | undefined {
  return copies.find(copy => copy.destination === destination)
}

/** Whether a copy is wanted there and is not there: one that was never asked for is not missing. */
export function isCopyMissing(manifest: Pick<WithCopies, 'copies'>, destination: string): boolean {
  const record = copyAt(manifest, destination)
  return record !== undefined && record.state !== 'done'
}

/** Whether a copy is there whose manifest says less than the one on the volume does by now. */
export function isCopiedManifestOld(manifest: WithCopies, destination: string): boolean {
  const record = copyAt(manifest, destination)
  return record?.state === 'done' && record.revision !== revisionOf(manifest)
}

/** The manifest with this record in the place of the one of the same destination. */
export function withCopy(manifest: Manifest, record: CopyRecord): Manifest {
  const others = manifest.copies.filter(copy => copy.destination !== record.destination)
  return { ...manifest, copies: [...others, record].toSorted((a, b) => (a.destination < b.destination ? -1 : 1)) }
}

/**
 * Stands for what changes in a manifest after its archive was taken: verdicts, the states of copies, and whether its alarm
 * was accepted. A copy's record keeps the revision of the manifest that was sent with it.
 */
export function revisionOf({ verifications, copies, alarm }: WithCopies): string {
  const verdicts = verifications.map(({ at, from, verdict }) => [at, from, verdict])
  const states = copies.map(({ destination, state }) => [destination, state]).toSorted()
  return createHash('sha256')
    .update(JSON.stringify(alarm?.accepted === undefined ? [verdicts, states] : [verdicts, states, alarm.accepted.at]))
    .digest('hex')
    .slice(0, 16)
}
