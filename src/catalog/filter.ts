import { isAbsolute, relative } from 'node:path'
import { didYouMean, nearest, slipsBetween } from '../config/did-you-mean.ts'
import { parseSpecArgument, saysPort } from '../config/spec-argument.ts'
import { OperatorError } from '../errors.ts'
import { isArchiveOf, isOfAnyPort, ownersOf } from './archive-owner.ts'
import type { ArchiveEntry } from './catalog.ts'
import { type NotLookedInto, notLookedIntoNames } from './not-looked-into.ts'

/**
 * The archives that `-f` names. The most exact reading that fits any archive wins: a full path (also one below the
 * volume), a file name, a stem, the whole name of a database, of which the port may be left out where that leaves one, else
 * a part of the path below the volume. So the name of one database never takes in the archives of another whose name begins
 * alike. An empty filter matches nothing.
 */
export function matchingArchives(
  entries: readonly ArchiveEntry[],
  filter: string,
  backupDir: string,
): readonly ArchiveEntry[] {
  const wanted = isAbsolute(filter) ? relative(backupDir, filter) : filter
  if (wanted === '') return []
  const named = parseSpecArgument(wanted)
  const portless = ofPortlessName(entries, wanted)
  const readings: readonly ((entry: ArchiveEntry) => boolean)[] = [
    entry => pathBelowVolume(entry) === wanted,
    entry => entry.name === wanted,
    entry => entry.stem === wanted,
    entry => 'spec' in named && isArchiveOf(entry, named.spec),
    entry => ownersOf(portless).length === 1 && portless.includes(entry),
    entry => pathBelowVolume(entry).includes(wanted),
  ]
  const reading = readings.find(fits => entries.some(fits))
  return reading === undefined ? [] : entries.filter(reading)
}

/** The archives of a whole name without its port, whatever their ports are. */
function ofPortlessName(entries: readonly ArchiveEntry[], name: string): readonly ArchiveEntry[] {
  const named = parseSpecArgument(name)
  return 'spec' in named && !saysPort(name) ? entries.filter(entry => isOfAnyPort(entry, named.spec)) : []
}

interface Filtering {
  readonly filter: string
  readonly backupDir: string
  /** What may hold more archives, and is named where the filter names none. */
  readonly notLookedInto?: readonly NotLookedInto[]
}

/** `matchingArchives`; throws an OperatorError of kind `usage` where there are none. */
export function namedArchives(
  entries: readonly ArchiveEntry[],
  { filter, backupDir, notLookedInto = [] }: Filtering,
): readonly ArchiveEntry[] {
  const named = matchingArchives(entries, filter, backupDir)
  if (named.length > 0) return named
  const names = notLookedIntoNames(notLookedInto)
  const but = names === null ? '' : `, but not looked into: ${names}`
  const message = `-f ${JSON.stringify(filter)}: names no archive${but}; expected a path, a file name, or a part of it`
  const owners = ownersOf(ofPortlessName(entries, filter))
  if (owners.length > 1) throw new OperatorError('usage', message, { hint: `say the port: ${owners.join(' or ')}` })
  const stems = [...new Set(entries.map(({ stem }) => stem))]
  const near = didYouMean(nearest(stems, stem => [slipsBetween(filter, stem)]))
  const hint = 'backup -l shows the archives'
  throw new OperatorError('usage', message, { hint: near === null ? hint : `${near} ${hint}` })
}

/** Such as `daily/2026-11-20/wallet-db-tob_2026-11-20_01-00-00.sql.gz`. */
export function pathBelowVolume(entry: Pick<ArchiveEntry, 'folder' | 'name'>): string {
  return `${entry.folder}/${entry.name}`
}
