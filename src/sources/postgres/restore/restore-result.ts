import type { Remark } from '../../../events.ts'

/** What a finished restore did. */
export interface RestoreResult {
  readonly tables: number
  readonly rows: number
  readonly seconds: number
  /** `no-fingerprint`: the archive has no manifest, so that only its tables were looked at. */
  readonly compared: 'equal' | 'different' | 'no-fingerprint'
  /** Errors of loading and differences that `-I` went past. */
  readonly ignored: readonly Remark[]
  /** Ownership, rights and settings that could not be given, mostly to roles that the server lacks. */
  readonly skipped: readonly Remark[]
  readonly notes: readonly string[]
  /** The name of the database that was live before; null where there was none. */
  readonly keptAs: string | null
  /** The statement that removes it. */
  readonly dropCommand: string | null
}
