import type { DatabaseOutcome, RunReport, VerificationOutcome } from '../events.ts'

/** Where a copy of a database's new archive stands when the run ends. */
export interface CopyState {
  readonly destination: string
  readonly state: 'done' | 'waiting' | 'failed'
}

/** How one database came out of a run that may still go on. */
export type DatabaseResult =
  | { readonly mode: 'backup'; readonly outcome: DatabaseOutcome }
  | { readonly mode: 'verify'; readonly outcome: VerificationOutcome }

/**
 * Everything that may be worth telling, whether anybody is told or not. `history` are the finished runs before this one,
 * oldest first, as far as they are known; a run is judged beside them. Whoever makes one puts no secret and no row data
 * into it: outcomes and failures hold none by their own promise.
 */
export type Occurrence =
  | {
      readonly type: 'service-started'
      readonly databases: number
      /** Besides these all of so many servers. */
      readonly servers?: number
      /** When the first run comes, ISO 8601 with offset; null when no schedule does. */
      readonly nextRun: string | null
      readonly problems: readonly string[]
    }
  | {
      readonly type: 'run-started'
      readonly runId: string
      readonly mode: RunReport['mode']
      readonly history: readonly RunReport[]
    }
  /** One database of a run is through: what is told at once, and not only at the run's end. */
  | { readonly type: 'database-finished'; readonly runId: string; readonly result: DatabaseResult }
  | {
      readonly type: 'run-finished'
      readonly report: RunReport
      readonly history: readonly RunReport[]
      /** By the database's name in the report; absent where there are no destinations. */
      readonly copies?: Readonly<Record<string, readonly CopyState[]>>
    }
  | {
      readonly type: 'missed-run'
      /** When it should have begun, ISO 8601 with offset. */
      readonly expectedAt: string
      /** The command of its schedule line. */
      readonly command: string
      /** It is made up for at once. */
      readonly runsNow: boolean
    }
  | {
      readonly type: 'low-space'
      readonly freeBytes: number
      readonly totalBytes: number
      /** What the next run is likely to need; null when nobody knows. */
      readonly neededBytes: number | null
    }
  /** `backup.conf` changed while the service ran, and the new one is used from now on. */
  | {
      readonly type: 'configuration-changed'
      readonly databases: number
      readonly servers?: number
      readonly schedules: number
      readonly problems: readonly string[]
    }
  /** `backup.conf` changed, cannot be used, and the old one stays. */
  | { readonly type: 'configuration-refused'; readonly problems: readonly string[] }
  /** A person wants to see whether messages arrive. */
  | { readonly type: 'test' }
