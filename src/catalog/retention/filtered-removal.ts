import { isFutureDated, newestFirst } from '../latest.ts'
import type { Decision, RetentionArchive, RetentionResult } from './retention.ts'

export interface FilteredRemovalInput<Archive extends RetentionArchive> {
  /** All archives of one stem. */
  readonly archives: readonly Archive[]
  /** Whether the filter names an archive. */
  matches(archive: Archive): boolean
  /** Removes the last good archive too. */
  readonly force: boolean
  readonly now: Date
}

/**
 * Decides what `-p -f` does to the archives of one database: those that match go, but the newest good one of them
 * stays when no other good one would be left, unless `force` is set. One that is dated in the future is no such other.
 * What does not match is not in the answer.
 */
export function decideFilteredRemoval<Archive extends RetentionArchive>(
  input: FilteredRemovalInput<Archive>,
): RetentionResult<Archive> {
  const archives = [...input.archives].sort(newestFirst)
  const matching = archives.filter(archive => input.matches(archive))
  if (input.force || matching.length === 0) return decided(matching, null)
  const others = archives.filter(archive => !matching.includes(archive) && !isFutureDated(archive, input.now))
  if (others.some(archive => archive.goodness === 'good')) return decided(matching, null)
  const unread = others.find(archive => archive.goodness === 'unknown')
  if (unread !== undefined) return { kind: 'unknown', readFirst: [unread] }
  // With a manifest that can't be used an archive may still be whole, and the only one.
  const last =
    matching.find(({ goodness }) => goodness === 'good' || goodness === 'unknown') ??
    matching.find(({ goodness }) => goodness === 'manifest-unusable') ??
    null
  return last?.goodness === 'unknown' ? { kind: 'unknown', readFirst: [last] } : decided(matching, last)
}

function decided<Archive extends RetentionArchive>(
  matching: readonly Archive[],
  last: Archive | null,
): RetentionResult<Archive> {
  const decisions = matching.map(
    (archive): Decision<Archive> =>
      archive === last
        ? { archive, action: 'keep', reason: LAST[archive.goodness === 'good' ? 'good' : 'doubtful'] }
        : { archive, action: 'remove', reason: 'named by the filter' },
  )
  return { kind: 'decided', decisions }
}

const LAST = {
  good: 'the last good backup of its database: only --force removes it',
  doubtful: 'the last backup of its database that may be whole: only --force removes it',
}
