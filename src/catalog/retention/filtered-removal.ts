import { isFutureDated, newestFirst } from '../latest.ts'
import { isUsable } from '../usable.ts'
import { mayCount, type RetentionArchive } from './kept-group.ts'
import { isProtected, protectionText } from './protection.ts'
import { type Decision, newestProved, type RetentionResult } from './retention.ts'

export interface FilteredRemovalInput<Archive extends RetentionArchive> {
  /** All archives of one stem. */
  readonly archives: readonly Archive[]
  /** Whether the filter names an archive. */
  matches(archive: Archive): boolean
  /** What is older than that is held by an alarm; null: none stands. */
  readonly heldBefore: Date | null
  /** Removes what is protected, what an alarm holds, the newest proved and the last good archive too. */
  readonly force: boolean
  readonly now: Date
}

/**
 * Decides what `-p -f` does to the archives of one database: those that match go, but, unless `force` is set, those that
 * are protected, those from before an alarm and the newest proved one stay, and so does the newest that a restore would take when no other such one
 * would be left. What does not match is not in the answer.
 */
export function decideFilteredRemoval<Archive extends RetentionArchive>(
  input: FilteredRemovalInput<Archive>,
): RetentionResult<Archive> {
  const archives = [...input.archives].sort(newestFirst)
  const matching = archives.filter(archive => input.matches(archive))
  if (input.force || matching.length === 0) return { kind: 'decided', decisions: matching.map(removed) }
  const held = heldAnyway(archives, input)
  const isGoing = (archive: Archive): boolean => matching.includes(archive) && !held.has(archive)
  const [going, others] = [archives.filter(isGoing), archives.filter(archive => !isGoing(archive))]
  const result = decideLast(going, others, input.now)
  if (result.kind === 'unknown') return result
  if (result.last !== null) held.set(result.last, whyLast(result.last, input.now))
  return { kind: 'decided', decisions: matching.map(archive => keptOr(archive, held.get(archive))) }
}

/** What no filter removes, whatever else there is, with the reason. */
function heldAnyway<Archive extends RetentionArchive>(
  archives: readonly Archive[],
  { heldBefore, now }: Pick<FilteredRemovalInput<Archive>, 'heldBefore' | 'now'>,
): Map<Archive, string> {
  const held = new Map<Archive, string>()
  const proved = newestProved(archives, now)
  if (proved !== null) held.set(proved, `the newest proved backup of its database${FORCE}`)
  for (const archive of archives) {
    const isBefore = heldBefore !== null && archive.takenAt.getTime() < heldBefore.getTime()
    if (isBefore) held.set(archive, `before an alarm${FORCE}`)
    if (isProtected(archive, now)) held.set(archive, `${protectionText(archive)}${FORCE}`)
  }
  return held
}

/** Which of those that are to go stays as the last one; null where a restore would take one of the others, or none may be whole. */
function decideLast<Archive extends RetentionArchive>(
  going: readonly Archive[],
  others: readonly Archive[],
  now: Date,
):
  | { readonly kind: 'last'; readonly last: Archive | null }
  | { readonly kind: 'unknown'; readonly readFirst: readonly Archive[] } {
  const usable = others.filter(archive => isUsable(archive, now))
  if (usable.some(archive => archive.goodness === 'good')) return { kind: 'last', last: null }
  // One that is dated in the future, or whose manifest can't be used, may still be whole, and the only one.
  const last =
    going.find(archive => isUsable(archive, now)) ??
    going.find(mayCount) ??
    going.find(({ goodness }) => goodness === 'manifest-unusable') ??
    null
  const unread = usable[0] ?? (last?.goodness === 'unknown' ? last : null)
  return unread === null ? { kind: 'last', last } : { kind: 'unknown', readFirst: [unread] }
}

function keptOr<Archive>(archive: Archive, reason: string | undefined): Decision<Archive> {
  return reason === undefined ? removed(archive) : { archive, action: 'keep', reason }
}

function removed<Archive>(archive: Archive): Decision<Archive> {
  return { archive, action: 'remove', reason: 'named by the filter' }
}

const FORCE = ': only --force removes it'

function whyLast(archive: RetentionArchive, now: Date): string {
  const last = mayCount(archive)
    ? 'the last good backup of its database'
    : 'the last backup of its database that may be whole'
  return `${last}${isFutureDated(archive, now) ? ', dated in the future' : ''}${FORCE}`
}
