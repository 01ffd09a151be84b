import type { NamedDatabase } from '../config/source-id.ts'
import type { ArchiveEntry } from './catalog.ts'
import { matchingArchives, pathBelowVolume } from './filter.ts'
import type { Goodness } from './goodness.ts'
import { isFutureDated, newestFirst } from './latest.ts'
import { type NotLookedInto, notLookedIntoNames } from './not-looked-into.ts'

export interface ChooseArchiveInput {
  /** Archives of the volume, of this database at least. */
  readonly entries: readonly ArchiveEntry[]
  readonly database: NamedDatabase
  /** What `-f` says; null without it. */
  readonly filter: string | null
  readonly backupDir: string
  readonly now: Date
  /**
   * Whether the newest one is wanted whatever it is, as for a verification, which has to find out that it is broken, or
   * the newest one that is not known to be broken, as for a restore.
   */
  readonly want: 'newest' | 'newest-usable'
  /** Whether a filter may also name archives of other databases when it names none of this one. */
  readonly otherDatabases: boolean
  /** Where the archives are, as `on the volume`, which it is if absent. */
  readonly place?: string
  /** What may hold more of them, and is named where there is none. */
  readonly notLookedInto?: readonly NotLookedInto[]
  goodnessOf(entry: ArchiveEntry): Goodness
}

/** An archive that is newer than the chosen one, and why it was not taken. */
export interface PassedOver {
  readonly entry: ArchiveEntry
  readonly reason: 'dated in the future' | 'not a whole backup' | 'its manifest cannot be used'
}

/** One line for a person. */
export function passedOverNote({ entry, reason }: PassedOver): string {
  const detail = reason === 'its manifest cannot be used' && entry.manifestProblem !== null
  return `passed over ${pathBelowVolume(entry)}: ${reason}${detail ? `: ${entry.manifestProblem}` : ''}`
}

export type ArchiveChoice =
  | { readonly kind: 'chosen'; readonly entry: ArchiveEntry; readonly passedOver: readonly PassedOver[] }
  | {
      readonly kind: 'none'
      readonly reason: 'no-archive' | 'filter' | 'future' | 'broken'
      /** `<what was found>; expected <what>`, without a place. */
      readonly text: string
      readonly hint: string
      readonly passedOver: readonly PassedOver[]
    }

/**
 * Which archive a database and a filter mean: the newest by the time in its manifest, else by that in its name, never by
 * the file's own time. One that is dated in the future is never the newest, and is taken only when the filter names it
 * alone. Archives of the bash tool count as all others.
 */
export function chooseArchive(input: ChooseArchiveInput): ArchiveChoice {
  const named = namedArchives(input)
  if (named.length === 0) return nothingNamed(input)
  if (input.filter !== null && named.length === 1 && named[0] !== undefined) {
    return { kind: 'chosen', entry: named[0], passedOver: [] }
  }
  const passedOver: PassedOver[] = []
  for (const entry of [...named].sort(newestFirst)) {
    const reason = reasonToPassOver(entry, input)
    if (reason === null) return { kind: 'chosen', entry, passedOver }
    passedOver.push({ entry, reason })
  }
  return noneUsable(passedOver)
}

function reasonToPassOver(entry: ArchiveEntry, input: ChooseArchiveInput): PassedOver['reason'] | null {
  if (isFutureDated(entry, input.now)) return 'dated in the future'
  if (input.want === 'newest') return null
  switch (input.goodnessOf(entry)) {
    case 'bad':
      return 'not a whole backup'
    case 'manifest-unusable':
      return 'its manifest cannot be used'
    case 'good':
    case 'unknown':
      return null
  }
}

function namedArchives(input: ChooseArchiveInput): readonly ArchiveEntry[] {
  const { entries, filter, backupDir } = input
  const own = entries.filter(entry => isOf(entry, input.database))
  if (filter === null) return own
  const matching = matchingArchives(own, filter, backupDir)
  return matching.length > 0 || !input.otherDatabases ? matching : matchingArchives(entries, filter, backupDir)
}

/** Two databases can share a stem; the manifest says which of them it was. */
function isOf(entry: ArchiveEntry, database: NamedDatabase): boolean {
  if (entry.stem !== database.id.stem) return false
  const recorded = entry.manifest?.database
  return recorded === undefined || (recorded.host === database.host && recorded.name === database.database)
}

function nothingNamed(input: ChooseArchiveInput): ArchiveChoice {
  const { filter, place = 'on the volume', notLookedInto = [] } = input
  const names = notLookedIntoNames(notLookedInto)
  const but = names === null ? '' : `, but not looked into: ${names}`
  return filter === null
    ? none('no-archive', `no archive of it ${place}${but}; expected one`, names === null ? BACK_UP : LINKED)
    : none('filter', `-f names no archive of it${but}; expected a path, a file name, or a part of it`, SHOW)
}

function noneUsable(passedOver: readonly PassedOver[]): ArchiveChoice {
  const unusable = passedOver.find(({ reason }) => reason === 'its manifest cannot be used')
  if (unusable !== undefined) {
    const text = `no archive of it can be used: the manifest of ${unusable.entry.name} cannot be read; expected one that can`
    return none('broken', text, SHOW, passedOver)
  }
  return passedOver.every(({ reason }) => reason === 'dated in the future')
    ? none('future', 'every archive of it is dated in the future; expected one of the past', CLOCK, passedOver)
    : none('broken', 'no archive of it is a whole backup; expected one that is', SHOW, passedOver)
}

const BACK_UP = 'run backup -1, or check BACKUP_DIR and the name'
const LINKED = 'no link on the volume is followed: mount what it leads to in its place, or move the files'
const SHOW = 'backup -l shows what there is'
const CLOCK = 'a clock was wrong: name one archive by -f to take it all the same'

function none(
  reason: Extract<ArchiveChoice, { kind: 'none' }>['reason'],
  text: string,
  hint: string,
  passedOver: readonly PassedOver[] = [],
): ArchiveChoice {
  return { kind: 'none', reason, text, hint, passedOver }
}
