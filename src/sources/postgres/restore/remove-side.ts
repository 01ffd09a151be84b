import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { Clock } from '../../../system/clock.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { nameOfDatabase } from '../made/drop-database.ts'
import type { Loader } from '../made/loader-role.ts'
import { type MadeThing, readMade } from '../made/made-things.ts'
import type { Marker } from '../made/marker.ts'
import { removeMade } from '../made/remove-made.ts'
import type { TargetLock } from '../made/target-lock.ts'

/** Where a side database is made, and for whom. */
export interface SidePlace {
  readonly maintenance: DatabaseTarget
  readonly connect: ConnectOptions
  readonly clock: Clock
  readonly lock: TargetLock
  /** Of what is made here; its `database` is the name of the database. */
  readonly marker: Marker
}

/** What is known to be made; null where it is not, or where its maker was cut off. */
export interface Made {
  oid: number | null
  loader: Loader | null
}

const REMOVE_WITHIN_MS = 30_000

/**
 * Removes what was made for a side database, and nothing else that has its name by now. Not by the run's signal: after an
 * interruption too the server is left as it was found. Rejects with an OperatorError.
 */
export async function removeSide(input: SidePlace, made: Made): Promise<void> {
  const { maintenance, clock, lock } = input
  const limit = AbortSignal.timeout(REMOVE_WITHIN_MS)
  await using admin = await connect(maintenance, input.connect, limit)
  await endOwnStatements(admin, { clock, lockProcessId: lock.processId }, limit)
  const remover = { admin, maintenance, connect: input.connect }
  for (const thing of await ownThings(admin, input, made)) await removeMade(thing, remover, limit)
}

/** The database before the role, which owns it. */
async function ownThings(
  admin: Connection,
  { marker }: SidePlace,
  made: Made,
): Promise<readonly Pick<MadeThing, 'kind' | 'oid'>[]> {
  const marked = await readMade(admin, marker.target)
  const databases = made.oid === null ? marked.filter(thing => wasCutOff(thing, 'database', marker)) : []
  const roles = made.loader === null ? marked.filter(thing => wasCutOff(thing, 'role', marker)) : []
  return [
    ...(made.oid !== null && (await isBesideLive(admin, made.oid, marker.target))
      ? [{ kind: 'database', oid: made.oid } as const]
      : databases),
    ...(made.loader === null ? roles : [{ kind: 'role', oid: made.loader.oid } as const]),
  ]
}

/** It was made, but the answer that said so did not come. */
function wasCutOff(thing: MadeThing, kind: MadeThing['kind'], { run, database }: Marker): boolean {
  if (thing.kind !== kind) return false
  // Whoever owns a database can write the mark on it.
  if (kind === 'database' && thing.name !== database) return false
  if (thing.marker === null) return kind === 'database'
  return thing.marker.state === 'loading' && thing.marker.run === run && thing.marker.database === database
}

/** Somebody may have given it the live name by hand. */
async function isBesideLive(admin: Connection, oid: number, target: string): Promise<boolean> {
  return (await nameOfDatabase(admin, oid)) !== target
}

/**
 * A statement of ours that was cut off goes on in the server, CREATE DATABASE among them: it would come after the drop.
 * The session that holds the lock only loses its statement, so that nobody else begins before this is done.
 */
async function endOwnStatements(
  admin: Connection,
  { clock, lockProcessId }: { readonly clock: Clock; readonly lockProcessId: number | null },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const others = await admin.query(
      `SELECT CASE WHEN pid = $1 THEN pg_catalog.pg_cancel_backend(pid) ELSE pg_catalog.pg_terminate_backend(pid) END
       FROM pg_catalog.pg_stat_activity
       WHERE pid <> pg_catalog.pg_backend_pid() AND application_name = pg_catalog.current_setting('application_name')
         AND (usename = current_user OR pg_catalog.current_setting('is_superuser') = 'on')
         AND (pid IS DISTINCT FROM $1 OR state = 'active')`,
      [lockProcessId],
    )
    if (others.length === 0) return
    await clock.sleep(100, signal)
  }
}
