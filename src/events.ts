import type { DestinationName } from './config/destination-settings.ts'
import type { Failure } from './errors.ts'

/** What became of the copy of one archive at one destination. `waiting`: it was not come to; the next run sends it. */
export interface CopyOutcome {
  readonly destination: DestinationName
  readonly state: 'done' | 'waiting' | 'failed'
  readonly seconds: number
  readonly failure: Failure | null
}

/** What else one backup run did, and left undone, at one destination. */
export interface DestinationOutcome {
  readonly destination: DestinationName
  /** Where it is, for people. */
  readonly place: string
  /** Copies of earlier archives that were made up for. */
  readonly caughtUp: number
  /** Copies that are still missing, those of this run and of earlier ones. */
  readonly missing: number
  /** Names of what went because its archive is gone. */
  readonly removed: readonly string[]
  /** Why it is no better; the first reason, where there are several. */
  readonly failure: Failure | null
}

/** How much of something is in an archive; the word is a plural, such as `rows`. */
export interface Count {
  readonly what: string
  readonly count: number
}

/** 0 where nobody counted. */
export function countOf({ counts = [] }: { readonly counts?: readonly Count[] }, what: string): number {
  return counts.find(each => each.what === what)?.count ?? 0
}

/** A database that was live before a restore, which keeps it beside the new one until a person drops it. */
export interface KeptDatabase {
  readonly name: string
  /** Null where nobody could say. */
  readonly bytes: number | null
  /** When the restore put it aside, ISO 8601 with offset. */
  readonly since: string
  /** The statement that drops it. */
  readonly dropWith: string
}

/** What an archive lacks of what the last one without an alarm has: of one table, or of `rows` and `size` altogether. */
export interface AlarmFinding {
  readonly kind: 'gone' | 'emptied' | 'shrank' | 'rows' | 'size'
  /** As the manifest names it; null for what is about all of them. */
  readonly table: string | null
  /** Rows, or for `size` bytes of the dump. */
  readonly before: number
  readonly now: number
}

/** What an archive shows that only a person can say is right. It stands from archive to archive until somebody has. */
export interface ContentAlarm {
  /** The same in every archive in which it stands. */
  readonly id: string
  /** When the first archive that shows it was begun; ISO 8601 with offset. */
  readonly since: string
  /** The archive that it was held against. */
  readonly against: string
  /** The first so many; `more` others are counted only. */
  readonly findings: readonly AlarmFinding[]
  readonly more: number
  /** By whom and when it was taken for right; absent while it stands. */
  readonly accepted?: { readonly at: string; readonly by: string }
}

/** The alarm of a new archive, and whether it says what the archive before did not. */
export interface ToldAlarm extends ContentAlarm {
  readonly isNew: boolean
}

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
      /** Absent in lines of the history, which have fields of these names. */
      readonly counts?: readonly Count[]
      readonly seconds: number
      readonly warnings: readonly string[]
      /** Absent where restores have kept nothing beside it; null where the server did not say. */
      readonly keptByRestores?: readonly KeptDatabase[] | null
      /** What it lacks of what was there before; absent where that is nothing. */
      readonly alarm?: ToldAlarm
      readonly removed: readonly string[]
      /** Why pruning after the backup did not work; the backup itself is good. */
      readonly pruneFailure: Failure | null
      /** One for each destination, in their order; empty where there is none. */
      readonly copies: readonly CopyOutcome[]
    }
  | { readonly result: 'failed'; readonly database: string; readonly seconds: number; readonly failure: Failure }

/** What a backup run of all found new on one server of `backup.conf`, and what it is to remember. Databases are `host[:port]/database`. */
export interface ServerNews {
  /** `host[:port]`, with a star behind where every database is asked for. */
  readonly server: string
  /** Found for the first time, and backed up from now on. */
  readonly came: readonly string[]
  /** Backed up before, and not there any more. */
  readonly vanished: readonly string[]
  /** On the server, asked for by no line, and not told of before. */
  readonly uncovered: readonly string[]
  /** The same, told of before: the history of many databases is short. */
  readonly stillUncovered: readonly string[]
}

/** Everything that can happen in a backup run, as data; the log, the screen and later the chat each translate it. */
export type BackupEvent =
  | { readonly type: 'run-started'; readonly databases: number }
  | { readonly type: 'run-note'; readonly text: string }
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
  /** A hook said so; nobody is told. */
  | { readonly type: 'database-skipped'; readonly database: string }
  | { readonly type: 'leftovers-removed'; readonly database: string; readonly files: readonly string[] }
  | { readonly type: 'database-finished'; readonly outcome: DatabaseOutcome }
  | {
      readonly type: 'copy-progress'
      readonly database: string
      readonly destination: string
      readonly bytes: number
      readonly totalBytes: number
      readonly seconds: number
    }
  | {
      readonly type: 'copy-retried'
      readonly destination: string
      readonly failure: Failure
      readonly waitSeconds: number
    }
  /** `bytes` is the size of the archive. */
  | {
      readonly type: 'copy-finished'
      readonly database: string
      readonly archive: string
      readonly bytes: number
      readonly outcome: CopyOutcome
    }
  | { readonly type: 'destination-finished'; readonly outcome: DestinationOutcome }
  | { readonly type: 'run-finished'; readonly databases: number; readonly failed: number; readonly seconds: number }

/** What a verification found. Only `proved` says that the archive restores to what was dumped. */
export type Verdict = 'proved' | 'failed' | 'could-not-verify'

/** Where a copy of an archive is read from. */
export type ArchiveSource = 'volume' | DestinationName

/** One reason or remark that may leave the pod: a kind, the object in question, an SQLSTATE where there is one, a sentence. */
export interface Remark {
  readonly kind: string
  readonly name: string | null
  readonly sqlstate: string | null
  readonly text: string
}

/** `unknown`: it was not come to, or could not be told. */
export type FactState = 'held' | 'broken' | 'unknown'

/** The three facts that make a proof, each by itself. */
export interface ProofFacts {
  /** The archive's bytes and its content are those of the manifest. */
  readonly isWhatWasDumped: FactState
  /** Every statement and every row of it loads. */
  readonly loads: FactState
  /** The loaded database, dumped again, is what the archive says. */
  readonly comesBack: FactState
}

/** What became of one database in a verify run. Times are ISO 8601 with offset, durations seconds. */
export interface VerificationOutcome {
  readonly database: string
  /** Below the volume, or a destination's name of it; null when there is none. */
  readonly archive: string | null
  readonly from: ArchiveSource
  readonly takenAt: string | null
  readonly verdict: Verdict
  readonly facts: ProofFacts
  /** Why it is not proved; empty when it is. */
  readonly reasons: readonly Remark[]
  /** What a person should know of a proof: "without: …", statements spelled differently. */
  readonly notes: readonly string[]
  /** Absent in lines of the history, which have fields of these names. */
  readonly counts?: readonly Count[]
  readonly seconds: number
  /** How long loading this archive took, and so what a real restore would take at least; null when it was not loaded. */
  readonly restoreSeconds: number | null
}

/** An outcome for programs, which look for what is counted of PostgreSQL in fields of these names. */
export function withCountFields(outcome: DatabaseOutcome | VerificationOutcome): Readonly<Record<string, unknown>> {
  if ('result' in outcome && outcome.result === 'failed') return { ...outcome }
  const { counts: _, ...others } = outcome
  const tables = 'verdict' in outcome ? { tables: countOf(outcome, 'tables') } : {}
  return { ...others, ...tables, rows: countOf(outcome, 'rows') }
}

/** Everything that can happen in a verify run. */
export type VerifyEvent =
  | { readonly type: 'verify-run-started'; readonly databases: number }
  | { readonly type: 'verification-started'; readonly database: string; readonly archive: string }
  | {
      readonly type: 'verification-progress'
      readonly database: string
      readonly step: 'reading' | 'loading' | 'indexes' | 'comparing'
      readonly rawBytes: number
      readonly totalRawBytes: number | null
      readonly seconds: number
    }
  | { readonly type: 'verification-finished'; readonly outcome: VerificationOutcome }
  | {
      readonly type: 'verify-run-finished'
      readonly databases: number
      readonly proved: number
      readonly failed: number
      readonly unverified: number
      readonly seconds: number
    }

/** What the reports of all modes have in common. */
export interface RunFacts {
  readonly runId: string
  /** Who asked for it: a person or a CronJob, the schedule, or the schedule for a time at which the pod was down. */
  readonly trigger: 'command' | 'schedule' | 'missed'
  /** ISO 8601 with offset. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly seconds: number
  readonly exitCode: number
  /** Ended by a signal before it was through. */
  readonly interrupted: boolean
  /** Configuration problems that stood at the time, one line each. */
  readonly problems: readonly string[]
}

/** A finished run as one value: a line of the history, the content of a digest, the source of metrics. */
export type RunReport =
  | (RunFacts & {
      readonly mode: 'backup'
      /** The databases that it was asked for, and no others; absent where it was for every one. */
      readonly only?: readonly string[]
      readonly outcomes: readonly DatabaseOutcome[]
      /** What hooks have left out, which is in no outcome; absent where they have left out nothing. */
      readonly skipped?: readonly string[]
      /** Absent where nothing is new there, or to be remembered. */
      readonly servers?: readonly ServerNews[]
      /** Absent where copies go nowhere, and in the history of older versions. */
      readonly destinations?: readonly DestinationOutcome[]
    })
  | (RunFacts & { readonly mode: 'verify'; readonly outcomes: readonly VerificationOutcome[] })
  | (RunFacts & { readonly mode: 'prune'; readonly removed: readonly string[]; readonly failure: Failure | null })
  | (RunFacts & {
      readonly mode: 'restore'
      readonly database: string
      readonly archive: string
      readonly failure: Failure | null
    })
