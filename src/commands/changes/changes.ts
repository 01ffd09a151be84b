import { ownersOf } from '../../catalog/archive-owner.ts'
import { readCatalog } from '../../catalog/catalog.ts'
import { openCheckedArchives } from '../../catalog/checked.ts'
import { namedArchives } from '../../catalog/filter.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { OperatorError } from '../../errors.ts'
import type { ExitCode } from '../../exit-codes.ts'
import type { Context } from '../context.ts'
import { knownDatabase } from '../known-database.ts'
import { createWarner } from '../warner.ts'
import { type ChangesReport, changesReport } from './changes-report.ts'
import { changesText } from './changes-text.ts'
import type { Snapshot } from './compare-snapshots.ts'
import { compareWithNow } from './compare-with-now.ts'
import { nowText } from './now-text.ts'
import { type LeftOut, readSnapshots } from './read-snapshots.ts'
import { type HistoryStep, TableHistory } from './table-history.ts'
import { TableLines } from './table-line.ts'

export interface ChangesOptions {
  /** `[postgres=]host[:port]/database`, or the end of such a name. */
  readonly spec: string
  /** The one table that is asked for; null: what changed in all of them. */
  readonly table: string | null
  /** Only the archives that it names; null for all. */
  readonly filter: string | null
  /** Hold the newest archive against the database as it is now, instead of the archives against each other. */
  readonly live: boolean
  readonly json: boolean
}

/** The archives of one database, from the oldest on, by what their manifests say. */
interface Archives {
  readonly database: NamedDatabase
  readonly snapshots: AsyncIterable<Snapshot | LeftOut>
  /** The names of all databases that are configured or have archives. */
  readonly taken: ReadonlySet<string>
}

/**
 * `--changes`: what the archives of one database say about each other, by their manifests alone: rows and tables from one
 * to the next, and which tables are not what they were, since when, and where they are whole; or what the newest says about
 * the database now. Reads only. Throws an OperatorError: `usage` for a SPEC, a filter or a table that means nothing,
 * `volume` where that can't be read, and whatever a database says that is asked.
 */
export async function changes(
  context: Pick<Context, 'configuration' | 'clock' | 'env' | 'log' | 'runId' | 'screen'>,
  options: ChangesOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { screen, configuration } = context
  const archives = await archivesOf(context, options)
  if (options.live) {
    const report = await compareWithNow(context, { ...archives, newest: await newestOf(archives) }, signal)
    if (options.json) screen.printJson(report)
    else screen.print(nowText(report, configuration.settings))
    return 0
  }
  const report = await compareAll(archives, options)
  if (options.json) screen.printJson(report)
  else screen.print(changesText(report, configuration.settings))
  return 0
}

async function archivesOf(
  context: Pick<Context, 'configuration' | 'clock' | 'log' | 'screen'>,
  { spec, filter, json }: ChangesOptions,
): Promise<Archives> {
  const { databases: configured, settings } = context.configuration
  const { backupDir } = settings
  const { entries: all, notLookedInto } = await readCatalog(backupDir, settings)
  const checked = await openCheckedArchives(backupDir, createWarner(context, json))
  const database = knownDatabase(spec, { entries: all, databases: configured, place: '--changes', whole: false })
  const entries = filter === null ? all : namedArchives(all, { filter, backupDir, notLookedInto })
  const goodnessOf = checked.goodnessOf.bind(checked)
  const taken = new Set([...configured.map(({ id }) => id.name), ...ownersOf(all)])
  return {
    database,
    taken,
    snapshots: readSnapshots({ entries, database, configured, now: context.clock.now(), goodnessOf }),
  }
}

async function compareAll({ database, taken, snapshots }: Archives, { table }: ChangesOptions): Promise<ChangesReport> {
  const history = new TableHistory()
  const lines = table === null ? null : new TableLines(table)
  const steps: HistoryStep[] = []
  const leftOut: LeftOut[] = []
  for await (const each of snapshots) {
    if ('reason' in each) leftOut.push(each)
    else {
      const step = history.add(each)
      lines?.add(each, step)
      steps.push(step)
    }
  }
  if (steps.length === 0) throw nothingToCompare(database, leftOut)
  return changesReport({ database, taken, steps, lost: history.lost(), leftOut, line: lines?.only() ?? null })
}

async function newestOf({ database, snapshots }: Archives): Promise<Snapshot> {
  const leftOut: LeftOut[] = []
  let newest: Snapshot | null = null
  for await (const each of snapshots) {
    if ('reason' in each) leftOut.push(each)
    else newest = each
  }
  if (newest === null) throw nothingToCompare(database, leftOut)
  return newest
}

function nothingToCompare({ id }: NamedDatabase, [first]: readonly LeftOut[]): OperatorError {
  const found =
    first === undefined
      ? 'no archive of it on the volume'
      : `none that says what it holds (${first.archive}: ${first.reason})`
  return new OperatorError('usage', `${id.name}: ${found}; expected an archive with a manifest`, {
    hint: 'backup -l shows what there is; backup -v SPEC --adopt writes a manifest for one of the bash tool',
  })
}
