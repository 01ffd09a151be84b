import { isFutureDated, newestFirst } from '../latest.ts'
import type { RetentionArchive } from './judge-group.ts'
import { isProtected, protectionText } from './protection.ts'
import type { Decision, RetentionResult } from './retention.ts'

export interface FilteredRemovalInput<Archive extends RetentionArchive> {
  /** All archives of one stem. */
  readonly archives: readonly Archive[]
  /** Whether the filter names an archive. */
  matches(archive: Archive): boolean
  /** Removes what is protected, and the last good archive too. */
  readonly force: boolean
  readonly now: Date
}

/**
 * Decides what `-p -f` does to the archives of one database: those that match go, but, unless `force` is set, those that
 * are protected stay, and so does the newest good one when no other good one would be left. One that is dated in the
 * future is no such other. What does not match is not in the answer.
 */
export function decideFilteredRemoval<Archive extends RetentionArchive>(
  input: FilteredRemovalInput<Archive>,
): RetentionResult<Archive> {
  const archives = [...input.archives].sort(newestFirst)
  const matching = archives.filter(archive => input.matches(archive))
  if (input.force || matching.length === 0) return { kind: 'decided', decisions: matching.map(removed) }
  const held = new Map(
    matching.filter(archive => isProtected(archive, input.now)).map(archive => [archive, whyHeld(archive)]),
  )
  const going = matching.filter(archive => !held.has(archive))
  const others = archives.filter(archive => !going.includes(archive) && !isFutureDated(archive, input.now))
  const result = decideLast(going, others)
  if (result.kind === 'unknown') return result
  const { last } = result
  if (last !== null) held.set(last, LAST[last.goodness === 'good' ? 'good' : 'doubtful'])
  return { kind: 'decided', decisions: matching.map(archive => keptOr(archive, held.get(archive))) }
}

/** Which of those that are to go stays as the last one; null where a good one is among the others, or nothing may be whole. */
function decideLast<Archive extends RetentionArchive>(
  going: readonly Archive[],
  others: readonly Archive[],
):
  | { readonly kind: 'last'; readonly last: Archive | null }
  | { readonly kind: 'unknown'; readonly readFirst: readonly Archive[] } {
  if (others.some(archive => archive.goodness === 'good')) return { kind: 'last', last: null }
  const unread = others.find(archive => archive.goodness === 'unknown')
  if (unread !== undefined) return { kind: 'unknown', readFirst: [unread] }
  // With a manifest that can't be used an archive may still be whole, and the only one.
  const last =
    going.find(({ goodness }) => goodness === 'good' || goodness === 'unknown') ??
    going.find(({ goodness }) => goodness === 'manifest-unusable') ??
    null
  return last?.goodness === 'unknown' ? { kind: 'unknown', readFirst: [last] } : { kind: 'last', last }
}

function keptOr<Archive>(archive: Archive, reason: string | undefined): Decision<Archive> {
  return reason === undefined ? removed(archive) : { archive, action: 'keep', reason }
}

function removed<Archive>(archive: Archive): Decision<Archive> {
  return { archive, action: 'remove', reason: 'named by the filter' }
}

function whyHeld(archive: RetentionArchive): string {
  return `${protectionText(archive)}: only --force removes it`
}

const LAST = {
  good: 'the last good backup of its database: only --force removes it',
  doubtful: 'the last backup of its database that may be whole: only --force removes it',
}
