import type { Remark } from '../../../events.ts'
import { ownIdentity } from '../../../system/process-identity.ts'
import { readDatabasePart } from '../database/read-database-part.ts'
import type { Marker } from '../made/marker.ts'
import type { LoadableDatabase, LoadedArchive } from '../round-trip/load-archive.ts'
import { endTimescaleRestore } from './end-timescale.ts'
import { type FactsToGive, type FinishInput, giveFacts, giveOwner } from './finish-side.ts'
import type { RestoreRun } from './restore-run.ts'
import { makeSide, type Side } from './side.ts'

/** A side database as a round trip takes it. */
export interface PlannedSide extends LoadableDatabase {
  readonly side: Side
}

/**
 * An empty side database of this name, of the planned shape. It is made from template0 and so without what an image puts
 * into template1: the schemas metric_helpers and user_management of Patroni's images, which the bash tool dropped before
 * it loaded the archive's own.
 */
export async function makePlannedSide(run: RestoreRun, name: string, signal: AbortSignal): Promise<PlannedSide> {
  const { context, plan, state, target, lock } = run
  const side = await makeSide(
    {
      ...{ maintenance: state.maintenance, connect: state.connect, clock: context.clock, lock, shape: plan.shape },
      marker: markerFor(run, name),
      tablespace: state.survey.live?.tablespace ?? null,
      withLoader: state.survey.admin.isSuperuser,
      onLeftBehind: (statements, reason) => tellLeftBehind(run, { statements, reason }),
    },
    signal,
  )
  const admin = target.adminOf(name)
  const { loader } = side
  return {
    ...{ side, name, admin, connect: state.loadConnect },
    loader: loader === null ? admin : { ...admin, user: loader.name, password: loader.password },
    handOver: working => handOver(run, side, working),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}

/** What says of something that it was made for a side database of this run. */
export function markerFor({ context, plan }: Pick<RestoreRun, 'context' | 'plan'>, database: string): Marker {
  return {
    ...{ state: 'loading', target: plan.target.database, database, run: context.runId },
    ...{ at: context.clock.now().toISOString(), by: ownIdentity().owner },
  }
}

/** Says which statements remove what could not be removed. */
export function tellLeftBehind(
  { context, say }: Pick<RestoreRun, 'context' | 'say'>,
  { statements, reason }: { readonly statements: readonly string[]; readonly reason: string },
): void {
  context.log.error('left-behind', { statements, reason })
  if (statements.length === 0) return
  const head = `left on the server, because it could not be removed (${reason}); to remove it:`
  say([head, ...statements.map(statement => `  ${statement}`)])
}

/** Gives a loaded side database its owner, and drops its loader. */
async function handOver(run: RestoreRun, side: Side, signal: AbortSignal): Promise<readonly Remark[]> {
  await side.takeBack(signal)
  const notGiven = await giveOwner(placeOf(run, side), signal)
  await side.dropLoader(signal)
  return notGiven
}

/** What a restore has made of its side database so far. */
interface LoadedInto {
  readonly side: Side
  readonly loaded: LoadedArchive
}

/**
 * Gives a side database that was compared its settings, rights and limit; the comment comes with the swap, as the side
 * database's says whose it is. Returns what could not be given.
 */
export async function finishCompared(
  run: RestoreRun,
  { side, loaded }: LoadedInto,
  signal: AbortSignal,
): Promise<readonly Remark[]> {
  const place = placeOf(run, side)
  if (run.state.survey.admin.isSuperuser)
    await endTimescaleRestore({ ...place, isTrusted: run.withSuperuserObjects }, signal)
  return await giveFacts({ ...place, given: factsOf(run, loaded) }, signal)
}

function placeOf({ plan, target, state }: RestoreRun, side: Side): FinishInput {
  return {
    side: target.adminOf(side.name),
    connect: state.connect,
    loader: side.loader?.name ?? null,
    owner: plan.owner,
    fallbackOwner: state.survey.live?.owner ?? state.survey.admin.name,
    databaseUser: target.databaseUser,
    withoutPublic: plan.shape.withoutPublic === true,
  }
}

/** The comment that the database is to have. */
export function commentOf(run: RestoreRun, loaded: LoadedArchive): string | null {
  return factsOf(run, loaded)?.facts.comment ?? null
}

/**
 * What the live database has now, else what the archive remembers in its manifest, or in the text that was loaded; null
 * where it remembers nothing.
 */
function factsOf({ plan, source, state }: RestoreRun, { report }: LoadedArchive): FactsToGive | null {
  if (state.live !== null) return { facts: state.live.database, from: 'live database' }
  const recorded = source.manifest?.database
  if (recorded === undefined || recorded.owner === null) {
    const { facts } = readDatabasePart(report.databaseBlocks, { owner: plan.owner, encoding: 'utf8' })
    return facts === null ? null : { facts, from: 'text of the archive' }
  }
  const { owner, settings, acl, comment, connectionLimit, isTemplate = false } = recorded
  return { facts: { owner, settings, acl, comment, connectionLimit, isTemplate }, from: 'manifest' }
}
