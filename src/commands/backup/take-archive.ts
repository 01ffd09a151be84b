import { writeArchive } from '../../archive/write-archive.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { isTightForFirst, volumeSpace } from '../../catalog/space.ts'
import { type Capture, type Captured, captureDatabase } from '../../sources/postgres/capture/capture.ts'
import { programVersion } from '../../system/program-version.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import { formatBytes } from '../../terminal/format.ts'
import { publishArchive, unfinishedPath } from './archive-place.ts'
import type { BackupCycle } from './backup-run.ts'
import { describeArchive } from './describe-archive.ts'
import { type JudgedContent, judgeContent } from './judge-content.ts'

export interface TakenArchive {
  /** Absolute. */
  readonly path: string
  readonly manifest: Manifest
  readonly counts: Captured['counts']
  readonly warnings: readonly string[]
  readonly kept: Captured['kept']
  readonly judged: JudgedContent
}

/** Nobody can mend it but by another volume, so that it is no warning. */
const UNSYNCED =
  "the volume's file system cannot sync folders: if its server or node goes down, it may lose the backup of the last moments"

/**
 * Takes one archive: looks at the database, dumps it under a temporary name, and gives it its final name only when the
 * dump is whole and on the disk and its manifest beside it; the manifest's own name comes last. Rejects with an
 * OperatorError, the signal's reason, or a bug; nothing of it is left then, whole or half.
 */
export async function takeArchive(cycle: BackupCycle, signal: AbortSignal): Promise<TakenArchive> {
  const { job, run, lock } = cycle
  const { clock, configuration } = run.context
  const { settings } = configuration
  const now = (): string => isoWithOffset(clock.now(), settings.timeZone)
  const startedAt = now()

  const onBytes = (bytes: number): void => reportProgress(cycle, bytes)
  const capture = await captureDatabase({ ...run, target: job.target, stem: job.id.stem, onBytes }, signal)
  const spaceWarnings = await warnOfSpace(cycle, capture)
  const path = await unfinishedPath(job, settings)
  const written = await writeArchive({ path, parts: capture.parts, compressor: run.compressor }, signal)

  await lock.check()
  const finishedAt = now()
  const captured = capture.result()
  const judged = await judgeContent(cycle, { captured, written, startedAt })
  const describe = (name: string): Manifest => {
    // From its first moment on the manifest says which copies are wanted.
    const copy = { at: finishedAt, name, bytes: written.storedBytes }
    return describeArchive({
      ...{ name, job, written, captured, startedAt, finishedAt },
      marks: run.marks,
      alarms: judged.fields,
      compressor: run.compressor.name,
      programVersion: programVersion(),
      copies: settings.wantedCopies.map(destination => ({ destination, state: 'waiting', ...copy })),
    })
  }
  const { isNameSynced, ...published } = await publishArchive(path, { job, place: settings, describe })
  if (!isNameSynced) run.note(UNSYNCED)
  for (const text of captured.warnings) warn(cycle, text)
  const { counts, kept } = captured
  return { ...published, counts, kept, judged, warnings: [...spaceWarnings, ...captured.warnings] }
}

function reportProgress({ job, run, previous, startedMs }: BackupCycle, rawBytes: number): void {
  run.report({
    type: 'database-progress',
    database: job.id.name,
    rawBytes,
    previousRawBytes: previous?.manifest?.rawBytes ?? null,
    seconds: (run.context.clock.monotonicMs() - startedMs) / 1000,
  })
}

/** What a person should know about an archive that is good nevertheless. */
function warn({ job, run }: BackupCycle, text: string): void {
  run.report({ type: 'database-warning', database: job.id.name, text })
}

/** Before the dump begins, so that somebody may still make room. */
async function warnOfSpace(cycle: BackupCycle, { sizeBytes }: Pick<Capture, 'sizeBytes'>): Promise<readonly string[]> {
  if (cycle.previous !== null) return []
  const { freeBytes } = await volumeSpace(cycle.run.context.configuration.settings.backupDir)
  if (!isTightForFirst(freeBytes, sizeBytes)) return []
  const text = `a first backup: ${formatBytes(freeBytes)} are free on the volume, less than half of the database's ${formatBytes(sizeBytes)}`
  warn(cycle, text)
  return [text]
}
