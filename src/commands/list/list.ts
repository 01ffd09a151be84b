import { groupOf } from '../../catalog/archive-group.ts'
import { readCatalog } from '../../catalog/catalog.ts'
import { openCheckedArchives } from '../../catalog/checked.ts'
import { namedArchives } from '../../catalog/filter.ts'
import { volumeSpace } from '../../catalog/space.ts'
import type { Configuration } from '../../config/configuration.ts'
import type { DatabaseTarget } from '../../config/database-target.ts'
import { isProblem } from '../../config/problem.ts'
import { failureOf, failureText } from '../../errors.ts'
import type { RunReport } from '../../events.ts'
import type { ExitCode } from '../../exit-codes.ts'
import { readHistory } from '../../status/edge/history.ts'
import type { Clock } from '../../system/clock.ts'
import type { Context } from '../context.ts'
import { lastSeenKept } from '../last-seen-kept.ts'
import { createListing } from './listing.ts'
import { listingText } from './listing-text.ts'

/** All databases are asked for their size at once, and none is waited for longer than this. */
const SIZE_WAIT_MS = 2_000

export interface ListOptions {
  /** Shows only the archives that it names; null for all. */
  readonly filter: string | null
  readonly json: boolean
  /** The size of a database in bytes; null if the server does not say. It may reject: the size is then unknown. */
  sizeOf(target: DatabaseTarget, signal: AbortSignal): Promise<number | null>
}

/** `-l` with the databases asked for their sizes; see `listBackups`. */
export async function list(
  context: Pick<Context, 'configuration' | 'clock' | 'screen' | 'env' | 'runId'>,
  options: Omit<ListOptions, 'sizeOf'>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { databaseSize } = await import('../../sources/postgres/inspect/inspect.ts')
  const access = { env: context.env, applicationName: `backup-container ${context.runId}` }
  const sizeOf: ListOptions['sizeOf'] = (target, stop) => databaseSize(target, access, stop)
  return await listBackups(context, { ...options, sizeOf }, signal)
}

/**
 * Per configured database what there is, then archives that belong to none of them, leftovers and the volume. Reads
 * only. Throws an OperatorError of kind `volume` if the volume can't be read, and of kind `usage` if the filter names
 * nothing.
 */
export async function listBackups(
  context: Pick<Context, 'configuration' | 'clock' | 'screen'>,
  options: ListOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { configuration, clock, screen } = context
  const { backupDir, timeZone } = configuration.settings
  const sizes = Promise.all(
    configuration.databases.map(({ target }) => sizeInTime(target, { ...options, clock }, signal)),
  )
  const warnings: string[] = []
  const [whole, checked, volume, reports] = await Promise.all([
    readCatalog(backupDir, { timeZone }),
    openCheckedArchives(backupDir, text => warnings.push(text)),
    volumeSpace(backupDir),
    earlierRuns(configuration, text => warnings.push(text)),
  ])
  const { filter } = options
  const { notLookedInto } = whole
  const entries = filter === null ? whole.entries : namedArchives(whole.entries, { filter, backupDir, notLookedInto })
  const bytes = await sizes
  const listing = createListing({
    catalog: { ...whole, entries },
    databases: configuration.databases
      .map((named, index) => ({
        ...{ named, bytes: bytes[index] ?? null },
        kept: lastSeenKept(named.id.name, { reports, configuration }),
      }))
      // "None" of a database that the filter does not name would be a lie.
      .filter(({ named }) => options.filter === null || entries.some(groupOf(named).has)),
    configured: configuration.databases,
    volume,
    warnings,
    now: clock.now(),
    goodnessOf: entry => checked.goodnessOf(entry),
  })
  const configurationHasProblems = configuration.problems.some(isProblem)
  const width = screen.isTerminal ? screen.width : null
  if (options.json) screen.printJson(listing)
  else screen.print(listingText(listing, { timeZone, width, configurationHasProblems }))
  return 0
}

/** Whoever lists does so without them, too. */
async function earlierRuns({ settings }: Configuration, warn: (text: string) => void): Promise<readonly RunReport[]> {
  try {
    const lines = await readHistory(settings.backupDir)
    return lines.flatMap(line => (line.type === 'run' ? [line.report] : []))
  } catch (error) {
    warn(`what restores have kept is not shown: ${failureText(failureOf(error))}`)
    return []
  }
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
