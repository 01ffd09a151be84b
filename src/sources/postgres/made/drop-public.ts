import type { DatabaseTarget } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { type ConnectOptions, connect } from '../connection/connection.ts'

/**
 * Drops the schema public of a database that was just made, before anything of an archive is in it. Where the admin may
 * not, before PostgreSQL 15 only a superuser, it stays: who compares the facts of the database sees it.
 */
export async function dropPublic(admin: DatabaseTarget, options: ConnectOptions, signal: AbortSignal): Promise<void> {
  await using inside = await connect(admin, options, signal)
  await inside.query('DROP SCHEMA IF EXISTS public').catch((error: unknown) => {
    if (!(error instanceof OperatorError) || error.sqlstate !== '42501') throw error
  })
}
