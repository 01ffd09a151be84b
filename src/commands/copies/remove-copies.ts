import { type ArchiveEntry, entriesByStem } from '../../catalog/catalog.ts'
import { copyAt } from '../../catalog/copies.ts'
import { goodnessByManifest } from '../../catalog/goodness.ts'
import { manifestName } from '../../catalog/naming/names.ts'
import { type RemovedCopy, readRemovedCopies, settleRemovedCopy } from '../../catalog/removed-copies.ts'
import type { CopyRetention } from '../../config/read-destination.ts'
import { type Destination, nameOfTemporary, type RemoteFile } from '../../destinations/destination.ts'

export interface RemoveCopiesInput {
  readonly backupDir: string
  readonly destination: Destination
  readonly retention: CopyRetention
  /** All archives on the volume, read after this run's copies were made. */
  readonly entries: readonly ArchiveEntry[]
  /** The stems that this run has backed up and copied there. */
  readonly stems: ReadonlySet<string>
  onRemoved(name: string): void
}

/**
 * Lets the copies of archives that retention removed from this volume follow, by their exact names: nothing else at the
 * destination is ever touched, and nothing of a database that this run did not back up and copy, or of which no whole
 * copy of an archive that is still on the volume is there. Under `keep` only half-sent files go. Rejects with an
 * OperatorError or the signal's reason, and what is left goes in a later run.
 */
export async function removeCopies(input: RemoveCopiesInput, signal: AbortSignal): Promise<void> {
  const { backupDir, destination, stems } = input
  const notes = await readRemovedCopies(backupDir)
  const own = notes.filter(note => note.destinations.includes(destination.name) && stems.has(note.stem))
  if (own.length === 0) return
  const there = await destination.list(signal)
  const byStem = entriesByStem(input.entries)
  for (const note of own) {
    const doomed = namesToRemove(note, there, { ...input, entries: byStem.get(note.stem) ?? [] })
    if (doomed === null) continue
    for (const name of doomed) {
      await destination.remove(name, signal)
      input.onRemoved(name)
    }
    await settleRemovedCopy(backupDir, note.archive, destination.name)
  }
}

/** The archive before its manifest, so that a manifest is never missing beside an archive. Null: not now. */
function namesToRemove(
  { archive, bytes }: RemovedCopy,
  there: readonly RemoteFile[],
  { destination, retention, entries }: Pick<RemoveCopiesInput, 'destination' | 'retention' | 'entries'>,
): readonly string[] | null {
  // The removal that was noted did not come to pass, because somebody read the archive, perhaps.
  if (entries.some(entry => entry.name === archive)) return []
  const own = [archive, manifestName(archive)]
  const halves = there.filter(({ name, state }) => state === 'partial' && own.includes(nameOfTemporary(name) ?? ''))
  const names = halves.map(({ name }) => name)
  if (retention === 'keep') return names
  const sizes = new Map(there.map(file => [file.name, file.bytes]))
  if (!hasCopyThere(entries, destination.name, name => sizes.get(name))) return null
  if (bytes !== undefined && sizes.get(archive) !== bytes) return names
  return [...own.filter(name => sizes.has(name)), ...names]
}

/** Whether a whole copy of one of these archives is there, by its record and by the listing. */
function hasCopyThere(
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
