/** How many archives of one database are kept: per tier under the rolling strategy, `daily strategy` in one count. */
export interface KeepCounts {
  readonly daily: number
  readonly weekly: number
  readonly monthly: number
  /** NUM_BACKUPS, for the daily strategy. */
  readonly all: number
}

/** What the environment asks for, checked, with defaults filled in. Durations are milliseconds, 0 where it says "none". */
export interface Settings {
  readonly strategy: 'rolling' | 'daily'
  /** Absolute path of the volume. */
  readonly backupDir: string
  /** Null when a count could not be read: then nothing is pruned, because a default might be too low. */
  readonly keep: KeepCounts | null
  /** IANA name of the one zone in which times are computed. */
  readonly timeZone: string
  readonly concurrency: number
  readonly concurrencyPerHost: number
  readonly lockWaitMs: number
  readonly tableLockWaitMs: number
  /** 0: no deadline. */
  readonly dumpTimeoutMs: number
  readonly dumpRetries: number
  readonly stallTimeoutMs: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly environmentName: string | null
}
