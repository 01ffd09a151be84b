import { type Age, later } from '../../config/age.ts'
import type { Configuration } from '../../config/configuration.ts'
import type { ConfiguredDatabase } from '../../config/configured-databases.ts'
import type { ServerCoverage } from '../../config/found-databases.ts'
import { namedSources } from '../../config/named-sources.ts'
import { isInShard } from '../../config/shard.ts'
import { OperatorError } from '../../errors.ts'
import { isoWithOffset } from '../../system/time-zone.ts'

/** What a person, or the schedule, wants written beside each archive of a run. */
export interface Marks {
  readonly trigger: string
  readonly label?: string
  /** ISO 8601 with offset. */
  readonly protectedUntil?: string
}

/**
 * The databases that a backup run is asked for: those that are named, whatever shard they belong to, else every one of this
 * shard. Only whole names count where nobody watches: with `-s`, and in a schedule. Throws an OperatorError of kind `usage`
 * for a name that means none of them, or more than one.
 */
export function askedFor(
  { specs, waitForLocks }: { readonly specs: readonly string[]; readonly waitForLocks: boolean },
  { databases, settings, found }: Configuration,
  trigger: Marks['trigger'],
): readonly ConfiguredDatabase[] {
  if (specs.length === 0) return databases.filter(({ id }) => isInShard(id.stem, settings.shard))
  const whole = waitForLocks || trigger !== 'command'
  const named = namedSources(specs, databases, { place: waitForLocks ? '-s' : '-1', whole })
  if (!('fault' in named)) return named.databases
  const [unread] = found.servers.filter(({ failure, isWhole }) => isWhole && failure !== null)
  throw new OperatorError('usage', named.fault, { hint: unread === undefined ? named.hint : unreadHint(unread) })
}

/** What is not known to be there may be there all the same. */
function unreadHint({ server, failure }: ServerCoverage): string {
  return `the databases of ${server} cannot be listed now: ${failure?.message}`
}

/** What the archives of a run that starts at `startedAt` are marked with. */
export function marksOf(
  { label, protect }: { readonly label: string | null; readonly protect: Age | null },
  run: { readonly trigger: string; readonly startedAt: Date; readonly timeZone: string },
): Marks {
  return {
    trigger: run.trigger,
    ...(label === null ? {} : { label }),
    ...(protect === null ? {} : { protectedUntil: isoWithOffset(later(run.startedAt, protect), run.timeZone) }),
  }
}
