import { OperatorError } from '../../../errors.ts'
import { connect } from '../connection/connection.ts'
import { LOADER_PREFIX } from '../made/loader-role.ts'
import type { TargetState } from './target-state.ts'

const LOGINS = 'SELECT rolname AS name FROM pg_catalog.pg_roles WHERE rolcanlogin ORDER BY 1'

/** Names of roles are kept in the encoding of whichever database they were made in: such a name can't be told, and no harm is done. */
const ENCODING_ERRORS = new Set(['22021', '22P05'])

/** A text for each role that may log in and was not there before: without a password it can't yet. */
export async function loginsWithoutPassword(
  { maintenance, connect: options, survey }: Pick<TargetState, 'maintenance' | 'connect' | 'survey'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using admin = await connect(maintenance, options, signal)
  const rows = await admin.query<{ name: string }>(LOGINS).catch((error: unknown) => {
    if (error instanceof OperatorError && ENCODING_ERRORS.has(error.sqlstate ?? '')) return []
    throw error
  })
  const text = 'it was made without a password, which no archive holds: give it one before it can log in'
  return rows
    .map(row => row.name)
    .filter(name => !survey.roles.has(name) && !name.startsWith(LOADER_PREFIX))
    .map(name => `role ${name}: ${text}`)
}
