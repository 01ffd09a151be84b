import { readCatalog } from '../../catalog/catalog.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import { failureOf, failureText } from '../../errors.ts'
import { type PostgresManifest, postgresTables } from '../../sources/postgres/content.ts'
import { liveTables } from '../../sources/postgres/inspect/live-tables.ts'
import type { PlanOfArchive, RestorePlan } from '../../sources/postgres/restore/restore-plan.ts'
import { formatDuration } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import { differencesNow, type LiveDifference } from '../changes/live-difference.ts'
import { differenceTable } from '../changes/now-text.ts'
import type { Context } from '../context.ts'
import { finishedRuns } from '../tell-of-run.ts'

/** What a dry run adds to its plan: what a restore would take away and bring back, and how long loading takes. */
export interface WouldChange {
  /** Null where nothing is there to compare with, or it could not be counted. */
  readonly rows: (LiveDifference & { readonly notCounted: number }) | null
  /** Why it could not. */
  readonly notCompared: string | null
  /** As its last proof took, in proportion to the size of the dump; null where nothing was proved. */
  readonly loadSeconds: number | null
}

/** Counting may take so long; then the server's guesses have to do. */
const COUNTING_MS = 10_000
/** So many tables are shown; `--json` has all. */
const MOST_SHOWN = 10

interface Planned {
  readonly plan: RestorePlan | PlanOfArchive
  readonly manifest: PostgresManifest | null
}

type LookContext = Pick<Context, 'configuration' | 'env' | 'runId' | 'log'>

/** Looks as the user who backs the target up; what cannot be found out is said, and is no failure of the dry run. */
export async function wouldChange(context: LookContext, planned: Planned, signal: AbortSignal): Promise<WouldChange> {
  const loadSeconds = planned.manifest === null ? null : await secondsToLoad(context, planned.plan, planned.manifest)
  try {
    return { rows: await rowsNow(context, planned, signal), notCompared: null, loadSeconds }
  } catch (error) {
    signal.throwIfAborted()
    return { rows: null, notCompared: failureText(failureOf(error)), loadSeconds }
  }
}

async function rowsNow(
  { configuration, env, runId }: LookContext,
  { plan, manifest }: Planned,
  signal: AbortSignal,
): Promise<WouldChange['rows']> {
  const exists = !('exists' in plan.target) || plan.target.exists
  const target = configuration.databases.find(({ id }) => id.name === plan.target.name)?.target ?? null
  if (manifest === null || target === null || !exists) return null
  const options = { env, applicationName: `backup-container ${runId} dry-run`, limitMs: COUNTING_MS }
  const live = await liveTables(target, options, signal)
  const tables = new Map(postgresTables(manifest).map(table => [table.name, table]))
  const snapshot = { archive: plan.archive.path, takenAt: new Date(plan.archive.takenAt), tables }
  return { ...differencesNow(snapshot, live), notCounted: live.filter(({ isEstimate }) => isEstimate).length }
}

/** The last archive of the same database that was loaded for a proof says how long a byte takes here. */
async function secondsToLoad(
  context: LookContext,
  { archive, target }: Planned['plan'],
  { rawBytes }: PostgresManifest,
): Promise<number | null> {
  const { backupDir, timeZone } = context.configuration.settings
  const database = archive.of ?? target.name
  const proofs = (await finishedRuns(context)).flatMap(report => (report.mode === 'verify' ? report.outcomes : []))
  const last = proofs.findLast(outcome => outcome.database === database && outcome.restoreSeconds !== null)
  if (last === undefined || last.restoreSeconds === null) return null
  const { entries } = await readCatalog(backupDir, { timeZone }).catch(() => ({ entries: [] }))
  const proved = entries.find(entry => pathBelowVolume(entry) === last.archive)?.manifest?.rawBytes ?? rawBytes
  return proved === 0 ? last.restoreSeconds : (last.restoreSeconds * rawBytes) / proved
}

/** What of it a person reads below the plan. */
export function wouldChangeText({ rows, notCompared, loadSeconds }: WouldChange): readonly string[] {
  const text = paragraphs([
    loadSeconds === null
      ? []
      : [`Loading it takes ${formatDuration(loadSeconds * 1000)} by its last proof; a restore takes at least that.`],
    notCompared === null ? [] : [`What is there now could not be counted: ${notCompared}`],
    rows === null ? [] : rowsText(rows),
  ])
  return text.length === 0 ? [] : ['', ...text]
}

function rowsText({ different, same, notCounted }: NonNullable<WouldChange['rows']>): readonly string[] {
  const more = different.length - MOST_SHOWN
  const tables = same === 1 ? '1 table has' : `${same} tables have`
  return [
    ...(different.length === 0
      ? []
      : ['In rows, what a restore would undo:', ...differenceTable(different.slice(0, MOST_SHOWN))]),
    ...(more > 0 ? [`  and ${more} more, which --json has`] : []),
    `${tables} as many rows as in the archive, which need not be the same rows.`,
    ...(notCounted === 0
      ? []
      : [`~ is the server's guess: ${notCounted} were not counted for lack of time or rights.`]),
  ]
}
