import type { Remark } from '../../../events.ts'
import type { Memory } from '../../../system/memory.ts'
import { connect } from '../connection/connection.ts'
import type { PostgresManifest } from '../content.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { memoryRemark } from '../fingerprint/memory-remark.ts'
import { tooLongRow } from '../fingerprint/row-memory.ts'
import type { DatabaseShape } from '../made/database-shape.ts'
import { lackingFor, missingLibraries } from '../scratch/capabilities.ts'
import { type Need, needOf } from '../scratch/needs.ts'
import { requireScratchSpace } from '../scratch/scratch-place.ts'
import { DumpScanner } from '../sql/dump-scanner.ts'
import type { Scratch } from './scratch-servers.ts'

/** Indexes are built beside their sort files, and the catalogs of an empty database come on top. */
const SPACE_FACTOR = 1.25
/** How much larger a database is than its compressed dump, where nobody knows its size. */
const SIZE_OF_ARCHIVE = 8
/** All that `needOf` looks at. */
const HEAD_BYTES = 1024

/**
 * Throws an OperatorError of kind `space` unless the database will fit into VERIFICATION_DIR, by its size when it was
 * dumped, else by that of the archive.
 */
export async function requireSpaceForProof(
  manifest: Pick<PostgresManifest, 'database' | 'storedBytes'> | null,
  given: { readonly archiveBytes: number; readonly folder: string },
): Promise<void> {
  const size = manifest?.database.sizeBytes ?? given.archiveBytes * SIZE_OF_ARCHIVE
  await requireScratchSpace(given.folder, Math.ceil(size * SPACE_FACTOR))
}

/** A row that needs more memory than there is, which would end in a process that is killed; null where none does. */
export function memoryObstacle(
  manifest: Pick<PostgresManifest, 'fingerprint'> | null,
  memory: Memory | null,
): Remark | null {
  const found = tooLongRow(manifest?.fingerprint.tables ?? [], 'server and pg_dump', memory?.bytes ?? null)
  return found === null || memory === null ? null : memoryRemark(found, memory)
}

/** What the manifest says that is needed, and the scratch server lacks: each with what to install. */
export function findObstacles(
  { capabilities }: Pick<Scratch, 'capabilities'>,
  given: { readonly shape: DatabaseShape; readonly manifest: PostgresManifest | null },
): readonly Remark[] {
  const extensions = given.manifest?.database.extensions ?? []
  const needs = extensions.map(({ name }): Need => ({ kind: 'extension', name }))
  return lackingFor(capabilities, given.shape, needs)
}

/**
 * The same of all that the statements of a dump need: languages, collations, label providers, libraries. It reads the
 * whole dump, which is worth it only when it did not load.
 */
export async function findObstaclesInDump(
  { server, capabilities }: Scratch,
  content: ArchiveContent,
  signal: AbortSignal,
): Promise<readonly Remark[]> {
  const needs = await needsOf(content.dump(signal))
  const options = { env: server.env, applicationName: 'backup-container' }
  await using admin = await connect(server.target('postgres'), options, signal)
  return [...lackingFor(capabilities, null, needs), ...(await missingLibraries(admin, needs))]
}

async function needsOf(dump: AsyncIterable<Buffer>): Promise<readonly Need[]> {
  const needs: Need[] = []
  let head = ''
  const scanner = new DumpScanner({
    comment() {},
    metaCommand() {},
    copyStart() {},
    copyData() {},
    copyEnd() {},
    statement(bytes, { first, last }) {
      if (first) head = ''
      if (head.length < HEAD_BYTES) head += bytes.toString('utf8', 0, HEAD_BYTES)
      const need = last ? needOf(head) : null
      if (need !== null) needs.push(need)
    },
  })
  for await (const chunk of dump) scanner.write(chunk)
  scanner.end()
  return needs
}
