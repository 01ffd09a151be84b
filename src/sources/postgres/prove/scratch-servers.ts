import type { SourceContext } from '../../source-context.ts'
import { type ClientTools, chooseClientTools, findClientTools } from '../client-tools/client-tools.ts'
import { connect } from '../connection/connection.ts'
import { type Capabilities, readCapabilities } from '../scratch/capabilities.ts'
import { confinementText } from '../scratch/confinement.ts'
import { preloadFor } from '../scratch/preload.ts'
import { type ScratchServer, type ScratchServerInput, startScratchServer } from '../scratch/scratch-server.ts'
import { chooseServerBinaries, findServerBinaries, type ServerBinaries } from '../scratch/server-binaries.ts'
import { sweepScratchLeftovers } from '../scratch/sweep-scratch.ts'

/** A scratch server, what it has, and the pg_dump that dumps it. */
export interface Scratch {
  readonly server: ScratchServer
  readonly capabilities: Capabilities
  readonly tools: ClientTools
}

/** The scratch servers of one run, of which one is alive at a time. */
export interface ScratchServers extends AsyncDisposable {
  /**
   * A live server that such an archive loads into: the one that is there if it is right, else a new one. Throws an
   * OperatorError when there are no binaries, no client tools, no space, or when it does not start.
   */
  serverFor(archived: Archived, signal: AbortSignal): Promise<Scratch>
}

/** What of an archive matters to the server that it is loaded into. */
export interface Archived {
  readonly serverMajor: number
  /** Those that are known of it. */
  readonly extensions: readonly string[]
}

/** Starts nothing yet. Disposing of it stops the server that is alive, and leaves nothing behind. */
export function createScratchServers(context: SourceContext): ScratchServers {
  let current: (Scratch & { readonly binaries: ServerBinaries }) | null = null
  let isSwept = false
  let installed: Promise<readonly ServerBinaries[]> | null = null
  const stop = async (): Promise<void> => {
    const stopping = current
    current = null
    await stopping?.server[Symbol.asyncDispose]()
  }
  return {
    async serverFor({ serverMajor, extensions }, signal) {
      installed ??= findServerBinaries(context.env, signal)
      const binaries = chooseServerBinaries(await installed, serverMajor)
      const preload = await preloadFor(extensions, binaries)
      // One that died, of its memory limit perhaps, is no reason to leave the other databases out.
      if (current !== null && isUsable(current, { binaries, preload })) return current
      await stop()
      const { tools } = chooseClientTools(await findClientTools(context.env, signal), binaries.major)
      if (!isSwept) await sweep(context, signal)
      isSwept = true
      current = { ...(await start(context, { binaries, preload }, signal)), tools, binaries }
      return current
    },
    [Symbol.asyncDispose]: stop,
  }
}

async function sweep(context: SourceContext, signal: AbortSignal): Promise<void> {
  const { configuration, log } = context
  const removed = await sweepScratchLeftovers(configuration.settings.verificationDir, context, signal)
  if (removed.length > 0) log.warn('scratch-leftovers-removed', { folders: removed })
}

type Wanted = Pick<ScratchServerInput, 'binaries'> & { readonly preload: readonly string[] }

function isUsable(current: Scratch & Pick<Wanted, 'binaries'>, { binaries, preload }: Wanted): boolean {
  const isSame = current.binaries.postgres === binaries.postgres && current.server.preload.join() === preload.join()
  return isSame && !current.server.exited.aborted
}

/** A new server, and what it has. Nothing is left of one that can't be asked. */
async function start(
  context: SourceContext,
  { binaries, preload }: Wanted,
  signal: AbortSignal,
): Promise<Pick<Scratch, 'server' | 'capabilities'>> {
  const { configuration, runId, clock, env, log } = context
  const { verificationDir: folder, serverTimeoutMs: readyTimeoutMs } = configuration.settings
  const onLine = (line: string): void => log.debug('scratch-server', { line })
  await using cleanup = new AsyncDisposableStack()
  const server = cleanup.use(
    await startScratchServer({ binaries, preload, folder, runId, clock, readyTimeoutMs, env, onLine }, signal),
  )
  const confinement = confinementText(server.confinement)
  log.info('scratch-server-started', {
    version: server.version,
    confinement,
    ...(preload.length === 0 ? {} : { preload }),
  })
  const options = { env: server.env, applicationName: `backup-container ${runId}` }
  await using admin = await connect(server.target('postgres'), options, signal)
  const capabilities = await readCapabilities(admin)
  cleanup.move()
  return { server, capabilities }
}
