import type { DestinationName } from '../config/destination-settings.ts'
import type { KeptDatabase, Verdict } from '../events.ts'
import type { SourceState } from './source-state.ts'

/** Archives of one database, counted by what keeps them; `other` are those of the daily strategy. */
export interface ArchiveCounts {
  readonly daily: number
  readonly weekly: number
  readonly monthly: number
  readonly yearly: number
  readonly other: number
}

/** The copies of one database at one destination. */
export interface CopyStatus {
  readonly destination: DestinationName
  /** When the newest archive that is there was taken; null: none is. */
  readonly archiveAt: string | null
  /** Archives on the volume that should be there and are not. */
  readonly missing: number
}

/** What is known of one configured database. Times are ISO 8601 with offset; sizes bytes; null is "never" or "not known". */
export interface DatabaseStatus {
  /** `host/database`. */
  readonly database: string
  /** How it stands, and since when, as `backup -l` says it. */
  readonly state: SourceState
  readonly since: string | null
  readonly archives: ArchiveCounts
  readonly storedBytes: number
  /** Of the newest good archive, by the manifests on the volume, whoever made it. */
  readonly lastSuccess: {
    readonly startedAt: string
    readonly finishedAt: string
    readonly storedBytes: number
    readonly rawBytes: number
  } | null
  /** When the newest archive that is proved, and has not failed since, was taken: what is known to come back. */
  readonly lastProved: { readonly archiveAt: string; readonly provedAt: string } | null
  readonly lastVerification: { readonly at: string; readonly verdict: Verdict } | null
  /** By the manifests; one for each destination that is set. */
  readonly copies: readonly CopyStatus[]
  /** The last backup that was tried, by the history. `reason` is the kind of failure. */
  readonly lastRun: {
    readonly finishedAt: string
    readonly result: 'backed-up' | 'failed'
    readonly seconds: number
    readonly reason: string | null
  } | null
  /** What restores have kept beside it, as its last backup saw it; null where none has looked. */
  readonly kept: { readonly seenAt: string; readonly databases: readonly KeptDatabase[] } | null
}

/** A listed server with what no line of `backup.conf` covers; null where it could not be asked. */
export interface ServerStatus {
  /** `host[:port]`, with `/*` behind where every database is asked for. */
  readonly server: string
  /** ISO 8601 with offset. */
  readonly lookedAt: string
  readonly databases: number | null
  readonly uncovered: readonly string[] | null
  /** The kind of failure. */
  readonly reason: string | null
}

/** A run in a list of the status. */
export interface RunStatus {
  readonly mode: string
  readonly schedule: string
  readonly trigger: 'schedule' | 'missed'
  readonly since: string
}

/** The state of the container for machines, browsers and people. No secret is in it, and no path but the volume's own. */
export interface ServiceStatus {
  readonly version: string
  readonly mode: 'cron' | 'legacy'
  readonly startedAt: string
  readonly configuration: {
    /** SHA-256 of `backup.conf` as it is used; null when there is no such file. */
    readonly sha256: string | null
    readonly loadedAt: string
    /** `backup.conf:<line>` or the variable, of each problem. */
    readonly problems: readonly string[]
    /** A changed file that could not be taken over; the one above is still used. */
    readonly refused: {
      readonly at: string
      readonly sha256: string | null
      readonly problems: readonly string[]
    } | null
  }
  readonly schedules: readonly {
    readonly schedule: string
    readonly timeZone: string
    readonly mode: string
    readonly next: string
    /** Seconds between two runs, the longest of the next sixteen; null when it runs once only, or not for every database. */
    readonly intervalSeconds: number | null
  }[]
  readonly running: RunStatus | null
  readonly waiting: readonly RunStatus[]
  /** Since this process started. */
  readonly runs: { readonly finished: number; readonly failed: number; readonly missed: number }
  readonly databases: readonly DatabaseStatus[]
  /** One for each server of which a database is listed, where somebody could ask it. */
  readonly servers: readonly ServerStatus[]
  readonly volume: { readonly writable: boolean; readonly totalBytes: number | null; readonly freeBytes: number | null }
  readonly notifications: { readonly delivered: number; readonly failed: number; readonly queued: number }
  readonly residentBytes: number
}
