import type { DestinationName, DestinationSettings } from './destination-settings.ts'
import type { KeepRules } from './keep-rule.ts'
import type { Shard } from './shard.ts'

/** What the environment asks for, checked, with defaults filled in. Durations are milliseconds, 0 where it says "none". */
export interface Settings {
  readonly strategy: 'rolling' | 'daily'
  /** Absolute path of the volume. */
  readonly backupDir: string
  /** Who may read and remove what is made on the volume; null: the group it is made with decides. */
  readonly volumeShared: 'group' | 'owner' | null
  /** Absolute path of the folder for scratch servers. */
  readonly verificationDir: string
  /** Null when a rule could not be read: then nothing is pruned, because a default might be too low. */
  readonly keep: KeepRules | null
  /** The share of all rows, and of the dump's size, from 0 to 1, whose loss is an alarm; null: none is. */
  readonly alarm: { readonly rows: number | null; readonly size: number | null }
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
  /** How long a scratch server may take to start. */
  readonly serverTimeoutMs: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly environmentName: string | null
  /** Time between two backups in legacy mode. */
  readonly backupPeriodMs: number
  /** Whether a run that was due while nothing ran is made up for at the start. */
  readonly runMissed: boolean
  /** How long a run may go on after the first signal to stop. */
  readonly shutdownGraceMs: number
  /** Where health and metrics are served; 0: nowhere. */
  readonly httpPort: number
  /** The databases that backups and verifications of all take; null: every one. */
  readonly shard: Shard | null
  /** Absolute path of the folder of hooks; null: there are none. */
  readonly hooksDir: string | null
  readonly hookTimeoutMs: number
  /** Where copies go. One that is asked for and can't be used is not there, which is a problem. */
  readonly destinations: readonly DestinationSettings[]
  /** Where copies are asked for, also where they can't be sent now: what a backup leaves undone there waits. */
  readonly wantedCopies: readonly DestinationName[]
}
