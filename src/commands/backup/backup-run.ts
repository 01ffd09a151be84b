import type { Compressor } from '../../archive/compressor.ts'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import type { Lock } from '../../catalog/held-lock.ts'
import type { BackupEvent } from '../../events.ts'
import type { BackupJob } from '../../plan.ts'
import type { RolesReader } from '../../sources/postgres/capture/roles-reader.ts'
import type { ClientTools } from '../../sources/postgres/client-tools/client-tools.ts'
import type { Context } from '../context.ts'
import type { CopyRun } from '../copies/copy-run.ts'
import type { Marks } from './asked-for.ts'
import type { BackupHooks } from './backup-hooks.ts'

/** What the databases of one run share. */
export interface BackupRun {
  readonly context: Context
  /** 0: a locked database fails at once. */
  readonly lockWaitMs: number
  readonly marks: Marks
  readonly clientTools: readonly ClientTools[]
  readonly compressor: Compressor
  readonly readRoles: RolesReader
  readonly hooks: Pick<BackupHooks, 'ofSource'>
  readonly copies: Pick<CopyRun, 'send'>
  report(event: BackupEvent): void
  /** Says something about the whole run, that needs nobody; each text once. */
  note(text: string): void
}

/** One database of a run whose lock is held. */
export interface BackupCycle {
  readonly job: BackupJob
  readonly run: BackupRun
  readonly lock: Lock
  /** The archive before, whoever made it; null if there is none. */
  readonly previous: ArchiveEntry | null
  /** All of the same stem, newest first. */
  readonly earlier: readonly ArchiveEntry[]
  /** When the cycle began, by the clock's monotonic time. */
  readonly startedMs: number
}
