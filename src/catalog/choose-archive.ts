import { type NamedDatabase, recordedName } from '../config/source-id.ts'
import { isArchiveOf, ownersOf } from './archive-owner.ts'
import type { ArchiveEntry } from './catalog.ts'
import { matchingArchives, pathBelowVolume } from './filter.ts'
import type { Goodness } from './goodness.ts'
import { latestOf, newestFirst } from './latest.ts'
import { hasFailed, provedAt, type VerifiedPlace } from './manifest-head.ts'
import { type NotLookedInto, notLookedIntoNames } from './not-looked-into.ts'
import { reasonToPassOver } from './usable.ts'

export interface ChooseArchiveInput {
  /** Archives of the volume, of this database at least. */
  readonly entries: readonly ArchiveEntry[]
  readonly database: NamedDatabase
  /** The configured databases, to which archives without a manifest belong by their names. */
  readonly configured: readonly NamedDatabase[]
  /** What `-f` says; null without it. */
  readonly filter: string | null
  readonly backupDir: string
  readonly now: Date
  /**
   * Whether the newest one is wanted whatever it is, as for a verification, which has to find out that it is broken, or
   * the newest one that is not known to be broken nor to fail its proof, as for a restore.
   */
  readonly want: 'newest' | 'newest-usable'
  /** Whether a filter may name the archives of one other database, where there are none of this one. */
  readonly otherDatabases: boolean
  /** Where the archives are, as `on the volume`, which it is if absent. */
  readonly place?: string
  /** The same as a manifest names it, for its verdicts. */
  readonly source?: VerifiedPlace
  /** What may hold more of them, and is named where there is none. */
  readonly notLookedInto?: readonly NotLookedInto[]
  goodnessOf(entry: ArchiveEntry): Goodness
}

/** An archive that is newer than the chosen one, and why it was not taken. */
export interface PassedOver {
  readonly entry: ArchiveEntry
  readonly reason: NonNullable<ReturnType<typeof reasonToPassOver>>
}

type Chosen = Extract<ArchiveChoice, { readonly kind: 'chosen' }>

/** One line for a person, where the newest proved one is not the one that was chosen. */
export function newestProvedNote({ entry, newestProved }: Pick<Chosen, 'entry' | 'newestProved'>): string | null {
  if (newestProved === null || newestProved.path === entry.path) return null
  return `the newest proved one is another: ${pathBelowVolume(newestProved)}; -f takes it`
}

/** One line for a person, where files that are named alike hold a newer one of a database that nothing backs up any more. */
export function namesakeNote({ newerNamesake }: Pick<Chosen, 'newerNamesake'>): string | null {
  if (newerNamesake === null) return null
  const [owner] = ownersOf([newerNamesake])
  return `a newer one that is named alike is of ${owner}, which is not configured: ${pathBelowVolume(newerNamesake)}; --of ${owner} takes it`
}

/** One line for a person. */
export function passedOverNote({ entry, reason }: PassedOver): string {
  const detail = reason === 'its manifest cannot be used' && entry.manifestProblem !== null
  return `passed over ${pathBelowVolume(entry)}: ${reason}${detail ? `: ${entry.manifestProblem}` : ''}`
}

export type ArchiveChoice =
  | {
      readonly kind: 'chosen'
      readonly entry: ArchiveEntry
      readonly passedOver: readonly PassedOver[]
      /** The database that it is of, for a person, where that is another one. */
      readonly another: string | null
      /** A filter names it and no other: it is taken whatever is known of it. */
      readonly isNamed: boolean
      /** The newest of the database that is proved, as far as its manifests are known; looked for only without a filter. */
      readonly newestProved: ArchiveEntry | null
      /** The newest of another database that shares its stem and is not configured, where it is newer. */
      readonly newerNamesake: ArchiveEntry | null
    }
  | {
      readonly kind: 'none'
      /** `another`: the filter names archives, but none of this database. */
      readonly reason: 'no-archive' | 'filter' | 'another' | 'future' | 'broken'
      /** `<what was found>; expected <what>`, without a place. */
      readonly text: string
      readonly hint: string
      readonly passedOver: readonly PassedOver[]
    }

/**
 * Which archive a database and a filter mean: the newest by the time in its manifest, else by that in its name, never by
 * the file's own time. One that is dated in the future is never the newest, and is taken only when the filter names it
 * alone. Archives of the bash tool count as all others. A filter decides only among the archives of the database: one that
 * fits those of others better, or only those, means none.
 */
export function chooseArchive(input: ChooseArchiveInput): ArchiveChoice {
  const { entries, filter, backupDir, database } = input
  const own = entries.filter(entry => isArchiveOf(entry, database, input.configured))
  if (filter === null) return own.length === 0 ? nothingNamed(input) : newestOf(own, { ...input, another: null })
  const fitting = matchingArchives(entries, filter, backupDir)
  const named = fitting.filter(entry => own.includes(entry))
  if (named.length > 0) return newestOf(named, { ...input, another: null })
  if (fitting.length === 0) return nothingNamed(input)
  const [another = '', ...more] = ownersOf(fitting)
  if (more.length > 0 || own.length > 0 || !input.otherDatabases) return crossed(input, fitting)
  return newestOf(fitting, { ...input, another })
}

function newestOf(
  named: readonly ArchiveEntry[],
  input: ChooseArchiveInput & { readonly another: string | null },
): ArchiveChoice {
  const { another } = input
  if (input.filter !== null && named.length === 1 && named[0] !== undefined) {
    const unasked = { newestProved: null, newerNamesake: null }
    return { kind: 'chosen', entry: named[0], passedOver: [], another, isNamed: true, ...unasked }
  }
  const passedOver: PassedOver[] = []
  for (const entry of [...named].sort(newestFirst)) {
    const reason = whyNot(entry, input)
    if (reason === null) {
      const beside = { newestProved: newestProvedOf(named, input), newerNamesake: newerNamesakeOf(entry, input) }
      return { kind: 'chosen', entry, passedOver, another, isNamed: false, ...beside }
    }
    passedOver.push({ entry, reason })
  }
  return noneUsable(passedOver)
}

function whyNot(
  entry: ArchiveEntry,
  { want, now, source, goodnessOf }: ChooseArchiveInput,
): PassedOver['reason'] | null {
  const known =
    want === 'newest'
      ? { goodness: 'unknown' as const, failed: false }
      : { goodness: goodnessOf(entry), failed: hasFailed(entry.manifest, source) }
  return reasonToPassOver({ takenAt: entry.takenAt, ...known }, now)
}

function newestProvedOf(
  named: readonly ArchiveEntry[],
  { filter, now }: Pick<ChooseArchiveInput, 'filter' | 'now'>,
): ArchiveEntry | null {
  if (filter !== null) return null
  const proved = named.filter(({ manifest }) => manifest !== null && provedAt(manifest) !== null)
  return latestOf(proved.sort(newestFirst), now)
}

/** Whoever has mended a port or a host in backup.conf, and back again, looks for the newest file of that name. */
function newerNamesakeOf(
  { stem, takenAt }: ArchiveEntry,
  { entries, database, configured, filter, now }: ChooseArchiveInput,
): ArchiveEntry | null {
  if (filter !== null) return null
  const known = new Set([database, ...configured].map(({ id }) => id.name))
  const others = entries.filter(entry => {
    const recorded = entry.manifest?.database
    return entry.stem === stem && recorded !== undefined && !known.has(recordedName(recorded))
  })
  const newest = latestOf(others.sort(newestFirst), now)
  return newest !== null && newest.takenAt.getTime() > takenAt.getTime() ? newest : null
}

function nothingNamed(input: ChooseArchiveInput): ArchiveChoice {
  const { entries, database, filter, place = 'on the volume', notLookedInto = [] } = input
  const names = notLookedIntoNames(notLookedInto)
  const but = names === null ? '' : `, but not looked into: ${names}`
  const alike = ownersOf(entries.filter(({ stem }) => stem === database.id.stem))
  const others = alike.length === 0 ? '' : `, only of ${namesText(alike)}, whose files are named alike`
  return filter === null
    ? none('no-archive', `no archive of it ${place}${others}${but}; expected one`, names === null ? BACK_UP : LINKED)
    : none('filter', `-f names no archive of it${but}; expected a path, a file name, or a part of it`, SHOW)
}

const MOST_OWNERS = 8

function crossed({ database }: ChooseArchiveInput, fitting: readonly ArchiveEntry[]): ArchiveChoice {
  const [first] = fitting
  const owners = ownersOf(fitting)
  const expected = `expected an archive of ${database.id.name}`
  if (first !== undefined && owners.length === 1) {
    const more = fitting.length === 1 ? '' : ` (and ${fitting.length - 1} more)`
    return none('another', `-f names ${pathBelowVolume(first)}${more}, of ${owners[0]}; ${expected}`, SHOW)
  }
  return none('another', `-f names archives of ${namesText(owners)}; ${expected}`, SHOW)
}

function namesText(owners: readonly string[]): string {
  const more = owners.length > MOST_OWNERS ? ` and ${owners.length - MOST_OWNERS} more` : ''
  return owners.slice(0, MOST_OWNERS).join(', ') + more
}

function noneUsable(passedOver: readonly PassedOver[]): ArchiveChoice {
  const unusable = passedOver.find(({ reason }) => reason === 'its manifest cannot be used')
  if (unusable !== undefined) {
    const text = `no archive of it can be used: the manifest of ${unusable.entry.name} cannot be read; expected one that can`
    return none('broken', text, SHOW, passedOver)
  }
  if (passedOver.some(({ reason }) => reason === 'its proof FAILED'))
    return none('broken', 'no archive of it is left whose proof has not FAILED; expected one', ALL_FAILED, passedOver)
  return passedOver.every(({ reason }) => reason === 'dated in the future')
    ? none('future', 'every archive of it is dated in the future; expected one of the past', CLOCK, passedOver)
    : none('broken', 'no archive of it is a whole backup; expected one that is', SHOW, passedOver)
}

const BACK_UP = 'run backup -1, or check BACKUP_DIR and the name'
const LINKED = 'no link on the volume is followed: mount what it leads to in its place, or move the files'
const SHOW = 'backup -l shows what there is'
const ALL_FAILED = 'backup -v tells why; name one archive by -f to take it all the same'
const CLOCK = 'a clock was wrong: name one archive by -f to take it all the same'

function none(
  reason: Extract<ArchiveChoice, { kind: 'none' }>['reason'],
  text: string,
  hint: string,
  passedOver: readonly PassedOver[] = [],
): ArchiveChoice {
  return { kind: 'none', reason, text, hint, passedOver }
}
