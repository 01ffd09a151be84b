import type { Command } from '../../cli.ts'
import type { VerifyEvent } from '../../events.ts'
import type { ScratchServers } from '../../sources/postgres/prove/scratch-servers.ts'
import type { Context } from '../context.ts'
import type { ArchiveReader } from '../copies/archive-source.ts'

/** The flags of `-v`. */
export type VerifyOptions = Omit<Extract<Command, { readonly mode: 'verify' }>, 'mode'>

/** What the databases of one run share. */
export interface VerifyRun {
  readonly context: Context
  readonly options: VerifyOptions
  readonly scratch: ScratchServers
  readonly archives: ArchiveReader
  report(event: VerifyEvent): void
}
