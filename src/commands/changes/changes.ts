import { readCatalog } from '../../catalog/catalog.ts'
import { openCheckedArchives } from '../../catalog/checked.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { OperatorError } from '../../errors.ts'
import type { ExitCode } from '../../exit-codes.ts'
import type { Context } from '../context.ts'
import { knownDatabase } from '../known-database.ts'
import { createWarner } from '../warner.ts'
import { changesReport } from './changes-report.ts'
import { changesText } from './changes-text.ts'
import { type LeftOut, readSnapshots } from './read-snapshots.ts'
import { type HistoryStep, TableHistory } from './table-history.ts'
import { TableLines } from './table-line.ts'

export interface ChangesOptions {
  /** `[postgres=]host[:port]/database`, or the end of such a name. */
  readonly spec: string
  /** The one table that is asked for; null: what changed in all of them. */
  readonly table: string | null
  readonly json: boolean
}

/**
 * `--changes`: what the archives of one database say about each other, by their manifests alone: rows and tables from one
 * to the next, and which tables are not what they were, since when, and where they are whole. Reads only. Throws an
 * OperatorError: `usage` for a SPEC or a table that means nothing, `volume` where that can't be read.
 */
export async function changes(
  context: Pick<Context, 'configuration' | 'clock' | 'log' | 'screen'>,
  { spec, table, json }: ChangesOptions,
): Promise<ExitCode> {
  const { configuration, clock, screen } = context
  const { databases, settings } = configuration
  const { entries } = await readCatalog(settings.backupDir, settings)
  const checked = await openCheckedArchives(settings.backupDir, createWarner(context, json))
  const database = knownDatabase(spec, { entries, databases, place: '--changes', whole: false })

  const history = new TableHistory()
  const lines = table === null ? null : new TableLines(table)
  const steps: HistoryStep[] = []
  const leftOut: LeftOut[] = []
  const goodnessOf = checked.goodnessOf.bind(checked)
  const now = clock.now()
  for await (const each of readSnapshots({ entries, database, configured: databases, now, goodnessOf })) {
    if ('reason' in each) leftOut.push(each)
    else {
      const step = history.add(each)
      lines?.add(each, step)
      steps.push(step)
    }
  }
  if (steps.length === 0) throw nothingToCompare(database, leftOut)

  const report = changesReport({ database, steps, lost: history.lost(), leftOut, line: lines?.only() ?? null })
  if (json) screen.printJson(report)
  else screen.print(changesText(report, settings))
  return 0
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
