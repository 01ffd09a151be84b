import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { Remark } from '../../../events.ts'
import type { Clock } from '../../../system/clock.ts'
import type { ConnectOptions } from '../connection/connection.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import type { KnownItems } from '../fingerprint/known-items.ts'
import type { DispatchOptions, LoadStep } from '../load/statement-dispatcher.ts'
import type { DumpSession } from './expectation.ts'

/**
 * One archive on its way into a database and back. A proof goes this way on a scratch server, a restore beside the live
 * database; what differs between the two is data here.
 */
export interface RoundTrip extends Pick<DispatchOptions, 'missingRoles' | 'superuserObjects'> {
  readonly content: ArchiveContent
  readonly expected: DumpSession
  /** Of every inventory that is taken on the way: all of them are compared. */
  readonly known: KnownItems
  /** Go on behind statements that the server refuses, and list them. */
  readonly ignoreErrors: boolean
  readonly clock: Clock
  /** What pg_dump says while it dumps what was loaded. */
  onStderr(line: string): void
  /** How many bytes of the dump have passed in this step. */
  onStep(step: LoadStep | 'comparing', bytes: number): void
  /** One more database like the first, for the archive's statements alone. */
  makeAgain(signal: AbortSignal): Promise<LoadableDatabase>
}

/** An empty database and who loads it. Disposing of it drops both, unless somebody has kept it. */
export interface LoadableDatabase extends AsyncDisposable {
  readonly name: string
  /** Whose session makes what the loader may not. */
  readonly admin: DatabaseTarget
  readonly loader: DatabaseTarget
  /** Of the sessions that load. */
  readonly connect: ConnectOptions
  /** It is loaded: it goes to whom it shall belong. Returns what could not be given. */
  handOver(signal: AbortSignal): Promise<readonly Remark[]>
}
