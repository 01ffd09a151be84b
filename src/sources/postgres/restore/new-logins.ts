import type { DatabaseTarget } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { type ConnectOptions, connect } from '../connection/connection.ts'
import { LOADER_PREFIX } from '../made/loader-role.ts'

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
