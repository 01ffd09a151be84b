import { readCatalog } from '../catalog/catalog.ts'
import { knownSources } from '../catalog/known-sources.ts'
import type { Configuration } from '../config/configuration.ts'
import type { DatabaseTarget } from '../config/database-target.ts'
import type { LookedUpServer } from '../config/found-databases.ts'
import { isSameServer, type ServerAddress } from '../config/server-line.ts'
import type { NamedDatabase } from '../config/source-id.ts'
import { MOST_FOUND, withFoundDatabases } from '../config/with-found-databases.ts'
import { logLinesOf } from '../errors.ts'
import type { Context } from './context.ts'
import { databasesBefore } from './databases-before.ts'
import { finishedRuns } from './tell-of-run.ts'

export interface LookUp {
  /** Ask every listed server, also those of which single databases are listed: for what no line covers. */
  readonly everyServer: boolean
  /** What archives are of, and had not vanished, stands for a server that cannot be asked; nothing may be removed by such a list. */
  readonly byArchives: boolean
  /** The longest that connecting may take, where a person waits for it; absent: as everywhere. */
  readonly connectTimeoutMs?: number
}

type LookUpContext = Pick<Context, 'configuration' | 'env' | 'runId' | 'log'>

/**
 * The context of a run with the databases that its servers have at this moment: the one place between the configuration and
 * what any mode does with its sources. Rejects only with the signal's reason; what could not be found out stands in
 * `configuration.found`.
 */
export async function lookUpDatabases<Given extends LookUpContext>(
  context: Given,
  wanted: LookUp,
  signal: AbortSignal,
): Promise<Given> {
  const { configuration } = context
  const servers = askable(configuration, wanted)
  if (servers.length === 0 && configuration.servers.length === 0) return context
  const lookedUp = await Promise.all(servers.map(inside => ask(inside, { ...context, ...wanted }, signal)))
  const isKnownNeeded = wanted.byArchives && needsKnown(configuration, lookedUp)
  const known = isKnownNeeded ? await knownByArchives(context) : []
  return { ...context, configuration: withFoundDatabases(configuration, lookedUp, known) }
}

type Inside = readonly [DatabaseTarget, ...DatabaseTarget[]]

/** For each server the databases in which it may be asked, in the order in which they are tried. */
function askable({ servers, targets }: Configuration, { everyServer }: LookUp): readonly Inside[] {
  const inside = servers.flatMap(({ target }): readonly Inside[] => {
    if (target === null) return []
    const listed = targets.filter(each => isSameServer(each, target))
    return [[target, ...listed, { ...target, database: 'template1' }]]
  })
  const others = targets.filter(target => everyServer && !servers.some(server => isSameServer(server, target)))
  const byServer = Map.groupBy(others, ({ host, port }) => `${port} ${host}`)
  return [
    ...inside,
    ...[...byServer.values()].flatMap(([first, ...more]) => (first ? [[first, ...more] as const] : [])),
  ]
}

async function ask(inside: Inside, given: LookUpContext & LookUp, signal: AbortSignal): Promise<LookedUpServer> {
  const { env, runId, log, connectTimeoutMs } = given
  const { databasesOfServer } = await import('../sources/postgres/inspect/server-databases.ts')
  const patience = connectTimeoutMs === undefined ? {} : { connectTimeoutMs }
  const options = { env, applicationName: `backup-container ${runId} look-up`, ...patience }
  const answer = await databasesOfServer(inside, options, signal)
  const { host, port, failure } = answer
  if (failure !== null) log.warn('databases-not-looked-up', { host, port, failure })
  return answer
}

function needsKnown({ servers }: Configuration, lookedUp: readonly LookedUpServer[]): boolean {
  const answerTo = (server: ServerAddress): LookedUpServer | undefined =>
    lookedUp.find(each => isSameServer(each, server))
  return servers.some(server => {
    const answer = answerTo(server)
    return answer === undefined || answer.failure !== null || answer.names.length > MOST_FOUND
  })
}

/** A volume that cannot be read stops the run by itself, where it needs one. */
async function knownByArchives(context: LookUpContext): Promise<readonly NamedDatabase[]> {
  const { configuration, log } = context
  const { backupDir, timeZone } = configuration.settings
  try {
    const { entries } = await readCatalog(backupDir, { timeZone })
    const { vanished } = databasesBefore(await finishedRuns(context))
    return knownSources(entries, []).unlisted.filter(({ id }) => !vanished.has(id.name))
  } catch (error) {
    log.warn('archives-not-looked-up', { lines: logLinesOf(error) })
    return []
  }
}
