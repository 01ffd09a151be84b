import type { DestinationName } from '../../config/destination-settings.ts'
import type { VerifyEvent } from '../../events.ts'
import type { ClientTools } from '../../postgres/client-tools.ts'
import type { Capabilities } from '../../postgres/scratch/capabilities.ts'
import type { ScratchServer } from '../../postgres/scratch/scratch-server.ts'
import type { Context } from '../context.ts'
import type { ArchiveReader } from '../copies/archive-source.ts'

export interface VerifyOptions {
  /** `[postgres=]host[:port]/database` or `all`. */
  readonly spec: string
  readonly filter: string | null
  /** Load past errors, to see them all; nothing is proved that way. */
  readonly ignoreErrors: boolean
  /** Write a manifest for the archives that have none. */
  readonly adopt: boolean
  /** Prove the copies there; null: the archives on the volume. */
  readonly from: DestinationName | null
  readonly json: boolean
}

/** What the databases of one run share. */
export interface VerifyRun {
  readonly context: Context
  readonly options: VerifyOptions
  readonly scratch: ScratchServers
  readonly archives: ArchiveReader
  report(event: VerifyEvent): void
}

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
