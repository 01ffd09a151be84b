import { type WrittenArchive, writeArchive } from '../../archive/write-archive.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { isTightForFirst, volumeSpace } from '../../catalog/space.ts'
import { targetName } from '../../config/database-target.ts'
import { applicationNameOf } from '../../postgres/application-name.ts'
import { chooseClientTools } from '../../postgres/client-tools.ts'
import type { DatabaseFacts } from '../../postgres/database-facts.ts'
import { databasePart } from '../../postgres/database-part.ts'
import { assertReadable } from '../../postgres/inspect.ts'
import type { RolesReading } from '../../postgres/roles.ts'
import { programVersion } from '../../system/program-version.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import { formatBytes } from '../../terminal/format.ts'
import { inspectConfigured } from '../inspect-configured.ts'
import { publishArchive, unfinishedPath } from './archive-place.ts'
import type { BackupCycle, BackupRun } from './backup-run.ts'
import { describeArchive, newerToolsNote } from './describe-archive.ts'
import { type FingerprintedDump, fingerprintedDump } from './fingerprinted-dump.ts'

export interface TakenArchive {
  /** Absolute. */
  readonly path: string
  readonly manifest: Manifest
  readonly warnings: readonly string[]
}

/**
 * Takes one archive: looks at the database, dumps it under a temporary name, and gives it its final name only when the
 * dump is whole and on the disk and its manifest beside it; the manifest's own name comes last. Rejects with an
 * OperatorError, the signal's reason, or a bug; nothing of it is left then, whole or half.
 */
export async function takeArchive(cycle: BackupCycle, signal: AbortSignal): Promise<TakenArchive> {
  const { job, run, lock } = cycle
  const { clock, env, runId, configuration } = run.context
  const { settings } = configuration
  const now = (): string => isoWithOffset(clock.now(), settings.timeZone)
  const startedAt = now()

  const applicationName = applicationNameOf(`backup-container ${runId} ${job.stem}`)
  const facts = await inspectConfigured(job.target, { env, applicationName }, signal)
  assertReadable(facts)
  const spaceWarnings = await warnOfSpace(cycle, facts)
  const { tools, newer } = chooseClientTools(run.clientTools, facts.server.major)
  const roles = await run.readRoles(job, tools, signal)
  const dump = fingerprintedDump({ ...cycle, facts, tools, applicationName }, signal)
  const path = await unfinishedPath(job, settings)
  const written = await write({ path, run, roles, dump, facts }, signal)

  await lock.check()
  const finishedAt = now()
  const describe = (name: string): Manifest => {
    // From its first moment on the manifest says which copies are wanted.
    const copy = { at: finishedAt, name, bytes: written.storedBytes }
    return describeArchive({
      ...{ name, job, facts, tools, roles, written, startedAt },
      newerTools: newer,
      compressor: run.compressor.name,
      programVersion: programVersion(),
      finishedAt,
      copies: settings.destinations.map(({ name: destination }) => ({ destination, state: 'waiting', ...copy })),
      dump: dump.result(),
    })
  }
  const published = await publishArchive(path, { job, place: settings, describe })
  return { ...published, warnings: [...spaceWarnings, ...warningsOf(published.manifest, cycle)] }
}

/** Before the dump begins, so that somebody may still make room. */
async function warnOfSpace(
  { job, run, previous }: BackupCycle,
  { database }: DatabaseFacts,
): Promise<readonly string[]> {
  if (previous !== null) return []
  const { freeBytes } = await volumeSpace(run.context.configuration.settings.backupDir)
  if (!isTightForFirst(freeBytes, database.sizeBytes)) return []
  const text = `a first backup: ${formatBytes(freeBytes)} are free on the volume, less than half of the database's ${formatBytes(database.sizeBytes)}`
  run.report({ type: 'database-warning', database: targetName(job.target), text })
  return [text]
}

interface Writing {
  readonly path: string
  readonly run: BackupRun
  readonly roles: RolesReading
  readonly dump: FingerprintedDump
  readonly facts: DatabaseFacts
}

function write({ path, run, roles, dump, facts }: Writing, signal: AbortSignal): Promise<WrittenArchive> {
  const parts = [
    { part: 'roles', bytes: Buffer.from(roles.text) },
    { part: 'dump', bytes: dump.bytes },
    { part: 'database', bytes: Buffer.from(databasePart(facts)) },
  ] as const
  return writeArchive({ path, parts, compressor: run.compressor }, signal)
}

/** What a person should know about an archive that is good nevertheless. */
function warningsOf(manifest: Manifest, { job, run }: BackupCycle): readonly string[] {
  const { server, tools, omitted, fingerprint } = manifest
  const newer = Number.parseInt(tools.pgDump, 10) > Number.parseInt(server.version, 10)
  const warnings = [
    ...(newer ? [newerToolsNote(tools.pgDump, server.version)] : []),
    ...(fingerprint.tables.length === 0 ? ['the database has no tables: is it the right one?'] : []),
    ...omitted.map(item => item.text),
  ]
  for (const text of warnings) run.report({ type: 'database-warning', database: targetName(job.target), text })
  return warnings
}
