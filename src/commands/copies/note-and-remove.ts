import type { Lock } from '../../catalog/held-lock.ts'
import { carryOutPrune, type PruneCandidate, type PruneOutcome } from '../../catalog/prune.ts'
import type { Decision } from '../../catalog/retention.ts'
import type { Settings } from '../../config/settings.ts'
import { OperatorError } from '../../errors.ts'
import { noteRemovals } from './note-removals.ts'

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

/** On a full volume of which every archive has a copy nothing makes room but a person. */
function notNoted(error: unknown): unknown {
  if (!(error instanceof OperatorError && error.kind === 'space')) return error
  return new OperatorError('space', `${error.message} for the note that its copy elsewhere is to follow`, {
    hint: 'it stays for now; backup -p -f FILE removes one without its copy, and makes room for the others',
  })
}
