import type { SourceContext } from '../../source-context.ts'
import { type ClientTools, chooseClientTools, findClientTools } from '../client-tools/client-tools.ts'
import { connect } from '../connection/connection.ts'
import { type Capabilities, readCapabilities } from '../scratch/capabilities.ts'
import { confinementText } from '../scratch/confinement.ts'
import { type ScratchServer, startScratchServer } from '../scratch/scratch-server.ts'
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
   * A live server that archives of this major load into: the one that is there if it is right, else a new one. Throws an
   * OperatorError when there are no binaries, no client tools, no space, or when it does not start.
   */
  serverFor(sourceMajor: number, signal: AbortSignal): Promise<Scratch>
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
    async serverFor(sourceMajor, signal) {
      installed ??= findServerBinaries(context.env, signal)
      const binaries = chooseServerBinaries(await installed, sourceMajor)
      // One that died, of its memory limit perhaps, is no reason to leave the other databases out.
      const isUsable = current?.binaries.postgres === binaries.postgres && !current.server.exited.aborted
      if (current !== null && isUsable) return current
      await stop()
      const { tools } = chooseClientTools(await findClientTools(context.env, signal), binaries.major)
      if (!isSwept) await sweep(context, signal)
      isSwept = true
      current = { ...(await start(context, binaries, signal)), tools, binaries }
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

/** A new server, and what it has. Nothing is left of one that can't be asked. */
async function start(
  context: SourceContext,
  binaries: ServerBinaries,
  signal: AbortSignal,
): Promise<Pick<Scratch, 'server' | 'capabilities'>> {
  const { configuration, runId, clock, env, log } = context
  const { verificationDir: folder, serverTimeoutMs: readyTimeoutMs } = configuration.settings
  const onLine = (line: string): void => log.debug('scratch-server', { line })
  await using cleanup = new AsyncDisposableStack()
  const server = cleanup.use(
    await startScratchServer({ binaries, folder, runId, clock, readyTimeoutMs, env, onLine }, signal),
  )
  log.info('scratch-server-started', { version: server.version, confinement: confinementText(server.confinement) })
  const options = { env: server.env, applicationName: `backup-container ${runId}` }
  await using admin = await connect(server.target('postgres'), options, signal)
  const capabilities = await readCapabilities(admin)
  cleanup.move()
  return { server, capabilities }
}
