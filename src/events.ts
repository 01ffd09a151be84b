import type { Failure } from './errors.ts'

/** What became of one database in a backup run. Sizes are bytes, durations seconds, the archive a path below the volume. */
export type DatabaseOutcome =
  | {
      readonly result: 'backed-up'
      readonly database: string
      readonly archive: string
      readonly rawBytes: number
      readonly storedBytes: number
      /** Null when there was no archive before. */
      readonly previousBytes: number | null
      readonly rows: number
      readonly seconds: number
      readonly warnings: readonly string[]
      readonly removed: readonly string[]
      /** Why pruning after the backup did not work; the backup itself is good. */
      readonly pruneFailure: Failure | null
    }
  | { readonly result: 'failed'; readonly database: string; readonly seconds: number; readonly failure: Failure }

/** Everything that can happen in a backup run, as data; the log, the screen and later the chat each translate it. */
export type BackupEvent =
  | { readonly type: 'run-started'; readonly databases: number }
  | { readonly type: 'database-started'; readonly database: string }
  | {
      readonly type: 'database-progress'
      readonly database: string
      readonly rawBytes: number
      /** Of the archive before, uncompressed; null when there is none that says so. */
      readonly previousRawBytes: number | null
      readonly seconds: number
    }
  | { readonly type: 'database-warning'; readonly database: string; readonly text: string }
  | {
      readonly type: 'database-retried'
      readonly database: string
      readonly failure: Failure
      readonly waitSeconds: number
    }
  | { readonly type: 'leftovers-removed'; readonly database: string; readonly files: readonly string[] }
  | { readonly type: 'database-finished'; readonly outcome: DatabaseOutcome }
  | { readonly type: 'run-finished'; readonly databases: number; readonly failed: number; readonly seconds: number }
