import type { KeptDatabase, RunReport } from '../../events.ts'
import { formatAge, formatBytes } from '../../terminal/format.ts'
import { type Line, shown, shownReason } from './message.ts'

/** The rest stands in `-l`. */
const MOST_NAMED = 5

/** What restores have kept and nobody has dropped yet, as this backup saw it: the oldest first, each with its statement. */
export function keptLines(report: RunReport): readonly Line[] {
  if (report.mode !== 'backup') return []
  const kept = report.outcomes.flatMap(outcome =>
    outcome.result === 'backed-up'
      ? (outcome.keptByRestores ?? []).map(each => ({ ...each, of: outcome.database }))
      : [],
  )
  const named = kept.toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since)).slice(0, MOST_NAMED)
  const more = kept.length - named.length
  return [
    ...named.map(each => lineOf(each, Date.parse(report.finishedAt))),
    ...(more > 0 ? [[`and ${more} more, see backup -l`]] : []),
  ]
}

function lineOf({ of, bytes, since, dropWith }: KeptDatabase & { readonly of: string }, now: number): Line {
  const size = bytes === null ? 'of unknown size' : formatBytes(bytes)
  const age = formatAge(now - Date.parse(since))
  return ['kept by a restore of ', shown(of), `, ${size}, ${age} old; to drop it: `, shownReason(dropWith)]
}
