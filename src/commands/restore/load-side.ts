import { availableParallelism } from 'node:os'
import { type ArchiveContent, openArchive } from '../../archive/read-archive.ts'
import type { DatabaseTarget } from '../../config/database-target.ts'
import { OperatorError } from '../../errors.ts'
import { type ConnectOptions, connect } from '../../postgres/connection.ts'
import { type LoadReport, loadDump } from '../../postgres/load/load-dump.ts'
import type { SuperuserPolicy } from '../../postgres/load/superuser-objects.ts'
import { LOADER_PREFIX } from '../../postgres/loader-role.ts'
import { moneyParameters } from '../../postgres/session-parameters.ts'
import { DumpInventory, type InventoryResult } from '../../proof/inventory.ts'
import type { RestoreSource } from './restore-source.ts'
import type { Side } from './side.ts'

/** More sessions than this gain nothing: they build indexes on the same disk. */
const MOST_JOBS = 4

export interface LoadSideInput {
  readonly source: Pick<RestoreSource, 'entry' | 'manifest'>
  readonly content: ArchiveContent
  readonly side: Pick<Side, 'loader'>
  /** The admin's access to the side database. */
  readonly admin: DatabaseTarget
  readonly connect: ConnectOptions
  readonly data: 'with-rows' | 'statements-only'
  readonly ignoreErrors: boolean
  readonly superuserObjects: SuperuserPolicy
  /** Bytes of the dump so far. */
  onProgress?(step: 'loading' | 'indexes' | 'rest', bytes: number): void
}

/** What was loaded, and the inventory of the text that it was loaded from. */
export interface LoadedSide {
  readonly report: LoadReport
  readonly inventory: InventoryResult
}

/** Everything that is in an archive, by its manifest where it has one. */
export function contentOf(
  { entry, manifest }: Pick<RestoreSource, 'entry' | 'manifest'>,
  env: Readonly<Record<string, string | undefined>>,
): ArchiveContent {
  return openArchive(entry.path, manifest?.parts ?? null, { env })
}

const NEW_LOGINS = 'SELECT rolname AS name FROM pg_catalog.pg_roles WHERE rolcanlogin ORDER BY 1'

/** Names of roles are kept in the encoding of whichever database they were made in: such a name can't be told, and no harm is done. */
const ENCODING_ERRORS = new Set(['22021', '22P05'])

/** The roles that may log in and were not there before. No archive holds passwords, so that they can't yet. */
export async function newLogins(
  given: { readonly admin: DatabaseTarget; readonly connect: ConnectOptions; readonly before: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using admin = await connect(given.admin, given.connect, signal)
  const rows = await admin.query<{ name: string }>(NEW_LOGINS).catch((error: unknown) => {
    if (error instanceof OperatorError && ENCODING_ERRORS.has(error.sqlstate ?? '')) return []
    throw error
  })
  return rows.map(row => row.name).filter(name => !given.before.has(name) && !name.startsWith(LOADER_PREFIX))
}

function moneyOf({ source }: Pick<LoadSideInput, 'source'>): Readonly<Record<string, string>> {
  return moneyParameters(source.manifest?.fingerprint.session ?? {})
}

/** Loads the dump of an archive into the side database. Rejects at the first error that is not to be ignored. */
export async function loadSide(input: LoadSideInput, signal: AbortSignal): Promise<LoadedSide> {
  const clientEncoding = input.source.manifest?.fingerprint.session.clientEncoding ?? null
  const inventory = new DumpInventory({ clientEncoding: clientEncoding ?? 'UTF8' })
  const loader = input.side.loader
  let bytes = 0
  const report = await loadDump(
    {
      admin: input.admin,
      loader: loader === null ? input.admin : { ...input.admin, user: loader.name, password: loader.password },
      connect: { ...input.connect, parameters: { ...input.connect.parameters, ...moneyOf(input) } },
      dump: input.content.dump(signal),
      clientEncoding,
      data: input.data,
      ignoreErrors: input.ignoreErrors,
      jobs: Math.min(MOST_JOBS, Math.max(2, availableParallelism())),
      missingRoles: 'skip',
      superuserObjects: input.superuserObjects,
      observe(chunk) {
        inventory.write(chunk)
        bytes += chunk.length
        input.onProgress?.('loading', bytes)
      },
      onStep: step => input.onProgress?.(step, bytes),
    },
    signal,
  )
  return { report, inventory: inventory.end() }
}
