import type { DatabaseTarget } from '../../config/database-target.ts'
import { failureOf, failureText } from '../../errors.ts'
import { type Connection, type ConnectOptions, connect } from '../../postgres/connection.ts'
import type { DatabaseShape } from '../../postgres/database-shape.ts'
import { copyableIdentifier } from '../../postgres/quote.ts'
import {
  createLoader,
  createSideDatabase,
  dropDatabase,
  dropRole,
  dropSubscriptions,
  type Loader,
} from '../../postgres/side-database.ts'
import type { Clock } from '../../system/clock.ts'

/** A database that is being made beside the live one. Disposed of before `keep`, it is dropped with its loader. */
export interface Side extends AsyncDisposable {
  readonly name: string
  readonly oid: number
  /** Whom the archive is loaded as; null where that is the admin, who is no superuser. */
  readonly loader: Loader | null
  /** The loader has done its work and owns nothing any more. */
  dropLoader(signal: AbortSignal): Promise<void>
  /** From here on it stays, whatever happens. */
  keep(): void
}

export interface SideInput {
  readonly maintenance: DatabaseTarget
  readonly connect: ConnectOptions
  readonly clock: Clock
  readonly name: string
  readonly shape: DatabaseShape
  /** Where its files are to be; null is the server's default. */
  readonly tablespace: string | null
  /** A superuser must not load an archive himself: a table's owner could run code as him. */
  readonly withLoader: boolean
  /** Called with the statements that remove what could not be removed here. */
  onLeftBehind(statements: readonly string[], reason: string): void
}

/** Makes an empty database and, where wanted, its loader, who owns it. Throws an OperatorError and leaves nothing then. */
export async function makeSide(input: SideInput, signal: AbortSignal): Promise<Side> {
  const made: Made = { loader: null, isTemporary: true }
  try {
    await using admin = await connect(input.maintenance, input.connect, signal)
    if (input.withLoader) made.loader = await createLoader(admin)
    const owner = made.loader?.name ?? input.maintenance.user
    await createSideDatabase(admin, { name: input.name, owner, shape: input.shape, tablespace: input.tablespace })
    return sideOf(input, made, await oidOf(admin, input.name))
  } catch (error) {
    await remove(input, made)
    throw error
  }
}

interface Made {
  loader: Loader | null
  isTemporary: boolean
}

function sideOf(input: SideInput, made: Made, oid: number): Side {
  return {
    name: input.name,
    oid,
    loader: made.loader,
    async dropLoader(signal) {
      if (made.loader === null) return
      await using admin = await connect(input.maintenance, input.connect, signal)
      await dropRole(admin, made.loader.name)
      made.loader = null
    },
    keep() {
      made.isTemporary = false
    },
    async [Symbol.asyncDispose]() {
      if (made.isTemporary) await remove(input, made)
    },
  }
}

async function oidOf(admin: Connection, name: string): Promise<number> {
  const rows = await admin.query<{ oid: string }>('SELECT oid::text FROM pg_catalog.pg_database WHERE datname = $1', [
    name,
  ])
  return Number(rows[0]?.oid)
}

const REMOVE_WITHIN_MS = 30_000

/** Never throws. Not by the run's signal: after an interruption too the server is left as it was found. */
async function remove(input: SideInput, made: Made): Promise<void> {
  made.isTemporary = false
  const limit = AbortSignal.timeout(REMOVE_WITHIN_MS)
  try {
    await using admin = await connect(input.maintenance, input.connect, limit)
    await endOwnSessions(admin, input.clock, limit)
    if (await exists(admin, input.name)) await withoutSubscriptions(input, limit)
    await dropDatabase(admin, input.name)
    if (made.loader !== null) await dropRole(admin, made.loader.name)
  } catch (error) {
    const role = made.loader === null ? [] : [`DROP ROLE IF EXISTS ${copyableIdentifier(made.loader.name)};`]
    input.onLeftBehind(
      [`DROP DATABASE IF EXISTS ${copyableIdentifier(input.name)};`, ...role],
      failureText(failureOf(error)),
    )
  }
}

/** PostgreSQL drops no database that has one. Those of an archive are loaded unconnected, so that no publisher knows. */
async function withoutSubscriptions(input: SideInput, signal: AbortSignal): Promise<void> {
  await using inside = await connect({ ...input.maintenance, database: input.name }, input.connect, signal)
  await dropSubscriptions(inside)
}

async function exists(admin: Connection, name: string): Promise<boolean> {
  return (await admin.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [name])).length > 0
}

/** A statement of ours that was cut off goes on in the server, CREATE DATABASE among them: it would come after the drop. */
async function endOwnSessions(admin: Connection, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const others = await admin.query(
      `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
       WHERE pid <> pg_catalog.pg_backend_pid() AND application_name = pg_catalog.current_setting('application_name')
         AND (usename = current_user OR pg_catalog.current_setting('is_superuser') = 'on')`,
    )
    if (others.length === 0) return
    await clock.sleep(100, signal)
  }
}
