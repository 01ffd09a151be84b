import type { Lock } from '../../catalog/held-lock.ts'
import { carryOutPrune, type PruneCandidate, type PruneOutcome } from '../../catalog/prune-archives.ts'
import { noteRemovedCopy, type RemovedCopy } from '../../catalog/removed-copies.ts'
import type { Decision } from '../../catalog/retention/retention.ts'
import type { Settings } from '../../config/settings.ts'
import { OperatorError } from '../../errors.ts'

type CopySettings = Pick<Settings, 'destinations' | 'backupDir'>

/**
 * Removes what retention has decided, each archive once the volume says what has to follow at the destinations. What
 * cannot be noted for lack of room is tried again after others have made some, and stays if there are none. Never rejects.
 */
export async function noteAndRemove(
  decisions: readonly Decision<PruneCandidate>[],
  settings: CopySettings,
  lock: Lock,
): Promise<PruneOutcome> {
  const removed: PruneCandidate[] = []
  for (let left = decisions; ; ) {
    const { noted, unnoted, error } = await noteRemovals(left, settings)
    const outcome = await carryOutPrune(settings.backupDir, noted, lock)
    removed.push(...outcome.removed)
    const isWorthAnother = outcome.removed.length > 0 && unnoted.length > 0 && outcome.error === null
    if (!isWorthAnother) return { removed, error: outcome.error ?? (error === null ? null : notNoted(error)) }
    left = unnoted
  }
}

/** Of the archives that are to be removed. */
interface NotedRemovals {
  /** Those of which the volume now says what has to follow at the destinations, or nothing has to. */
  readonly noted: readonly Decision<PruneCandidate>[]
  /** Those of which it does not: they should not be removed yet. */
  readonly unnoted: readonly Decision<PruneCandidate>[]
  /** The first; null where nothing is unnoted. */
  readonly error: unknown
}

/**
 * Writes down, before retention removes these archives, what has to follow at the destinations: under `mirror` every
 * copy, those that the bash tool may have made among them, under `keep` only what may be left of an upload that never came
 * to its end. Never rejects: one that cannot be noted, as on a full volume, keeps no other one.
 */
async function noteRemovals(
  decisions: readonly Decision<PruneCandidate>[],
  settings: CopySettings,
): Promise<NotedRemovals> {
  const noted: Decision<PruneCandidate>[] = []
  const unnoted: Decision<PruneCandidate>[] = []
  let firstError: unknown = null
  for (const decision of decisions.filter(({ action }) => action === 'remove')) {
    try {
      await noteRemoval(decision.archive, settings)
      noted.push(decision)
    } catch (error) {
      firstError ??= error
      unnoted.push(decision)
    }
  }
  return { noted, unnoted, error: firstError }
}

async function noteRemoval(archive: PruneCandidate, settings: CopySettings): Promise<void> {
  const { name, stem } = archive
  const { destinations, ...size } = placesOf(archive, settings)
  if (destinations.length > 0) {
    await noteRemovedCopy(settings.backupDir, { archive: name, stem, destinations, ...size })
  }
}

/** The bash tool noted nowhere what it copied: its copies have the name and the size of the archive. */
function placesOf(
  { manifest, bytes }: PruneCandidate,
  { destinations }: CopySettings,
): Pick<RemovedCopy, 'destinations' | 'bytes'> {
  const copies = manifest?.copies ?? []
  if (copies.length === 0) {
    const mirrors = destinations.filter(({ retention }) => retention === 'mirror')
    return { destinations: mirrors.map(({ name }) => name), bytes }
  }
  const places = copies.filter(({ destination, state }) => {
    const retention = destinations.find(({ name }) => name === destination)?.retention
    return retention === 'mirror' || (retention === 'keep' && state !== 'done')
  })
  return { destinations: places.map(({ destination }) => destination) }
}

/** On a full volume of which every archive has a copy nothing makes room but a person. */
function notNoted(error: unknown): unknown {
  if (!(error instanceof OperatorError && error.kind === 'space')) return error
  return new OperatorError('space', `${error.message} for the note that its copy elsewhere is to follow`, {
    hint: 'it stays for now; backup -p -f FILE removes one without its copy, and makes room for the others',
  })
}
