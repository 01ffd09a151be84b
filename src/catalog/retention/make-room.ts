import { isCopyMissing } from '../copies.ts'
import type { PruneCandidate } from '../prune-archives.ts'
import type { Decision } from './retention.ts'

/** A destination that is down for longer must not fill the volume: then the counts win. */
const MOST_SPARED = 7
/** Free space, in newest archives, below which the next backups need the room more. */
const ROOM_FOR = 3

export interface RoomInput {
  /** Where copies go now. */
  readonly destinations: readonly string[]
  /** Before anything of this database is removed. */
  readonly freeBytes: number
}

/** In which class an archive gives way; one that is in two has the later turn. */
type Turn = 'period' | 'alarm' | 'waiting'

/** What becomes of an archive. */
interface Choice {
  /** While there is room. */
  readonly roomy: Decision<PruneCandidate>
  /** Where there is none; null for what does not give way. */
  readonly yielding: { readonly turn: Turn; readonly decision: Decision<PruneCandidate> } | null
}

/**
 * Keeps archives of one database that retention does not keep and that are still to be copied: the newest seven of them.
 * Where three more archives of the size of the newest do not fit on the volume, as many as it takes go all the same, the
 * oldest first: those that only their period keeps, those that only an alarm does, then those that wait for their copies.
 * Nothing else gives way. Local retention so never waits for a destination for ever, and no backup fails for lack of room
 * because of what is kept beyond the rules.
 */
export function makeRoom(
  decisions: readonly Decision<PruneCandidate>[],
  { destinations, freeBytes }: RoomInput,
): readonly Decision<PruneCandidate>[] {
  const choices = choicesOf(decisions, destinations)
  const needed = (decisions[0]?.archive.bytes ?? 0) * ROOM_FOR
  const freed = sumOf(choices.filter(({ roomy }) => roomy.action === 'remove'))
  const yielding = takenUntil(inTurn(choices), needed - freeBytes - freed)
  return choices.map(choice => (yielding.has(choice) ? (choice.yielding?.decision ?? choice.roomy) : choice.roomy))
}

function choicesOf(decisions: readonly Decision<PruneCandidate>[], destinations: readonly string[]): readonly Choice[] {
  let spared = 0
  return decisions.map(decision => {
    const waiting = missingAt(decision.archive, destinations)
    if (decision.yields !== undefined)
      return yieldingAt(waiting.length > 0 ? 'waiting' : decision.yields, decision, ONLY_FOR[decision.yields])
    if (decision.action === 'keep' || waiting.length === 0 || spared === MOST_SPARED)
      return { roomy: decision, yielding: null }
    spared += 1
    const roomy = { ...decision, action: 'keep', reason: `not yet copied to ${waiting.join(' and ')}` } as const
    return yieldingAt('waiting', roomy, decision.reason)
  })
}

const ONLY_FOR = { period: 'kept for its period only', alarm: 'kept for an alarm only' } as const

function yieldingAt(turn: Turn, roomy: Decision<PruneCandidate>, why: string): Choice {
  const reason = `${why}; ${ROOM_FOR} more backups would not fit on the volume`
  return { roomy, yielding: { turn, decision: { archive: roomy.archive, action: 'remove', reason } } }
}

/** In the order in which they give way. */
function inTurn(choices: readonly Choice[]): readonly Choice[] {
  const oldestFirst = choices.toReversed()
  const of = (turn: Turn) => oldestFirst.filter(({ yielding }) => yielding?.turn === turn)
  return [...of('period'), ...of('alarm'), ...of('waiting')]
}

function takenUntil(order: readonly Choice[], shortage: number): ReadonlySet<Choice> {
  const enough = order.findIndex((_, index) => sumOf(order.slice(0, index)) >= shortage)
  return new Set(enough === -1 ? order : order.slice(0, enough))
}

function sumOf(choices: readonly Choice[]): number {
  return choices.reduce((sum, { roomy }) => sum + roomy.archive.bytes, 0)
}

function missingAt({ manifest, goodness }: PruneCandidate, destinations: readonly string[]): readonly string[] {
  if (manifest === null || goodness !== 'good') return []
  return destinations.filter(destination => isCopyMissing(manifest, destination))
}
