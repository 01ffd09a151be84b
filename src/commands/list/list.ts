import { groupOf } from '../../catalog/archive-group.ts'
import { type Catalog, entriesByStem, readCatalog } from '../../catalog/catalog.ts'
import { type CheckedArchives, openCheckedArchives } from '../../catalog/checked.ts'
import { namedArchives } from '../../catalog/filter.ts'
import { type VolumeSpace, volumeSpace } from '../../catalog/space.ts'
import type { Configuration } from '../../config/configuration.ts'
import type { DatabaseTarget } from '../../config/database-target.ts'
import { isProblem } from '../../config/problem.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { failureOf, failureText } from '../../errors.ts'
import type { RunReport } from '../../events.ts'
import type { ExitCode } from '../../exit-codes.ts'
import { readHistory } from '../../status/edge/history.ts'
import type { Clock } from '../../system/clock.ts'
import type { Context } from '../context.ts'
import { knownDatabase } from '../known-database.ts'
import { lastSeenKept } from '../last-seen-kept.ts'
import { standingOf } from '../source-standing.ts'
import { attentionFor } from './attention.ts'
import { createListing, type Listing } from './listing.ts'
import { listingText } from './listing-text.ts'
import { overviewText, sourcesText } from './overview-text.ts'

/** All databases are asked for their size at once, and none is waited for longer than this. */
const SIZE_WAIT_MS = 2_000

export interface ListOptions {
  /** `host[:port]/database`, or the end of such a name: the archives of these only; empty: of every one. */
  readonly specs: readonly string[]
  /** Shows only the archives that it names; null for all. */
  readonly filter: string | null
  /** Every archive, instead of a line for each database. */
  readonly all: boolean
  /** Tell by the exit code whether a person is needed. */
  readonly check: boolean
  readonly json: boolean
  /** The size of a database in bytes; null if the server does not say. It may reject: the size is then unknown. */
  sizeOf(target: DatabaseTarget, signal: AbortSignal): Promise<number | null>
}

type ListContext = Pick<Context, 'configuration' | 'clock' | 'screen'>

/** `-l` with the databases asked for their sizes; see `listBackups`. */
export async function list(
  context: ListContext & Pick<Context, 'env' | 'runId'>,
  options: Omit<ListOptions, 'sizeOf'>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { databaseSize } = await import('../../sources/postgres/inspect/inspect.ts')
  const access = { env: context.env, applicationName: `backup-container ${context.runId}` }
  const sizeOf: ListOptions['sizeOf'] = (target, stop) => databaseSize(target, access, stop)
  return await listBackups(context, { ...options, sizeOf }, signal)
}

/**
 * How each database stands, those that need a person first; the archives of those that are asked for, or all of them; what
 * only the volume knows, leftovers and the volume. Reads only. Resolves with 6 where it was asked to check and a person
 * is needed. Throws an OperatorError of kind `volume` if the volume can't be read, and of kind `usage` if the filter or
 * a SPEC names nothing.
 */
export async function listBackups(context: ListContext, options: ListOptions, signal: AbortSignal): Promise<ExitCode> {
  const found = await lookAround(context)
  const shown = chooseShown(found, context, options)
  const sizes = await sizesOf(shown.databases, { context, options }, signal)
  const listing = listingOf(found, { ...shown, sizes, context })
  print(listing, context, options)
  const { found: lookedUp } = context.configuration
  const isKnown = listing.configurationProblems === 0 && lookedUp.notTaken.length === 0
  const isFine = isKnown && listing.databases.every(({ need }) => need === null)
  return options.check && !isFine ? 6 : 0
}

/** What the volume holds and the history tells. */
interface Found {
  readonly catalog: Catalog
  readonly checked: CheckedArchives
  readonly volume: VolumeSpace
  readonly reports: readonly RunReport[]
  readonly warnings: readonly string[]
}

async function lookAround({ configuration }: Pick<Context, 'configuration'>): Promise<Found> {
  const { backupDir, timeZone } = configuration.settings
  const warnings: string[] = []
  const [catalog, checked, volume, reports] = await Promise.all([
    readCatalog(backupDir, { timeZone }),
    openCheckedArchives(backupDir, text => warnings.push(text)),
    volumeSpace(backupDir),
    earlierRuns(configuration, text => warnings.push(text)),
  ])
  return { catalog, checked, volume, reports, warnings }
}

/** Whoever lists does so without them, too. */
async function earlierRuns({ settings }: Configuration, warn: (text: string) => void): Promise<readonly RunReport[]> {
  try {
    const lines = await readHistory(settings.backupDir)
    return lines.flatMap(line => (line.type === 'run' ? [line.report] : []))
  } catch (error) {
    warn(`runs that failed, and what restores have kept, are not shown: ${failureText(failureOf(error))}`)
    return []
  }
}

/** What is shown of what there is. */
interface Shown {
  readonly databases: readonly NamedDatabase[]
  readonly entries: Catalog['entries']
  /** Whether archives of databases that are not configured are shown, too. */
  readonly orphans: boolean
}

function chooseShown({ catalog }: Found, { configuration }: ListContext, { specs, filter }: ListOptions): Shown {
  const { databases: configured, settings } = configuration
  const { entries: all, notLookedInto } = catalog
  const named = { filter: filter ?? '', backupDir: settings.backupDir, notLookedInto }
  const entries = filter === null ? all : namedArchives(all, named)
  if (specs.length > 0) {
    const meant = specs.map(spec =>
      knownDatabase(spec, { entries: all, databases: configured, place: '-l', whole: false }),
    )
    const databases = [...new Map(meant.map(each => [each.id.name, each])).values()]
    return { databases, entries, orphans: false }
  }
  // "None" of a database that the filter does not name would be a lie.
  const databases = filter === null ? configured : configured.filter(each => entries.some(groupOf(each).has))
  return { databases, entries, orphans: true }
}

interface ListingParts extends Shown {
  readonly sizes: readonly (number | null)[]
  readonly context: ListContext
}

function listingOf(found: Found, { databases, entries, orphans, sizes, context }: ListingParts): Listing {
  const { configuration, clock } = context
  const { catalog, checked, reports } = found
  const byStem = entriesByStem(catalog.entries)
  const now = clock.now()
  return createListing({
    ...found,
    catalog: { ...catalog, entries },
    warnings: [...found.warnings, ...configuration.found.notTaken.map(({ failure }) => failureText(failure))],
    databases: databases.map((named, index) => {
      const asked = configuration.databases.find(({ id }) => id.name === named.id.name)
      // By all of its archives, whatever is shown of them.
      const archives = (byStem.get(named.id.stem) ?? []).filter(groupOf(named).has)
      const input = { archives, reports, configuration, now, goodnessOf: checked.goodnessOf.bind(checked) }
      const standing = asked === undefined ? null : standingOf(asked, input)
      const need =
        asked === undefined || standing === null ? null : attentionFor(asked, standing, configuration.settings.timeZone)
      return {
        ...{ named, standing, need, bytes: sizes[index] ?? null },
        kept: lastSeenKept(named.id.name, { reports, configuration }),
      }
    }),
    configured: orphans ? configuration.databases : null,
    configurationProblems: configuration.problems.filter(isProblem).length,
    now,
    goodnessOf: entry => checked.goodnessOf(entry),
  })
}

function print(listing: Listing, { screen, configuration, clock }: ListContext, options: ListOptions): void {
  const { timeZone } = configuration.settings
  const text = { timeZone, width: screen.isTerminal ? screen.width : null, now: clock.now() }
  if (options.json) screen.printJson(listing)
  else if (options.all || options.filter !== null) screen.print(listingText(listing, text))
  else if (options.specs.length > 0) screen.print(sourcesText(listing, text))
  else screen.print(overviewText(listing, text))
}

/** Nobody is asked where no size is shown: a listing of many should not wait for their servers. */
async function sizesOf(
  databases: readonly NamedDatabase[],
  { context, options }: { readonly context: ListContext; readonly options: ListOptions },
  signal: AbortSignal,
): Promise<readonly (number | null)[]> {
  if (!options.all && !options.json && options.filter === null) return []
  const { configuration, clock } = context
  const targets = databases.map(
    ({ id }) => configuration.databases.find(each => each.id.name === id.name)?.target ?? null,
  )
  return await Promise.all(targets.map(target => sizeInTime(target, { ...options, clock }, signal)))
}

/** Null for a database that can't be asked, fails, or takes too long, whether or not it heeds the signal. */
async function sizeInTime(
  target: DatabaseTarget | null,
  { sizeOf, clock }: Pick<ListOptions, 'sizeOf'> & { readonly clock: Clock },
  signal: AbortSignal,
): Promise<number | null> {
  if (target === null) return null
  const answered = new AbortController()
  const late = new AbortController()
  const timeout = clock.sleep(SIZE_WAIT_MS, AbortSignal.any([answered.signal, signal])).then(
    () => null,
    () => null,
  )
  const size = sizeOf(target, AbortSignal.any([late.signal, signal])).catch(() => null)
  const first = await Promise.race([size, timeout])
  answered.abort()
  late.abort()
  return first
}
