import type { PartSource } from '../../../archive/write-archive.ts'
import type { Manifest } from '../../../catalog/manifest.ts'
import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { Count, KeptDatabase } from '../../../events.ts'
import type { CountedTable } from '../../counted-table.ts'
import type { SourceContext } from '../../source-context.ts'
import { type ClientTools, chooseClientTools } from '../client-tools/client-tools.ts'
import { applicationNameOf } from '../connection/application-name.ts'
import { type PostgresContent, postgresTables } from '../content.ts'
import type { DatabaseFacts } from '../database/database-facts.ts'
import { databasePart } from '../database/database-part.ts'
import { countsOf, sizeOfDump } from '../fingerprint/dump-size.ts'
import { assertReadable } from '../inspect/inspect.ts'
import { inspectConfigured } from '../inspect/inspect-configured.ts'
import type { RolesReading } from '../roles/read-server-roles.ts'
import { keptDatabases } from '../swap/kept-databases.ts'
import { type DumpResult, fingerprintedDump } from './fingerprinted-dump.ts'
import type { RolesReader } from './roles-reader.ts'

/** The database whose bytes are taken, and what the captures of one run share. */
export interface CaptureInput {
  readonly target: DatabaseTarget
  readonly stem: string
  readonly context: SourceContext
  readonly clientTools: readonly ClientTools[]
  readonly readRoles: RolesReader
  /** How many bytes of the dump have passed. */
  onBytes(bytes: number): void
}

/** A database that was looked at, and is dumped as its parts are read. */
export interface Capture {
  /** Of the database, uncompressed and with its indexes. */
  readonly sizeBytes: number
  /** In order; each is read once, and one that is read to its end is whole, or throws. */
  readonly parts: readonly PartSource[]
  /** After the last byte. */
  result(): Captured
}

/** What is known of an archive's content. */
export interface Captured {
  readonly content: PostgresContent
  /** Of the parts that may be less than complete. */
  readonly status: Readonly<Record<string, Manifest['parts'][number]['status']>>
  readonly counts: readonly Count[]
  readonly tables: readonly CountedTable[]
  readonly omitted: Manifest['omitted']
  readonly notes: readonly string[]
  /** What restores have kept beside it; null where the server does not say. */
  readonly kept: readonly KeptDatabase[] | null
  /** What a person should know of it, though it is good. */
  readonly warnings: readonly string[]
}

/**
 * Looks at a database, chooses the tools for it and reads the roles of its server; nothing is dumped before the parts are
 * read. Rejects with an OperatorError where it can't be dumped, or with the signal's reason.
 */
export async function captureDatabase(input: CaptureInput, signal: AbortSignal): Promise<Capture> {
  const { target, stem, context, clientTools, readRoles } = input
  const { env, runId } = context
  const applicationName = applicationNameOf(`backup-container ${runId} ${stem}`)
  const facts = await inspectConfigured(target, { env, applicationName }, signal)
  assertReadable(facts)
  const { tools, newer } = chooseClientTools(clientTools, facts.server.major)
  const roles = await readRoles(target, tools, signal)
  const dump = fingerprintedDump({ ...input, facts, tools, applicationName }, signal)
  return {
    sizeBytes: facts.database.sizeBytes,
    parts: [
      { part: 'roles', bytes: Buffer.from(roles.text) },
      { part: 'dump', bytes: dump.bytes },
      { part: 'database', bytes: Buffer.from(databasePart(facts)) },
    ],
    result: () => ({
      ...capturedOf({ facts, roles, dump: dump.result(), tools, newer }),
      kept: facts.kept === null ? null : keptDatabases(facts.kept, context.configuration),
    }),
  }
}

interface Taken {
  readonly facts: DatabaseFacts
  readonly roles: RolesReading
  readonly dump: DumpResult
  readonly tools: ClientTools
  /** The tools are not of the server's own major. */
  readonly newer: boolean
}

function capturedOf({ facts, roles, dump, tools, newer }: Taken): Omit<Captured, 'kept'> {
  const { database, server } = facts
  const { fingerprint, omitted } = dump
  const newerNotes = newer ? [newerToolsNote(tools.version, server.version)] : []
  return {
    content: {
      database,
      ...(roles.roles === null ? {} : { roles: roles.roles }),
      server: { version: server.version },
      tools: { pgDump: tools.version },
      fingerprint,
    },
    status: { roles: roles.status },
    counts: countsOf(sizeOfDump(fingerprint)),
    tables: postgresTables({ fingerprint }),
    omitted,
    notes: [...facts.notes, ...newerNotes, ...roles.notes, ...dump.notes],
    warnings: [
      ...newerNotes,
      ...(fingerprint.tables.length === 0 ? ['the database has no tables: is it the right one?'] : []),
      ...omitted.map(item => item.text),
    ],
  }
}

function newerToolsNote(toolsVersion: string, serverVersion: string): string {
  return `pg_dump ${toolsVersion} dumped a server of version ${serverVersion}; tools of its own version are preferred`
}
