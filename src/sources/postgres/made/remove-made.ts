import type { DatabaseTarget } from '../../../config/database-target.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { dropDatabase, dropSubscriptions, hasSubscriptions, nameOfDatabase } from './drop-database.ts'
import { dropRole, shutRole } from './loader-role.ts'
import type { MadeThing } from './made-things.ts'

/** Who removes, and how databases of the server are reached. */
export interface Remover {
  /** A session in the maintenance database. */
  readonly admin: Connection
  readonly maintenance: DatabaseTarget
  readonly connect: ConnectOptions
}

/**
 * Removes what a restore has made, by its OID, or does nothing where that is gone. Rejects with an OperatorError; a role
 * that still owns something then stays, and can't log in any more.
 */
export async function removeMade(
  thing: Pick<MadeThing, 'kind' | 'oid'>,
  remover: Remover,
  signal: AbortSignal,
): Promise<void> {
  if (thing.kind === 'role') {
    await shutRole(remover.admin, thing.oid)
    await endSessionsOf(remover.admin, thing.oid)
    await dropRole(remover.admin, thing.oid)
    return
  }
  if (await hasSubscriptions(remover.admin, thing.oid)) await withoutSubscriptions(thing.oid, remover, signal)
  await dropDatabase(remover.admin, thing.oid)
}

/** PostgreSQL drops no database that has one. Those of an archive are loaded unconnected, so that no publisher knows. */
async function withoutSubscriptions(oid: number, remover: Remover, signal: AbortSignal): Promise<void> {
  const database = await nameOfDatabase(remover.admin, oid)
  if (database === null) return
  await using inside = await connect({ ...remover.maintenance, database }, remover.connect, signal)
  await dropSubscriptions(inside, oid)
}

async function endSessionsOf(admin: Connection, role: number): Promise<void> {
  await admin.query(
    'SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usesysid = $1',
    [role],
  )
}
