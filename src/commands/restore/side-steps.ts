import type { Remark } from '../../events.ts'
import type { GivenFacts } from '../../postgres/database-part.ts'
import { finishSide } from './finish-side.ts'
import { loadProgress } from './load-progress.ts'
import { type LoadedSide, type LoadSideInput, loadSide } from './load-side.ts'
import type { Restoring } from './restoring.ts'
import { makeSide, type Side, type SideInput } from './side.ts'

/**
 * An empty side database of this name, of the planned shape. It is made from template0 and so without what an image puts
 * into template1: the schemas metric_helpers and user_management of Patroni's images, which the bash tool dropped before
 * it loaded the archive's own.
 */
export async function makePlannedSide(
  { context, options, plan, state }: Restoring,
  name: string,
  signal: AbortSignal,
): Promise<Side> {
  const input: SideInput = {
    maintenance: state.maintenance,
    connect: state.connect,
    clock: context.clock,
    name,
    shape: plan.shape,
    tablespace: state.survey.live?.tablespace ?? null,
    withLoader: state.survey.admin.isSuperuser,
    onLeftBehind(statements, reason) {
      context.log.error('left-behind', { statements, reason })
      if (options.json) return
      context.screen.print([
        `left on the server, because it could not be removed (${reason}); to remove it:`,
        ...statements.map(statement => `  ${statement}`),
      ])
    },
  }
  return await makeSide(input, signal)
}

/** Loads the archive into a side database, by its loader. */
export async function loadArchive(
  { context, options, plan, source, target, state }: Restoring,
  given: Pick<LoadSideInput, 'content' | 'data'> & { readonly side: Side },
  signal: AbortSignal,
): Promise<LoadedSide> {
  const progress = loadProgress(context, source.manifest?.rawBytes ?? null)
  const input: LoadSideInput = {
    ...given,
    source,
    admin: target.adminOf(given.side.name),
    connect: state.loadConnect,
    ignoreErrors: options.ignoreErrors,
    onProgress: (step, bytes) => progress.show(`${plan.target.name}: ${step}`, bytes),
  }
  try {
    return await loadSide(input, signal)
  } finally {
    progress.end()
  }
}

/** Gives a loaded side database its owner and facts, and drops its loader. Returns what could not be given. */
export async function finishLoaded(restoring: Restoring, side: Side, signal: AbortSignal): Promise<readonly Remark[]> {
  const { plan, target, state } = restoring
  const notGiven = await finishSide(
    {
      side: target.adminOf(side.name),
      connect: state.connect,
      loader: side.loader?.name ?? null,
      owner: plan.owner,
      fallbackOwner: state.survey.live?.owner ?? state.survey.admin.name,
      facts: factsOf(restoring),
      databaseUser: target.databaseUser,
    },
    signal,
  )
  await side.dropLoader(signal)
  return notGiven
}

/** What the live database has now, else what the archive remembers; null where an adopted archive remembers nothing. */
function factsOf({ source, state }: Restoring): GivenFacts | null {
  if (state.live !== null) return state.live.database
  const recorded = source.manifest?.database
  if (recorded === undefined || recorded.owner === null) return null
  const { owner, settings, acl, comment, connectionLimit } = recorded
  return { owner, settings, acl, comment, connectionLimit: connectionLimit ?? -1 }
}
