import type { DestinationName } from '../../config/destination-settings.ts'
import type { VerifyEvent } from '../../events.ts'
import type { Context } from '../context.ts'
import type { ArchiveReader } from '../copies/archive-source.ts'
import type { ScratchServers } from './scratch-servers.ts'

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
