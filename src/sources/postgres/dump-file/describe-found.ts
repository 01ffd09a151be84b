import { hashArchiveFile } from '../../../archive/check-archive-file.ts'
import type { ArchiveEntry } from '../../../catalog/catalog.ts'
import { MANIFEST_VERSION } from '../../../catalog/manifest-rules.ts'
import { tierFields } from '../../../catalog/naming/archive-folder.ts'
import type { DatabaseSpec } from '../../../config/database-spec.ts'
import { OperatorError } from '../../../errors.ts'
import { programVersion } from '../../../system/program-version.ts'
import { isoWithOffset } from '../../../system/time-zone.ts'
import type { SourceContext } from '../../source-context.ts'
import type { PostgresManifest } from '../content.ts'
import { DumpInventory, type InventoryResult } from '../fingerprint/inventory.ts'
import { openContent } from './archive-content.ts'
import { type DumpHeader, readDumpHeader } from './dump-header.ts'
import { holdsWholeDump } from './whole-dump.ts'

/** What an archive does not say of the database that it was taken from. */
const UNKNOWN = [
  'finishedAt',
  'database.owner',
  'database.collate',
  'database.ctype',
  'database.localeProvider',
  'database.settings',
  'database.acl',
  'database.comment',
  'database.connectionLimit',
  'database.tablespaces',
  'database.sizeBytes',
  'tools.compressor',
  'omitted',
]

interface FoundArchive {
  readonly entry: ArchiveEntry
  readonly database: DatabaseSpec
  readonly context: Pick<SourceContext, 'clock' | 'configuration' | 'env'>
}

/**
 * A manifest for an archive of the bash tool, from the archive's own bytes. Throws an OperatorError of kind `incomplete`
 * for one that is no whole dump: a manifest would vouch for it.
 */
export async function describeFound(
  { entry, database, context }: FoundArchive,
  signal: AbortSignal,
): Promise<PostgresManifest> {
  const content = openContent(entry.path, null, { env: context.env })
  const header = await readDumpHeader(content.dump(signal))
  if (header === null) throw notWhole(entry, 'no dump of pg_dump is in it')
  const { inventory, rawBytes } = await takeInventory(content.dump(signal), header)
  const isWhole = inventory.complete || (await holdsWholeDump(entry.path, signal))
  if (!isWhole) throw notWhole(entry, 'the dump in it has no end')
  const file = await hashArchiveFile(entry.path, signal)
  const { timeZone } = context.configuration.settings
  const startedAt = isoWithOffset(entry.takenAt, timeZone)
  return {
    schemaVersion: MANIFEST_VERSION,
    archive: entry.name,
    ...tierFields(entry.tier),
    startedAt,
    finishedAt: startedAt,
    database: databaseOf(database, header, inventory),
    server: { version: header.serverVersion },
    tools: { backupContainer: programVersion(), pgDump: header.pgDumpVersion, compressor: null },
    rawBytes,
    ...file,
    parts: [{ part: 'dump', offset: 0, bytes: file.storedBytes, status: 'complete' }],
    omitted: [],
    notes: ['this manifest was made from the archive itself: what happened to the file before nobody knows'],
    fingerprint: inventory.fingerprint,
    copies: [],
    adopted: { at: isoWithOffset(context.clock.now(), timeZone), unknown: UNKNOWN },
    verifications: [],
  }
}

function databaseOf(
  { host, port, database }: DatabaseSpec,
  header: DumpHeader,
  { statements }: InventoryResult,
): PostgresManifest['database'] {
  const names = [...statements].filter(item => item.kind === 'EXTENSION').map(item => bareName(item.identity))
  return {
    ...{ host, port, name: database, owner: null, encoding: header.clientEncoding, collate: null, ctype: null },
    ...{ settings: [], acl: [], comment: null, connectionLimit: -1, tablespaces: [], sizeBytes: null },
    extensions: [...new Set(names)].map(name => ({ name, version: null })),
  }
}

function bareName(identity: string): string {
  return identity.startsWith('"') ? identity.slice(1, -1).replaceAll('""', '"') : identity
}

async function takeInventory(dump: AsyncIterable<Buffer>, header: DumpHeader) {
  const inventory = new DumpInventory(header)
  let rawBytes = 0
  for await (const chunk of dump) {
    inventory.write(chunk)
    rawBytes += chunk.length
  }
  return { inventory: inventory.end(), rawBytes }
}

function notWhole(entry: ArchiveEntry, found: string): OperatorError {
  return new OperatorError('incomplete', `${entry.name}: ${found}; expected a whole dump`, {
    hint: 'no manifest was written: it is no backup',
  })
}
