import type { WrittenArchive } from '../../archive/write-archive.ts'
import type { CopyRecord } from '../../catalog/copies.ts'
import { MANIFEST_VERSION, type Manifest } from '../../catalog/manifest.ts'
import type { BackupJob } from '../../plan.ts'
import type { ClientTools } from '../../postgres/client-tools.ts'
import type { DatabaseFacts } from '../../postgres/database-facts.ts'
import type { RolesReading } from '../../postgres/roles.ts'
import type { DumpResult } from './fingerprinted-dump.ts'

export interface ArchiveDescription {
  readonly name: string
  readonly job: BackupJob
  /** ISO 8601 with offset. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly facts: DatabaseFacts
  readonly tools: ClientTools
  readonly newerTools: boolean
  readonly compressor: string
  readonly programVersion: string
  readonly roles: RolesReading
  readonly dump: DumpResult
  readonly written: WrittenArchive
  /** Those that are wanted. */
  readonly copies: readonly CopyRecord[]
}

/** The manifest of an archive that was just written; nothing was verified yet, and copies wait. */
export function describeArchive(from: ArchiveDescription): Manifest {
  const { facts, written, roles, dump } = from
  return {
    schemaVersion: MANIFEST_VERSION,
    archive: from.name,
    tier: from.job.tier,
    startedAt: from.startedAt,
    finishedAt: from.finishedAt,
    database: facts.database,
    ...(roles.roles === null ? {} : { roles: roles.roles }),
    server: { version: facts.server.version },
    tools: { backupContainer: from.programVersion, pgDump: from.tools.version, compressor: from.compressor },
    rawBytes: written.rawBytes,
    storedBytes: written.storedBytes,
    sha256: written.sha256,
    parts: written.parts.map(part => ({ ...part, status: part.part === 'roles' ? roles.status : 'complete' })),
    omitted: dump.omitted,
    notes: [...facts.notes, ...newerNote(from), ...roles.notes, ...dump.notes],
    fingerprint: dump.fingerprint,
    copies: from.copies,
    verifications: [],
  }
}

function newerNote({ newerTools, tools, facts }: ArchiveDescription): readonly string[] {
  return newerTools ? [newerToolsNote(tools.version, facts.server.version)] : []
}

/** What is said, in the manifest and to people, when the client tools are not of the server's own major. */
export function newerToolsNote(toolsVersion: string, serverVersion: string): string {
  return `pg_dump ${toolsVersion} dumped a server of version ${serverVersion}; tools of its own version are preferred`
}
