import type { WrittenArchive } from '../../archive/write-archive.ts'
import type { CopyRecord } from '../../catalog/copies.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { MANIFEST_VERSION } from '../../catalog/manifest-rules.ts'
import { tierFields } from '../../catalog/naming/archive-folder.ts'
import type { BackupJob } from '../../plan.ts'
import type { Captured } from '../../sources/postgres/capture/capture.ts'
import type { Marks } from './asked-for.ts'

export interface ArchiveDescription {
  readonly name: string
  readonly job: BackupJob
  /** ISO 8601 with offset. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly marks: Marks
  /** What its content gives rise to. */
  readonly alarms: Pick<Manifest, 'alarm' | 'alarmExcept'>
  readonly compressor: string
  readonly programVersion: string
  readonly captured: Captured
  readonly written: WrittenArchive
  /** Those that are wanted. */
  readonly copies: readonly CopyRecord[]
}

/** The manifest of an archive that was just written; nothing was verified yet, and copies wait. */
export function describeArchive(from: ArchiveDescription): Manifest {
  const { written, captured } = from
  const { content, omitted, notes } = captured
  const { fingerprint, ...described } = content
  return {
    schemaVersion: MANIFEST_VERSION,
    archive: from.name,
    ...tierFields(from.job.tier),
    startedAt: from.startedAt,
    finishedAt: from.finishedAt,
    ...from.marks,
    ...from.alarms,
    ...described,
    tools: { backupContainer: from.programVersion, ...content.tools, compressor: from.compressor },
    rawBytes: written.rawBytes,
    storedBytes: written.storedBytes,
    sha256: written.sha256,
    parts: written.parts.map(part => ({ ...part, status: captured.status[part.part] ?? 'complete' })),
    ...{ omitted, notes, fingerprint },
    copies: from.copies,
    verifications: [],
  }
}
