import { basename } from 'node:path'
import { type ArchiveEntry, readCatalog } from '../../catalog/catalog.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import type { Lock } from '../../catalog/held-lock.ts'
import { latestOf } from '../../catalog/latest.ts'
import { acquireLock } from '../../catalog/locks.ts'
import { requireSpace, volumeSpace } from '../../catalog/space.ts'
import { sweepLeftovers } from '../../catalog/sweep-leftovers.ts'
import { failureOf, logLinesOf, OperatorError } from '../../errors.ts'
import type { DatabaseOutcome } from '../../events.ts'
import type { BackupJob } from '../../plan.ts'
import { waitingOutcomes } from '../copies/copy-run.ts'
import { refuseLinkedFolder } from './archive-place.ts'
import type { BackupCycle, BackupRun } from './backup-run.ts'
import { pruneAfterBackup } from './prune-after-backup.ts'
import { type TakenArchive, takeArchive } from './take-archive.ts'

/** Waits before another try of a dump whose connection was lost; the last one serves all further tries. */
const RETRY_WAITS_MS = [10_000, 60_000]

/**
 * One cycle: lock, hooks, sweep, dump with retries, prune. Null where a hook has left it out. Never rejects: whatever goes
 * wrong is the outcome of this database alone, and its older archives stay as they were.
 */
export async function backUpDatabase(
  job: BackupJob,
  run: BackupRun,
  signal: AbortSignal,
): Promise<DatabaseOutcome | null> {
  const { clock, log } = run.context
  const database = job.id.name
  const startedMs = clock.monotonicMs()
  const secondsSoFar = (): number => Math.round(clock.monotonicMs() - startedMs) / 1000
  const hooks = run.hooks.ofSource(database)
  const outcome = await backUp({ job, run, hooks }, signal).then(
    (taken): DatabaseOutcome | null => {
      if (taken === null) return null
      const { path, ...done } = taken
      sendCopies({ job, path, bytes: done.storedBytes }, run)
      return { result: 'backed-up', database, seconds: secondsSoFar(), ...done }
    },
    (error: unknown): DatabaseOutcome => {
      const lines = logLinesOf(error)
      if (lines.length > 0) log.error('database-failure-details', { database, lines })
      return { result: 'failed', database, seconds: secondsSoFar(), failure: failureOf(error) }
    },
  )
  if (outcome === null) {
    run.report({ type: 'database-skipped', database })
    return null
  }
  const said = await hooks.after(outcome, signal)
  for (const text of said) run.report({ type: 'database-warning', database, text })
  const told = withWarnings(outcome, said)
  run.report({ type: 'database-finished', outcome: told })
  return told
}

function withWarnings(outcome: DatabaseOutcome, said: readonly string[]): DatabaseOutcome {
  return outcome.result === 'failed' ? outcome : { ...outcome, warnings: [...outcome.warnings, ...said] }
}

type Done = Omit<Extract<DatabaseOutcome, { result: 'backed-up' }>, 'result' | 'database' | 'seconds'>

/** Now that the lock is free: how long copies take is nobody's concern but theirs. */
function sendCopies({ job, path, bytes }: { job: BackupJob; path: string; bytes: number }, run: BackupRun): void {
  const entry = { path, folder: job.folder, name: basename(path), stem: job.id.stem }
  run.copies.send({ database: job.id.name, entry, bytes })
}

interface Asked {
  readonly job: BackupJob
  readonly run: BackupRun
  readonly hooks: ReturnType<BackupRun['hooks']['ofSource']>
}

async function backUp(
  { job, run, hooks }: Asked,
  signal: AbortSignal,
): Promise<(Done & { readonly path: string }) | null> {
  signal.throwIfAborted()
  const { clock, configuration, runId } = run.context
  const { backupDir } = configuration.settings
  const startedMs = clock.monotonicMs()
  await using lock = await acquireLock({ backupDir, stem: job.id.stem, runId, waitMs: run.lockWaitMs, clock }, signal)
  const working = AbortSignal.any([signal, lock.lost])

  // Under the lock, so that an application is not put to rest for a dump that waits for another run.
  if (!(await hooks.before(working))) return null
  run.report({ type: 'database-started', database: job.id.name })
  await refuseLinkedFolder(job, backupDir)
  await sweep(job, run, lock)
  const earlier = await earlierArchives(job, run)
  const previous = latestOf(earlier, clock.now())
  await checkSpace(run, previous)
  const cycle = { job, run, lock, previous, earlier, startedMs }
  const taken = await takeWithRetries(cycle, working)
  const pruned = await pruneAfterBackup(cycle, taken.path, working)

  const copies = waitingOutcomes(configuration.settings)
  const { path } = taken
  return { path, ...summaryOf(job, taken, previous), warnings: taken.warnings, ...pruned, copies }
}

async function sweep(job: BackupJob, run: BackupRun, lock: Lock): Promise<void> {
  const files = await sweepLeftovers(run.context.configuration.settings.backupDir, lock)
  if (files.length > 0) run.report({ type: 'leftovers-removed', database: job.id.name, files })
}

async function earlierArchives(job: BackupJob, run: BackupRun): Promise<readonly ArchiveEntry[]> {
  const { backupDir, timeZone } = run.context.configuration.settings
  const { entries } = await readCatalog(backupDir, { timeZone, stems: new Set([job.id.stem]) })
  return entries
}

/** Fails before dumping when the archive would hardly fit. */
async function checkSpace(run: BackupRun, previous: ArchiveEntry | null): Promise<void> {
  if (previous === null) return
  const { backupDir } = run.context.configuration.settings
  const { freeBytes } = await volumeSpace(backupDir)
  requireSpace(backupDir, freeBytes, previous.bytes)
}

/** Only a lost connection is worth another try: the whole dump again, from a fresh snapshot. */
async function takeWithRetries(cycle: BackupCycle, signal: AbortSignal): Promise<TakenArchive> {
  const { clock, configuration } = cycle.run.context
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await takeArchive(cycle, signal)
    } catch (error) {
      const isLost = error instanceof OperatorError && error.kind === 'connection'
      if (!isLost || attempt >= configuration.settings.dumpRetries) throw error
      const waitMs = RETRY_WAITS_MS[attempt] ?? RETRY_WAITS_MS.at(-1) ?? 0
      reportRetry(cycle, error, waitMs)
      await clock.sleep(waitMs, signal)
    }
  }
}

function reportRetry({ job, run }: BackupCycle, error: OperatorError, waitMs: number): void {
  const database = job.id.name
  run.context.log.warn('connection-lost', { database, lines: logLinesOf(error) })
  run.report({ type: 'database-retried', database, failure: failureOf(error), waitSeconds: waitMs / 1000 })
}

function summaryOf(
  job: BackupJob,
  taken: TakenArchive,
  previous: ArchiveEntry | null,
): Pick<Done, 'archive' | 'rawBytes' | 'storedBytes' | 'previousBytes' | 'counts' | 'keptByRestores' | 'alarm'> {
  const { manifest, judged } = taken
  return {
    archive: pathBelowVolume({ folder: job.folder, name: manifest.archive }),
    rawBytes: manifest.rawBytes,
    storedBytes: manifest.storedBytes,
    previousBytes: previous?.bytes ?? null,
    counts: taken.counts,
    ...(taken.kept?.length === 0 ? {} : { keptByRestores: taken.kept }),
    ...(judged.alarm === null ? {} : { alarm: { ...judged.alarm, isNew: judged.isNew } }),
  }
}
