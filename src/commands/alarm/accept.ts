import { type ArchiveEntry, readCatalog } from '../../catalog/catalog.ts'
import { standingAlarm } from '../../catalog/content-alarm.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { readManifest, updateManifest } from '../../catalog/update-manifest.ts'
import { didYouMean, nearest, slipsBetween } from '../../config/did-you-mean.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { OperatorError } from '../../errors.ts'
import type { ContentAlarm } from '../../events.ts'
import type { ExitCode } from '../../exit-codes.ts'
import { contentProblem, countedTables } from '../../sources/sources.ts'
import { appendHistory } from '../../status/edge/history.ts'
import type { HistoryLine } from '../../status/history-line.ts'
import { ownIdentity } from '../../system/process-identity.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import { alarmText } from '../../terminal/alarm-text.ts'
import type { Context } from '../context.ts'
import { knownDatabase } from '../known-database.ts'
import { createWarner, notRecorded } from '../warner.ts'
import { whole } from './last-without-alarm.ts'

export interface AcceptOptions {
  /** `host[:port]/database`, or the end of such a name. */
  readonly spec: string
  /** The one table that may lose what it holds, now and from now on; null: what the alarm says is right this time. */
  readonly table: string | null
  readonly json: boolean
}

type AcceptContext = Pick<Context, 'configuration' | 'clock' | 'log' | 'runId' | 'screen'>

/**
 * `--accept`: a person has seen an alarm, and what it says is right. The newest archive is what later ones are held against
 * from now on, and what was held from before it is pruned by the counts again. Resolves with 0 also where no alarm
 * stands. Throws an OperatorError: `usage` for a SPEC or a table that means nothing, `volume` or `locked` where the
 * manifest can't be written.
 */
export async function accept(context: AcceptContext, options: AcceptOptions, signal: AbortSignal): Promise<ExitCode> {
  const { database, newest } = await newestArchive(context, options)
  const standing = standingAlarm(newest.manifest)
  if (options.table !== null) await requireTable(newest, options.table)
  if (standing === null && options.table === null) return say(context, options, { database, newest, standing })
  await writeDown(newest, { context, options }, signal)
  await record({ database, standing }, context, options)
  return say(context, options, { database, newest, standing })
}

interface Found {
  readonly database: NamedDatabase
  readonly newest: ArchiveEntry
}

async function newestArchive({ configuration, clock }: AcceptContext, { spec }: AcceptOptions): Promise<Found> {
  const { settings, databases } = configuration
  const { entries } = await readCatalog(settings.backupDir, settings)
  const database = knownDatabase(spec, { entries, databases, place: '--accept', whole: false })
  const [newest] = whole(entries, { database, now: clock.now() })
  if (newest !== undefined) return { database, newest }
  const message = `--accept: no archive of ${database.id.name} is whole and says what it holds; expected one with an alarm`
  throw new OperatorError('usage', message)
}

async function requireTable(newest: ArchiveEntry, table: string): Promise<void> {
  const counted = await countedTables(await readManifest(newest.path, contentProblem))
  const names = typeof counted === 'string' ? [] : counted.map(({ name, root }) => root ?? name)
  const lost = standingAlarm(newest.manifest)?.findings.flatMap(finding => finding.table ?? []) ?? []
  const known = [...new Set([...lost, ...names])]
  if (known.includes(table)) return
  const like = nearest(known, name => [slipsBetween(table, name), slipsBetween(table, name.split('.').at(-1) ?? name)])
  throw new OperatorError(
    'usage',
    '--table: no table that the newest archive has, or that its alarm names; expected one as --changes writes it',
    { hint: didYouMean(like) ?? 'backup --changes shows them' },
  )
}

async function writeDown(
  entry: ArchiveEntry,
  { context, options }: { readonly context: AcceptContext; readonly options: AcceptOptions },
  signal: AbortSignal,
): Promise<void> {
  const { configuration, clock, runId } = context
  const { backupDir, timeZone } = configuration.settings
  const accepted = { at: isoWithOffset(clock.now(), timeZone), by: whoAccepts() }
  await updateManifest(
    { backupDir, entry, runId, clock, contentProblem },
    manifest => acceptedIn(manifest, options.table, accepted),
    signal,
  )
}

/** The manifest after a person has said that all of its alarm, or what it says of one table, is right. */
function acceptedIn(
  manifest: Manifest,
  table: string | null,
  accepted: NonNullable<ContentAlarm['accepted']>,
): Manifest {
  const alarm = standingAlarm(manifest)
  const except = table === null ? {} : { alarmExcept: [...new Set([...(manifest.alarmExcept ?? []), table])] }
  if (alarm === null) return { ...manifest, ...except }
  const others = alarm.findings.filter(finding => finding.table !== null && finding.table !== table)
  // What is gone altogether is what these tables have lost.
  const isOver =
    table === null || (others.length === 0 && alarm.more === 0 && alarm.findings.some(({ table: of }) => of === table))
  const left = isOver
    ? { ...alarm, accepted }
    : { ...alarm, findings: alarm.findings.filter(({ table: of }) => of !== table) }
  return { ...manifest, alarm: left, ...except }
}

/** A pod has no names of people: its user's number, and its host. */
function whoAccepts(): string {
  return `uid ${process.getuid?.() ?? 'unknown'} on ${ownIdentity().owner}`
}

async function record(
  { database, standing }: { readonly database: NamedDatabase; readonly standing: ContentAlarm | null },
  context: AcceptContext,
  { table, json }: AcceptOptions,
): Promise<void> {
  const { backupDir, timeZone } = context.configuration.settings
  const line: HistoryLine = {
    type: 'alarm-accepted',
    at: isoWithOffset(context.clock.now(), timeZone),
    by: whoAccepts(),
    database: database.id.name,
    alarm: standing?.id ?? null,
    table,
  }
  context.log.info('alarm-accepted', line)
  try {
    await appendHistory(backupDir, line)
  } catch (error) {
    createWarner(context, json)(notRecorded('who has accepted it, in the history', error), error)
  }
}

function say(
  { screen }: AcceptContext,
  { table, json }: AcceptOptions,
  { database, newest, standing }: Found & { readonly standing: ContentAlarm | null },
): ExitCode {
  const name = database.id.name
  const archive = pathBelowVolume(newest)
  if (json) screen.printJson({ database: name, archive, accepted: standing, table })
  else if (table !== null) screen.print(`accepted   ${name}: ${table} may lose what it holds, from now on`)
  else if (standing === null) screen.print(`${name}: no alarm stands; nothing was changed`)
  else screen.print(`accepted   ${name}: ${alarmText(standing)}; later backups are held against ${archive}`)
  return 0
}
