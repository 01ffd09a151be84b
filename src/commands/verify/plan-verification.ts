import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { chooseArchive, passedOverNote } from '../../catalog/choose-archive.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import type { Goodness } from '../../catalog/goodness.ts'
import { isFutureDated } from '../../catalog/latest.ts'
import type { NotLookedInto } from '../../catalog/not-looked-into.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import type { Remark } from '../../events.ts'
import type { AllowedAge } from '../../schedule/allowed-age.ts'
import { formatDuration } from '../../terminal/format.ts'

/** One database of a verify run, and the archive that is to be proved. */
export interface PlannedVerification {
  readonly database: NamedDatabase
  /** Null when there is none, for the first of `reasons`. */
  readonly entry: ArchiveEntry | null
  /** Why the database can't count as proved even if this archive is. */
  readonly reasons: readonly Remark[]
  readonly notes: readonly string[]
}

export interface PlanInput {
  readonly entries: readonly ArchiveEntry[]
  /** What may hold more of them. */
  readonly notLookedInto?: readonly NotLookedInto[]
  /** Where they are, for people. */
  readonly place: string
  readonly backupDir: string
  readonly filter: string | null
  readonly configured: readonly NamedDatabase[]
  readonly now: Date
  readonly allowedAge: AllowedAge
  goodnessOf(entry: ArchiveEntry): Goodness
}

/**
 * Chooses the archive of one database. Without a filter the newest one also has to be as young as the schedule wants it:
 * an old archive may restore, and is no backup of today all the same.
 */
export function planVerification(database: NamedDatabase, input: PlanInput): PlannedVerification {
  const choice = chooseArchive({ ...input, database, want: 'newest', otherDatabases: false })
  if (choice.kind === 'none') {
    const text = `${choice.text}; ${choice.hint}`
    return { database, entry: null, reasons: [{ kind: choice.reason, name: null, sqlstate: null, text }], notes: [] }
  }
  const notes = choice.passedOver.map(passedOverNote)
  const reasons = input.filter === null ? staleReasons(choice.entry, input) : []
  return { database, entry: choice.entry, reasons, notes: [...notes, ...futureNotes(choice.entry, input)] }
}

function staleReasons(entry: ArchiveEntry, { now, allowedAge }: PlanInput): readonly Remark[] {
  const ageMs = now.getTime() - entry.takenAt.getTime()
  if (ageMs <= allowedAge.ms) return []
  const expected = `one every ${formatDuration(allowedAge.intervalMs)} (${allowedAge.place})`
  const text = `the newest archive is ${formatDuration(ageMs)} old; expected ${expected}: check why no backup was made since`
  return [{ kind: 'stale', name: pathBelowVolume(entry), sqlstate: null, text }]
}

function futureNotes(entry: ArchiveEntry, { now }: PlanInput): readonly string[] {
  return isFutureDated(entry, now) ? ['it is dated in the future: a clock was wrong when it was taken'] : []
}
